"""Our SQL on its way to Spark, without Spark: what the lint finds and says, how each gap is closed, and how a statement is taken apart. `tests/spark` runs what comes out."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlglot import exp, parse_one

from contracts.read import load
from warehouse.export.tables import exported_history, exported_marts
from warehouse.relations import relations
from warehouse.spark.__main__ import main
from warehouse.spark.allowed import FUNCTIONS, HINTS, OPERATORS, SYNTAX
from warehouse.spark.dialect import read, written
from warehouse.spark.gaps import GAPS, NAMED, closed
from warehouse.spark.lint import Text, linted
from warehouse.spark.macros import Macros
from warehouse.spark.run import needed
from warehouse.spark.steps import GROWN, script
from warehouse.spark.types import spark_type

RULES = """create or replace macro halved(x) as x / 2;
create or replace macro told(i) as case when i.low = i.high then halved(i.low) end;
create or replace macro worded(t) as regexp_replace(t, '[0-9]', '');
"""
CLOSED = {
    exp.Anonymous: ("select list_sum(l)", "SELECT AGGREGATE(l, CAST(NULL AS BIGINT), (sum, part) -> COALESCE(sum + part, sum, part))"),
    exp.ArrayAgg: ("select list(a order by a)", "SELECT NULLIF(ARRAY_SORT(COLLECT_LIST(a)), ARRAY())"),
    exp.Filter: ("select list(a order by a) filter (b)", "SELECT NULLIF(ARRAY_SORT(COLLECT_LIST(a) FILTER(WHERE b)), ARRAY())"),
    exp.ArrayDistinct: ("select list_distinct(l)", "SELECT ARRAY_DISTINCT(ARRAY_COMPACT(l))"),
    exp.ArraySort: ("select list_sort(l)", "SELECT ARRAY_SORT(l)"),
    exp.BitwiseAnd: ("select a | b & c", "SELECT (a | b) & c"),
    exp.BitwiseLeftShift: ("select 1 << a | b", "SELECT (SHIFTLEFT(1, a)) | b"),
    exp.BitwiseOr: ("select a & b | c", "SELECT (a & b) | c"),
    exp.BitwiseRightShift: ("select a >> 3 & b", "SELECT (SHIFTRIGHT(a, 3)) & b"),
    exp.Bracket: ("select l[2], l[n & 7]", "SELECT GET(l, (2) - 1), GET(l, (n & 7) - 1)"),
    exp.DPipe: ("select a & b || c", "SELECT (a & b) || c"),
    exp.DataType: ("select a::timestamp_ms, b::ubigint[]", "SELECT CAST(a AS TIMESTAMP_NTZ), CAST(b AS ARRAY<DECIMAL(20, 0)>)"),
    exp.DateDiff: (
        "select date_diff('minute', a, b)",
        "SELECT CAST(TIMESTAMPDIFF(MINUTE, DATE_TRUNC('MINUTE', a), DATE_TRUNC('MINUTE', b)) AS BIGINT)",
    ),
    exp.Div: ("select a / b", "SELECT CAST(a AS DOUBLE) / CAST(b AS DOUBLE)"),
    exp.Flatten: ("select flatten(l)", "SELECT FLATTEN(FILTER(l, part -> NOT part IS NULL))"),
    exp.FromJson: ("""select from_json(t, '"MAP(VARCHAR, BIGINT)"')""", "SELECT FROM_JSON(t, 'map<string, bigint>')"),
    exp.Greatest: ("select greatest(a), greatest(a, b)", "SELECT (a), GREATEST(a, b)"),
    exp.JSONExtractScalar: ("select try_cast(t as json) ->> 'x'", "SELECT GET_JSON_OBJECT(t, '$.x')"),
    exp.JSONObject: ("select json_object('x', a)", "SELECT TO_JSON(NAMED_STRUCT('x', a), MAP('ignoreNullFields', 'false'))"),
    exp.Least: ("select least(a)", "SELECT (a)"),
    exp.Select: (
        "select t.* replace (1 as a) from t anti join u using (b)",
        "SELECT t.* EXCEPT (`a`), 1 AS a FROM t ANTI JOIN u ON u.b = t.b",
    ),
    exp.ToDays: ("select a + to_days(n)", "SELECT a + MAKE_DT_INTERVAL(n, 0, 0, 0)"),
    exp.Window: ("select row_number() over () as n", "SELECT (MONOTONICALLY_INCREASING_ID() + 1) AS n"),
}
"""Per gap a statement of ours and Spark's."""
PLANTED = (
    ("select a\nfrom t\nlimit 3", 3, "LIMIT 3", "row_number"),
    ("select a,\n  arg_max(b, c) from t group by a", 2, "ARG_MAX", "total order"),
    ("select\n  avg(b) from t", 2, "AVG", "divide `sum(x)` by `count(x)`"),
    ("select first(b order by c) from t", 1, "FIRST", "total order"),
    ("select string_agg(a, ',' order by a) from t", 1, "LISTAGG", "list(x order by x)"),
    ("select list(a order by b) from t", 1, "ARRAY_AGG", "list(x order by x)"),
    ("select list(a) from t", 1, "ARRAY_AGG", "list(x order by x)"),
    ("select l[1:2] from t", 1, "l[1:2]", "list_filter"),
    ("select list_reverse(a) from t", 1, "LIST_REVERSE", "allowed.py"),
    ("select s['a'] from t", 1, "['a']", "with a dot"),
    ("select\n current_date", 2, "CURRENT_DATE", "read `moment`"),
    ("select random()", 1, "RANDOM", "nothing in them is random"),
    ("select strftime(a, '%Y') from t", 1, "STRFTIME", "date_trunc"),
    ("select a from t where regexp_matches(a, 'x+')", 1, "REGEXP_MATCHES", "starts_with"),
    ("select regexp_replace(a, 'x', 'y', 'g') from t", 1, "REGEXP_REPLACE", "split_part"),
    ("select list_reverse_sort(a) from t", 1, "(a", "upwards"),
    ("select a from t,\n unnest(t.l) as u(a)", 2, "UNNEST", "select list of a subquery"),
    ("select unnest(a), unnest(b) from t", 1, "SELECT", "one `unnest`"),
    ("select a from t\nasof join u on t.x >= u.x", 2, "ASOF JOIN", "join by conditions"),
    ("select a from t positional join u", 1, "POSITIONAL JOIN", "join by conditions"),
    ("select distinct on (a) a, b from t", 1, "DISTINCT ON", "total order"),
    ("select a, sum(b) from t group by rollup (a)", 1, "ROLLUP", "allowed.py"),
    ("select a::hugeint from t", 1, "INT128", "no such type"),
    ("select a + interval 3 decade from t", 1, "INTERVAL '3' DECADE", "units are"),
    ("select sum(a) over (order by b rows between 1 preceding and current row) from t", 1, "OVER", "frames"),
    ("select lag(a) over (partition by b) from t", 1, "LAG", "name a total order"),
    ("select row_number() over () from t", 1, "ROW_NUMBER", "name a total order"),
    ("select a from t union all by name select a from u", 1, "UNION ALL BY NAME", "in one order"),
    ("with recursive s as (select 1 as a union all select a + 1 from s) select a from s", 1, "UNION ALL", "is a set"),
    ("select t.* from t join u using (a) union all select * from v", 1, "SELECT", "join with `on`"),
    ("select u.a from t left join u using (a) qualify rank() over (order by a) = 1", 1, "SELECT", "that says it is there"),
    ("select a from t tablesample 10%", 1, "10 PERCENT", "nothing in them is random"),
    ("select columns('a') from t", 1, "COLUMNS", "name the columns"),
    ("with force as (select 1)\nselect 1", 1, "force", "another name"),
    ("select\n  worded(a) from t", 2, "worded, which uses REGEXP_REPLACE", "split_part"),
)
"""Statements with a gap: where it is found, how it is called and what the hint says."""


