"""What is true in the demo district: tables in a DuckDB of their own, built once, read by every department.

Tables: village, complex, dwelling, person, business, venue. Their first column is the row number the other tables refer to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from cabin.demo.dice import Dice, Ints
from contracts.database import connect

COUNTY = "330302"
FIRST_DAY = date(2026, 1, 2)
LAST_DAY = date(2026, 11, 20)
MEMORY_LIMIT = "1800MB"


@dataclass(frozen=True, slots=True)
class World:
    """The connection that holds the truth, the dice, and how many people live here."""

    con: duckdb.DuckDBPyConnection
    dice: Dice
    people: int

    @classmethod
    def empty(cls, people: int, seed: int) -> World:
        con = connect(
            ":memory:", config={"threads": 2, "memory_limit": MEMORY_LIMIT, "autoinstall_known_extensions": False, "autoload_known_extensions": False}
        )
        return cls(con, Dice(seed), people)

    def add(self, name: str, columns: Mapping[str, NDArray[Any] | pa.Array]) -> None:
        """Keeps columns of equal length as table `name`; negative whole numbers in columns that end in `_or_none` become null."""
        given = pa.table({column.removesuffix("_or_none"): _arrow(column, values) for column, values in columns.items()})
        self.con.register("given", given)
        self.con.execute(f"create or replace table {name} as select * from given")
        self.con.unregister("given")

    def column(self, table: str, column: str) -> NDArray[Any]:
        """One column in row order."""
        values: NDArray[Any] = self.con.sql(f"select {column} from {table} order by rowid").to_arrow_table().column(0).to_numpy()
        return values

    def count(self, table: str) -> int:
        return int(self.con.sql(f"select count(*) from {table}").fetchall()[0][0])


def days_after(start: date, days: Ints) -> NDArray[np.datetime64]:
    """Dates so many days after `start`; `NaT` for negative numbers."""
    dates = np.datetime64(start, "D") + days.astype("timedelta64[D]")
    dates[days < 0] = np.datetime64("NaT")
    return dates


def day(month: int, of_month: int) -> date:
    """A day of the demo's year."""
    return date(2026, month, of_month)


def offset(moment: date) -> int:
    """Days since the demo's first day."""
    return (moment - FIRST_DAY) // timedelta(days=1)


def _arrow(column: str, values: NDArray[Any] | pa.Array) -> pa.Array:
    if isinstance(values, pa.Array):
        return values
    mask = values < 0 if column.endswith("_or_none") else np.isnat(values) if values.dtype.kind == "M" else None
    return pa.array(values, mask=mask)
