"""Asks the macros of contracts/rules.sql about many values at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb
import pyarrow as pa

TEXTS = (pa.string(), pa.string(), pa.string())
TODAY = "date '2026-11-25'"


class Asker:
    """One engine with the macros; `ask` sends a whole list through one statement."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self._con = con

    def ask(self, expression: str, values: Sequence[Any], types: Sequence[pa.DataType] = TEXTS) -> list[Any]:
        """The expression's value for each x (or each tuple x, y, z), in order."""
        rows = [value if isinstance(value, tuple) else (value,) for value in values]
        if not rows:
            return []
        cells = dict(zip("xyz", zip(*rows, strict=True), strict=False))
        columns = {name: pa.array(column, kind) for (name, column), kind in zip(cells.items(), types, strict=False)}
        self._con.register("asked", pa.table({"nth": pa.array(range(len(rows)), pa.int32()), **columns}))
        return [said for _, said in self._con.execute(f"select nth, {expression} from asked order by nth").fetchall()]

    def one(self, expression: str) -> Any:
        """The value of an expression without columns."""
        return self.ask(expression, [""])[0]
