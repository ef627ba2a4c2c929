"""DuckDB is opened without what it gets wrong, and parses a long statement once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pytest

from contracts.database import LONG, Statements, connect
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


def long(sql: str) -> str:
    """The same statement with a comment that makes it worth holding."""
    return f"{sql} -- {'x' * LONG}"


def test_a_held_statement_is_asked_anew() -> None:
    """A statement parsed once reads what is there when it runs: other rows, a table of another shape, another connection's, and the values it is given."""
    held = Statements()
    text = long("select *, $1 as given from link")
    with connect() as con, connect() as other:
        con.execute("create table link as select 1 as a")
        other.execute("create table link as select 'z' as b, 2 as c")
        one = held.parsed(con, text)
        assert isinstance(one, duckdb.Statement)
        assert held.parsed(other, text) is one
        assert con.execute(one, [7]).fetchall() == [(1, 7)]
        con.execute("insert into link values (5)")
        assert con.execute(one, [8]).fetchall() == [(1, 8), (5, 8)]
        assert other.execute(one, ["v"]).fetchall() == [("z", 2, "v")]
        con.execute("create or replace table link as select true as d, null as e")
        assert con.execute(one, [9]).fetchall() == [(True, None, 9)]


def test_threads_share_held_statements() -> None:
    """Two threads that run one held statement over connections of their own, each a hundred times, get each their own rows."""
    held = Statements()
    text = long("with recursive n as (select 1 as i union all select i + 1 from n where i < 9) select sum(i) * (select factor from mine) from n")

    def ask(factor: int) -> set[int]:
        with connect() as con:
            con.execute(f"create table mine as select {factor} as factor")
            return {con.execute(held.parsed(con, text)).fetchall()[0][0] for _ in range(100)}

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(ask, (1, 10))) == [{45}, {450}]


def test_what_is_not_held() -> None:
    """Short texts and scripts go to DuckDB as they are; a text that is none is refused; and no more characters are held than allowed, the statement asked longest ago going first."""
    held = Statements(2 * len(long("select 1")))
    with connect() as con:
        assert held.parsed(con, "select 1") == "select 1"
        script = long("select 1; select 2")
        assert held.parsed(con, script) == script
        with pytest.raises(duckdb.ParserException):
            held.parsed(con, long("selec 1"))
        first, second, third = (held.parsed(con, long(f"select {number}")) for number in (1, 2, 3))
        assert len(held) == 2
        assert held.parsed(con, long("select 2")) is second
        assert held.parsed(con, long("select 1")) is not first
        assert held.parsed(con, long("select 3")) is not third
        held.clear()
        assert held.parsed(con, long("select 2")) is not second and len(held) == 1
