"""Compare two snapshots mart by mart, by key: rows that only one has, and rows that both have with the columns in which they differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from contracts.database import connect
from contracts.model import Contracts
from warehouse import compare_sql as sql
from warehouse.compare_sql import Compared
from warehouse.engine import quoted, run
from warehouse.errors import SnapshotUnreadable, UnknownMart
from warehouse.hashes import SHOWN_AGAIN
from warehouse.promises import with_wide

UNKNOWN = "-"


@dataclass(frozen=True, slots=True)
class Cell:
    """A value of a row that both snapshots have and that differs, as texts."""

    column: str
    a: str | None
    b: str | None


@dataclass(frozen=True, slots=True)
class Row:
    """A row that differs: `side` says which snapshot alone has it (a or b), None that both have it, with the cells that differ."""

    key: Mapping[str, str | None]
    side: str | None
    cells: tuple[Cell, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """One mart of two snapshots. `rows_a`, `rows_b`: None where one does not have it. `columns`: of how many changed rows each column differs; `added`, `dropped`: columns
    that only b, only a has. `rows`: the first ones that differ, in key order."""

    mart: str
    key: tuple[str, ...]
    rows_a: int | None
    rows_b: int | None
    only_a: int
    only_b: int
    changed: int
    columns: Mapping[str, int]
    added: tuple[str, ...]
    dropped: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def equal(self) -> bool:
        there = self.rows_a is not None and self.rows_b is not None
        return there and not (self.only_a or self.only_b or self.changed or self.added or self.dropped)


@dataclass(frozen=True, slots=True)
class About:
    """What a snapshot says of itself; `-` where it says nothing."""

    moment: str
    contracts: str
    marts: str


class Comparison:
    """Two snapshot files, attached read-only to an engine of their own."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, contracts: Contracts) -> None:
        self._connection = connection
        self._grains = {name: mart.grain for name, mart in with_wide(contracts).marts.items()}
        self._columns = {side: self._columns_of(side) for side in ("a", "b")}

    @classmethod
    @contextmanager
    def open(cls, a: Path, b: Path, contracts: Contracts, *, spill: Path, memory_mb: int = 1500) -> Iterator[Comparison]:
        """`spill`: a folder for what does not fit into memory. Raises: `SnapshotUnreadable`."""
        with TemporaryDirectory(dir=spill, prefix="compare-") as temporary, connect() as connection:
            for name, value in (("memory_limit", f"{memory_mb}MB"), ("temp_directory", quoted(Path(temporary)))):
                run(connection, f"set {name} = '{value}'")
            for side, path in (("a", a), ("b", b)):
                try:
                    run(connection, f"attach '{quoted(path)}' as {side} (read_only)")
                    run(connection, f"select name, value from {side}.main.about")
                except duckdb.Error as fault:
                    raise SnapshotUnreadable(snapshot=path.name) from fault
            yield cls(connection, contracts)

    def about(self, side: str) -> About:
        told = dict(run(self._connection, f"select name, value from {side}.main.about"))
        return About(*(str(told.get(name, UNKNOWN)) for name in ("moment", "contracts", "marts")))

    def differences(self, chosen: Iterable[str] = (), rows: int = 0) -> Iterator[Difference]:
        """Of each chosen mart or wide table `<kind>_current`, with at most so many rows that differ. None chosen: all that either snapshot has, without views that show
        the cells of others a second time.

        Raises: `UnknownMart`.
        """
        made = {*self._columns["a"], *self._columns["b"]}
        names = list(dict.fromkeys(chosen)) or sorted(name for name in self._grains if name in made - SHOWN_AGAIN)
        for name in names:
            if name not in self._grains or name not in made:
                raise UnknownMart(marts=", ".join(sorted(name for name in self._grains if name in made)))
        return (self._difference(name, rows) for name in names)

    def _columns_of(self, side: str) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for table, column, type_ in run(self._connection, sql.columns_sql(side)):
            found.setdefault(table, {})[column] = type_
        return found

    def _difference(self, name: str, rows: int) -> Difference:
        grain = self._grains[name]
        a, b = (self._columns[side].get(name) for side in ("a", "b"))
        rows_a, rows_b = (self._count(side, name) for side in ("a", "b"))
        if a is None or b is None or not a.keys() & b.keys():
            columns_b, columns_a = (tuple(own) if own and other else () for own, other in ((b, a), (a, b)))
            return Difference(name, grain, rows_a, rows_b, rows_a or 0, rows_b or 0, 0, {}, columns_b, columns_a, ())
        mart = Compared.of(name, grain, a, b)
        repeated = any(run(self._connection, sql.repeated_sql(mart, side)) for side in ("a", "b"))
        run(self._connection, sql.unlike_sql(mart, repeated))
        only_a, only_b, changed = run(self._connection, sql.counts_sql())[0]
        columns = dict(zip(mart.others, run(self._connection, sql.changed_sql(mart))[0], strict=True)) if changed else {}
        added, dropped = (tuple(column for column in own if column not in other) for own, other in ((b, a), (a, b)))
        differing = {column: count for column, count in columns.items() if count}
        return Difference(name, mart.key, rows_a, rows_b, only_a, only_b, changed, differing, added, dropped, self._rows(mart, rows))

    def _count(self, side: str, name: str) -> int | None:
        return int(run(self._connection, f'select count(*) from {side}.main."{name}"')[0][0]) if name in self._columns[side] else None

    def _rows(self, mart: Compared, rows: int) -> tuple[Row, ...]:
        if not rows:
            return ()
        run(self._connection, sql.chosen_sql(mart, rows))
        found = [Row(dict(zip(mart.key, key, strict=True)), side) for key, side in run(self._connection, sql.lonely_sql(mart))]
        if mart.others:
            cells = run(self._connection, sql.cells_sql(mart))
            found += [Row(dict(zip(mart.key, key, strict=True)), None, tuple(Cell(**cell) for cell in differing)) for key, differing in cells]
        return tuple(sorted(found, key=lambda row: [(value is not None, value or "") for value in row.key.values()]))
