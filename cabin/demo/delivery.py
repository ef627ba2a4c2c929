"""One delivered file: what it holds as a query, and how it is written in its department's format.

A row becomes one line of text inside DuckDB; the bytes of those lines are the file, so no row passes through Python.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Literal

import duckdb
import numpy as np
import pyarrow as pa

from cabin.demo.xlsx import Sheet, write_xlsx

Format = Literal["csv", "jsonl", "xlsx"]
Mode = Literal["snapshot", "increment", "correction", "withdrawal"]
BATCH_ROWS = 100_000


@dataclass(frozen=True, slots=True)
class Plan:
    """A file to be written. `rows` is a select whose column names are the file's headers, in file order; null cells stay blank.

    `sent` orders the deliveries (default: the moment); `sheet` says how an XLSX looks.
    """

    feed: str
    mode: Mode
    moment: datetime
    rows: str
    area: str | None = None
    format: Format = "csv"
    encoding: str = "utf-8"
    sent: datetime | None = None
    sheet: Sheet = field(default_factory=Sheet)

    @property
    def order(self) -> tuple[datetime, str, str]:
        return self.sent or self.moment, self.feed, self.area or ""


def write(con: duckdb.DuckDBPyConnection, plan: Plan, path: Path) -> int:
    """Writes the file and returns its data rows (title, header and total rows are not counted)."""
    if plan.format == "xlsx":
        return write_xlsx(path, con, plan.rows, plan.sheet)
    relation = con.sql(plan.rows)
    headers = relation.columns
    with path.open("wb") as file:
        if plan.format == "csv":
            file.write((("\ufeff" if plan.encoding == "utf-8-sig" else "") + ",".join(headers) + "\r\n").encode(plan.encoding.removesuffix("-sig")))
        line = csv_line_sql(headers) if plan.format == "csv" else json_line_sql(headers, [str(kind) for kind in relation.types])
        return sum(_write_lines(file, lines, plan.encoding) for lines in batches(con, f"select {line} as line from ({plan.rows})"))


def csv_line_sql(headers: list[str]) -> str:
    """A line of the cells with its line end. The demo's values hold no comma, quote or line end."""
    return " || ',' || ".join(f"coalesce(\"{header}\"::varchar, '')" for header in headers) + " || chr(13) || chr(10)"


def json_line_sql(headers: list[str], types: list[str]) -> str:
    """A JSON object per line; numbers and booleans stay unquoted, null stays null."""
    cells = [_json_cell(header, kind) for header, kind in zip(headers, types, strict=True)]
    return "'{' || " + " || ', ' || ".join(cells) + " || '}' || chr(10)"


def batches(con: duckdb.DuckDBPyConnection, query: str) -> Iterator[pa.StringArray]:
    """The only column of a query, in the query's order."""
    for batch in con.sql(query).to_arrow_reader(BATCH_ROWS):
        yield batch.column(0)


def text_bytes(texts: pa.StringArray) -> memoryview:
    """The texts of an array without nulls, one behind the other, as they lie in memory."""
    _, offsets, data = texts.buffers()
    ends = np.frombuffer(offsets, dtype=np.int32)[[texts.offset, texts.offset + len(texts)]]
    return memoryview(data)[ends[0] : ends[1]]


def _json_cell(header: str, kind: str) -> str:
    quoted = kind in {"VARCHAR", "DATE"}
    value = f"'\"' || \"{header}\" || '\"'" if quoted else f'"{header}"::varchar'
    return f"'\"{header}\": ' || coalesce({value}, 'null')"


def _write_lines(file: BinaryIO, lines: pa.StringArray, encoding: str) -> int:
    data = text_bytes(lines)
    file.write(data if encoding.startswith("utf-8") else str(data, "utf-8").encode(encoding))
    return len(lines)
