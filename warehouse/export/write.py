"""The tables of an export onto the disk: Parquet files, and the Delta log over them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from warehouse.engine import quoted as quoted_path
from warehouse.engine import run
from warehouse.errors import HistoryFileFault, TypeNotExported
from warehouse.export.delta import FIRST, LOG, Data, commit
from warehouse.export.lineage import Made
from warehouse.export.tables import Exported
from warehouse.files import UNFINISHED, Files
from warehouse.history import Cut, Reading
from warehouse.history.layout import history_tables, quoted
from warehouse.history.manifest import File
from warehouse.history.parquet import digest_of


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes into one unfinished export. Everything is on disk when a method returns."""

    place: Path
    files: Files
    at: datetime

    def mart(self, connection: duckdb.DuckDBPyConnection, table: Exported) -> Made:
        """A table or view of the connection's database, streamed by the engine into one file. Raises: `TypeNotExported`."""
        lossy = next((column.type for column in table.promise.columns if "HUGEINT" in column.type), None)
        if lossy is not None:  # the engine would write it as a floating point number
            raise TypeNotExported(table=table.name, type=lossy)
        columns = ", ".join(quoted(column.name) for column in table.promise.columns)
        file = self._copied(connection, table, f"select {columns} from {quoted(table.name)}")
        return self._committed(table, pq.read_schema(self._home(table) / file.name), [file])

    def history(self, connection: duckdb.DuckDBPyConnection, table: Exported, read: Reading) -> Made:
        """A table of history: its files under a second name each; one file without rows where it has none. Raises: `HistoryFileFault`."""
        kept = history_tables(read.contracts)[table.name]
        held = read.manifest.of(table.name)
        rows = read.select(kept, Cut())  # looks whether every file is there and as long as it was
        made = [self._linked(table, read.folder, file) for file in held] or [self._copied(connection, table, rows)]
        return self._committed(table, kept.schema, made)

    def text(self, name: str, text: str) -> None:
        """A file beside the tables."""
        self.files.write(self.place / name, text)
        self.files.sync(self.place / name)

    def _copied(self, connection: duckdb.DuckDBPyConnection, table: Exported, select: str) -> Data:
        written = self._home(table) / f"{table.name}{UNFINISHED}"
        rows = int(run(connection, f"copy ({select}) to '{quoted_path(written)}' (format parquet, compression zstd)")[0][0])
        self.files.sync(written)
        # named by its digest, so that who listed another export's files finds none of them here instead of a mix
        name = f"{digest_of(written)[:20]}.parquet"
        size = written.stat().st_size
        self.files.replace(written, self._home(table) / name)
        return Data(name, rows, size)

    def _linked(self, table: Exported, folder: Path, file: File) -> Data:
        target = self._home(table) / Path(file.path).name
        try:
            self.files.link(folder / file.path, target)
        except FileNotFoundError as error:
            raise HistoryFileFault(file=file.path) from error
        self.files.sync(target)
        return Data(target.name, file.rows, file.bytes, (file.oldest, file.newest))

    def _committed(self, table: Exported, schema: pa.Schema, data: Sequence[Data]) -> Made:
        home = self._home(table)
        (home / LOG).mkdir()
        self.files.write(home / FIRST, commit(table, schema, data, self.at))
        for path in (home / FIRST, home / LOG, home):
            self.files.sync(path)
        return Made(table, tuple(data))

    def _home(self, table: Exported) -> Path:
        home = self.place / table.place
        if not home.exists():
            home.mkdir(parents=True)
            self.files.sync(home.parent)
        return home
