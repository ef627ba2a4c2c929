"""A prepared connection has the tables and options the compiled SQL relies on."""

from __future__ import annotations

import duckdb
import pytest

from contracts import load
from contracts.engine import macros_sql, options_sql, prepare, prepare_golden


@pytest.fixture(scope="module")
def con():
    with duckdb.connect() as con:
        prepare(con, load(), threads=1, memory_limit="500MB")
        yield con


def test_divisions_know_level_and_parent(con):
    """Level and parent follow from the code: 12, 9, 6, 4, 2 digits."""
    rows = con.execute("select code, name, level, parent from divisions where '330302006071' like code || '%' order by code").fetchall()
    assert rows == [
        ("33", "浙江省", "province", None),
        ("3303", "温州市", "city", "33"),
        ("330302", "鹿城区", "county", "3303"),
        ("330302006", "五马街道", "township", "330302"),
        ("330302006071", "八仙楼社区", "village", "330302006"),
    ]


def test_every_code_list_is_a_table(con):
    """`code_<list>` holds the codes with both labels."""
    for name, codes in load().code_lists.items():
        assert con.execute(f'select count(*), count(zh), count(en) from "code_{name}"').fetchone() == (len(codes.labels),) * 3
    assert con.execute("select zh, en from code_sex where code = '2'").fetchone() == ("女", "female")


def test_options_forbid_downloads_and_are_limited(con):
    """No extension is fetched behind our back; threads and memory are as asked."""
    names = ("autoinstall_known_extensions", "autoload_known_extensions", "preserve_insertion_order", "threads")
    assert [con.execute(f"select current_setting('{name}')").fetchone()[0] for name in names] == [False, False, False, 1]
    assert "threads" not in options_sql(None, None)


def test_cursors_see_the_tables(con):
    """Tables and macros live in the database, so a second cursor has them too."""
    assert con.cursor().execute("select count(*) from divisions").fetchone() == (len(load().divisions),)


def test_preparing_again_replaces(con):
    """Preparing twice is the same as once."""
    prepare(con, load())
    assert con.execute("select count(*) from code_sex").fetchone() == (4,)


def test_golden_statements_get_the_macros_they_use_and_no_others():
    """A macro comes with all that its definition uses, in the order of rules.sql; a name that is not defined is left out."""
    rules = (
        "create or replace macro one(a) as a;\ncreate or replace macro two(a) as one(a) || ';';  -- said so\ncreate or replace macro three(a) as\n  two(a);\n"
    )
    assert macros_sql(rules, ["two", "absent"]) == "create or replace macro one(a) as a;\ncreate or replace macro two(a) as one(a) || ';';"
    with duckdb.connect() as con:
        prepare_golden(con, load(), threads=1)
        assert con.execute("select address_silent('330302006071/解放街', '330302006071/解放街/1')").fetchall() == [(True,)]
        assert con.execute("select count(*) from duckdb_functions() where not internal").fetchone()[0] < 10