def spoken(sql: str) -> str:
    """A statement of ours in Spark's words."""
    return written(closed(Macros(RULES).inlined(read(sql))))


def test_all_our_sql_means_the_same_on_spark(capsys: pytest.CaptureFixture[str]) -> None:
    """Marts, relations, golden statements and wide tables use nothing that the lint does not know to be the same; `make lint` says so."""
    assert (main(), capsys.readouterr().out) == (0, "")


@pytest.mark.parametrize(("sql", "line", "construct", "hint"), PLANTED, ids=[construct for _, _, construct, _ in PLANTED])
def test_a_planted_gap_is_found(sql: str, line: int, construct: str, hint: str) -> None:
    """With its file, its line, what it is, and what to write instead."""
    found = linted([Text("warehouse/marts/x.sql", sql)], Macros(RULES))
    told = [str(each) for each in found if construct in each.construct and hint in each.hint and each.line == line]
    assert told, [str(each) for each in found]
    assert told[0].startswith(f"warehouse/marts/x.sql:{line}: ")


def test_what_is_allowed_is_no_finding() -> None:
    """The examples of closed gaps, macros and their like pass; so do steps that number their rows."""
    numbered = "with s as (select row_number() over () as n from t) select n from s"
    fine = [numbered, "select told(x) from t", *(sql for gap, (sql, _) in CLOSED.items() if gap is not exp.Window)]
    assert linted([Text("x.sql", sql) for sql in fine], Macros(RULES)) == []


