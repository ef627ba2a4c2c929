"""DuckDB is opened without what it gets wrong."""

from __future__ import annotations

from pathlib import Path

import duckdb

from contracts.database import connect
from contracts.planning import QUICK_ROWS, planned_for

ROOT = Path(__file__).parents[2]
TABLES = """create table link as from (values (true, 'a', 'a1', 1::bigint, 1::bigint), (true, 'b', 'a1', 0, 0)) as t (homed, home, village, registered, here);
create table place (entity varchar, kind varchar, parent varchar); create table home as from (values ('a'), ('b')) as t (grid);"""
GRID = "(select parent as village, min(entity) as grid from place where kind = 'grid' group by parent having count(*) = 1)"
SHARE = f"""with links as (
  select case when link.homed then coalesce(homes.grid, link.home, '-') else coalesce(grids.grid, link.village, '-') end as grid, sum(registered) as registered, sum(here) as here
  from link left join {GRID} as homes on homes.village = link.home left join {GRID} as grids on grids.village = link.village group by all
), grids as (select grid from links union select grid from home)
select grids.grid, case when links.registered > 0 then links.here / links.registered end from grids left join links on links.grid = grids.grid where grids.grid = 'a'"""
"""The share of those registered who live here, in one grid, in the shape of the mart `coverage`: 1."""


def share(con: duckdb.DuckDBPyConnection) -> float | None:
    found: float | None = con.execute(SHARE).fetchall()[0][1]
    return found


def test_a_share_is_not_lost() -> None:
    """A sum of a table expression read twice keeps its value: before and after few rows were planned quickly, and for many."""
    with connect() as con:
        con.execute(TABLES)
        assert share(con) == 1
        for rows in (1, QUICK_ROWS + 1):
            with planned_for(con, rows):
                assert share(con) == 1
            assert share(con) == 1


def test_it_would_be_lost() -> None:
    """The control: DuckDB as it comes loses it. Where this fails DuckDB was mended, and `UNSOUND` can go."""
    with duckdb.connect() as con:
        con.execute(TABLES)
        assert share(con) is None


CHILD = "warehouse/ask/child.py"
"""It loads nothing of the contracts, and is told what to leave out."""


def test_nothing_opens_it_otherwise() -> None:
    """No file of ours calls `duckdb.connect` itself but the process that answers typed SQL, which is given the same setting."""
    ours = [path for folder in ("cabin", "contracts", "examples", "quality", "streams", "vault", "warehouse") for path in (ROOT / folder).rglob("*.py")]
    assert sorted(str(path.relative_to(ROOT)) for path in ours if "duckdb.connect(" in path.read_text(encoding="utf-8")) == ["contracts/database.py", CHILD]
    assert '"disabled_optimizers": given["unsound"]' in (ROOT / CHILD).read_text(encoding="utf-8")