def test_every_hint_is_about_something_refused() -> None:
    """A hint names a construct that sqlglot knows and that is not allowed; nothing stands in two lists."""
    refused = {name: getattr(exp, name) for name in HINTS}
    assert not set(refused.values()) & (SYNTAX | OPERATORS | FUNCTIONS)
    assert not SYNTAX & OPERATORS and not SYNTAX & FUNCTIONS and not OPERATORS & FUNCTIONS


@pytest.mark.parametrize("gap", GAPS, ids=lambda gap: gap.__name__)
def test_every_gap_is_closed(gap: type[exp.Expr]) -> None:
    """Each rewriting gives exactly this text, which Spark's own parser would not misread; a gap without an example fails."""
    ours, theirs = CLOSED[gap]
    assert spoken(ours) == theirs


def test_functions_known_by_name_only_are_closed() -> None:
    """Both of them have a rewriting, and it leaves no call of the name."""
    for name in NAMED:
        assert name not in spoken(f"select {name}(x)").lower()


def test_plain_words_are_left_alone() -> None:
    """What is the same in both is written as it was, save for the spelling."""
    sql = "SELECT a, COUNT(*) FILTER(WHERE b > 1) AS n FROM t LEFT JOIN u ON u.a = t.a WHERE NOT c IS NULL GROUP BY ALL QUALIFY RANK() OVER (PARTITION BY a ORDER BY b DESC) = 1"
    assert spoken(sql.replace("b DESC", "b DESC NULLS LAST")) == sql
    assert spoken("select a is not distinct from b, starts_with(a, b), x::decimal(5, 4)").count("NULL") == 0


def test_macros_are_written_out() -> None:
    """Fields of an argument too, and macros inside macros; what stands beside the call cannot tear an argument apart."""
    assert spoken("select told(s) + 1") == "SELECT (CASE WHEN s.low = s.high THEN (CAST(s.low AS DOUBLE) / CAST(2 AS DOUBLE)) END) + 1"
    assert spoken("select halved(a - b)") == "SELECT (CAST((a - b) AS DOUBLE) / CAST(2 AS DOUBLE))"


def test_order_of_nulls_is_told() -> None:
    """Nulls come last with us wherever nothing is said; Spark puts them first in ascending order, so it is told."""
    assert "ORDER BY a NULLS LAST, b DESC" in spoken("select rank() over (order by a, b desc) from t")


def test_a_statement_is_taken_apart() -> None:
    """Every named step is a view, called after what it says; one that is read twice, or numbers its rows, is kept."""
    made = script("with a as (select x from t), b as (select row_number() over () as n from a), c as (select x from a) select * from b, c", Macros(RULES))
    names = {step.name.rpartition("_")[0]: step for step in made.steps}
    assert [name for name, step in names.items() if step.kept] == ["a", "b"]
    assert made.select == f"SELECT * FROM {names['b'].name} AS b, {names['c'].name} AS c"
    assert f"FROM {names['a'].name} AS a" in names["b"].sql


def test_a_name_means_the_nearest_step() -> None:
    """A subquery's own step hides an outer one of its name, and what is read outside is the outer one."""
    made = script("with a as (select 1 as x) select * from a, (with a as (select 2 as x) select * from a) as b", Macros(RULES))
    outer, inner = (step.name for step in made.steps)
    assert made.select == f"SELECT * FROM {outer} AS a, (SELECT * FROM {inner} AS a) AS b" and outer != inner


def test_equal_steps_are_made_once() -> None:
    """The same step of two statements has one name, another text another."""
    texts = ("with a as (select 1 as x) select * from a", "with a as (select 1 as x) select x from a", "with a as (select 2 as x) select * from a")
    first, same, other = (script(text, Macros(RULES)).steps[0].name for text in texts)
    assert first == same != other


def test_a_recursive_step_says_what_follows() -> None:
    """Spark has no set in a recursion: the step holds its beginning and what to ask again over the rows found so far."""
    made = script("with recursive s as (select a from t union select u.a from s join u on u.b = s.a) select a from s", Macros(RULES)).steps[0]
    assert (made.sql, made.again, made.kept) == ("SELECT a FROM t", f"SELECT u.a FROM {GROWN} AS s JOIN u ON u.b = s.a", True)


def test_every_exported_column_has_a_type() -> None:
    """Spark can name the type of every column of an export, none by a name of ours."""
    known = load()
    types = {column.type for table in (*exported_marts(known), *exported_history(known)) for column in table.promise.columns}
    made = {spark_type(each) for each in types}
    assert not [each for each in made if "_MS" in each or "UBIGINT" in each or "[]" in each]
    assert all(parse_one(f"cast(x as {each})", dialect="spark") for each in made)


def test_needed_relations_bring_what_they_read() -> None:
    """`saying` rests on `differing`, that on `asked` and `cover`; nothing else comes along."""
    assert set(needed(relations(load(), datetime(2026, 9, 1)), ["saying"])) == {"saying", "differing", "asked", "asking", "cover"}
