"""Each check of the field on rows that keep it and rows that break it; what cannot be judged is neither kept nor broken. Great Expectations judges, as in a run."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.checks import COLUMNS, ROWS_HOLD
from contracts.model import Allowance, Severity
from quality.promises.expectations import REFUSED, Judged, judge
from tests.quality.kit import check, suite, table

IDENTITY, CREDIT = "expect_identity_verdicts_to_be_sound", "expect_credit_codes_to_be_sound"
DIVISION, GRID = "expect_division_codes_to_be_known", "expect_grid_codes_to_be_known"
ONE_DWELLING, PEOPLE = "expect_one_dwelling_per_address", "expect_people_per_dwelling"
POINTS, BOUNDED = "expect_points_inside_district", "expect_bounded_quantities"
PLACES = "create table place_current as select * from (values (120.6, 28.0, 'CGCS2000'), (120.7, 28.1, 'CGCS2000')) as t(lon, lat, crs)"
CASES: dict[str, tuple[str, dict[str, Any], str, int, set[int]]] = {
    "nulls": ("expect_column_values_to_not_be_null", {"column": "v"}, "(1, 'a'), (2, null)", 2, {2}),
    "a key twice": ("expect_column_values_to_be_unique", {"column": "v"}, "(1, 'a'), (2, 'b'), (3, 'a'), (4, null)", 3, {1, 3}),
    "a compound key twice": ("expect_compound_columns_to_be_unique", {"column_list": ["v", "w"]}, "(1, 'a', 'x'), (2, 'a', 'y'), (3, 'a', 'x')", 3, {1, 3}),
    "codes of a list": ("expect_column_values_to_be_in_set", {"column": "v", "value_set": ["a", "it's"]}, "(1, 'a'), (2, 'b'), (3, null), (4, 'it''s')", 3, {2}),
    "a range": ("expect_column_values_to_be_between", {"column": "v", "min_value": 0, "max_value": 1}, "(1, 0.0), (2, 1.0), (3, 1.0001), (4, -0.1), (5, null)", 4, {3, 4}),
    "identity verdicts": (IDENTITY, {"column": "v"}, "(1, 'valid'), (2, 'legacy15'), (3, 'wrong_check'), (4, 'impossible_date'), (5, 'unknown_division'), (6, null)", 5, {3, 4, 5}),
    "credit codes": (CREDIT, {"column": "v"}, "(1, '91330302MA2GY4JH19'), (2, '91330302MA2GY4JH18'), (3, '12345'), (4, null)", 3, {2, 3}),
    "divisions": (DIVISION, {"column": "v"}, "(1, '330302'), (2, '-'), (3, '990000'), (4, '33030'), (5, null)", 4, {3, 4}),
    "grids": (GRID, {"column": "v"}, "(1, '330302006044001'), (2, '330302006'), (3, '999999006044001'), (4, '33030200604400A')", 4, {3, 4}),
    "one address, two dwellings": (ONE_DWELLING, {"column": "v", "dwelling": "w"}, "(1, 'A', 'd1'), (2, 'B', 'd2'), (3, 'A', 'd3'), (4, 'B', 'd2'), (5, null, 'd4')", 4, {1, 3}),
    "people per dwelling": (PEOPLE, {"column": "v", "max_people": 2}, "(1, 'd1'), (2, 'd2'), (3, 'd2'), (4, 'd2'), (5, 'd3'), (6, 'd3')", 6, {2, 3, 4}),
    "a number without bound": (BOUNDED, {"column_list": ["v", "w"]}, "(1, 5, 'eq'), (2, 5, null), (3, null, 'eq'), (4, null, null), (5, 5, 'rather')", 4, {2, 3, 5}),
    "an interval": (
        BOUNDED,
        {"column_list": ["v", "w", "least", "most"]},
        "(1, 5, 'eq', 5, 5), (2, 5, 'ge', 5, null), (3, 5, 'between', 4, 6), (4, 5, 'between', 6, 4), (5, 5, 'eq', 5, 6), (6, 5, 'lt', 0, 4), (7, 5, 'ge', 6, null), (8, 5, 'ge', null, null)",
        8,
        {4, 5, 6, 7, 8},
    ),
    "a condition": (ROWS_HOLD, {"condition": "v <= w"}, "(1, 1, 2), (2, 3, 2), (3, null, 2)", 3, {2}),
    "a condition over other rows": (ROWS_HOLD, {"condition": "w = sum(v) over (partition by id < 3)"}, "(1, 1, 3), (2, 2, 3), (3, 4, 5)", 3, {3}),
}  # fmt: skip
NAMES = ("id", "v", "w", "least", "most")


def columns(rows: str) -> str:
    """The table of a case: as many columns as its rows have."""
    count = rows.partition(")")[0].replace("''", "").count(",") + 1
    return f"select * from (values {rows}) as t({', '.join(NAMES[:count])})"


@pytest.mark.parametrize("case", CASES)
def test_a_check_tells_the_rows_that_break_it(case: str) -> None:
    """Of the rows that a check is about exactly those that break it are counted and told by key; one without value is another check's business."""
    type_, kwargs, rows, about, broken = CASES[case]
    with table(columns(rows)) as evidence:
        (found,) = judge(suite(check("c", type_, **kwargs)), evidence)
    assert (found.kept, found.rows, found.broken, {key["id"] for key in found.keys}) == (not broken, about, len(broken), broken)


@pytest.mark.parametrize("case", CASES)
def test_an_empty_table_breaks_nothing(case: str) -> None:
    """Of no rows none breaks a check, and the check was judged."""
    type_, kwargs, rows, _, _ = CASES[case]
    with table(f"{columns(rows)} limit 0") as evidence:
        assert judge(suite(check("c", type_, **kwargs)), evidence) == [Judged("c", True, 0, 0)]


def test_points_lie_around_the_places_of_the_district() -> None:
    """A point beside the district, one in another system than it says, a half one and one without system are told; where no place has a point nothing is."""
    rows = "(1, 120.65, 28.05, 'CGCS2000'), (2, 121.65, 28.05, 'CGCS2000'), (3, 28.05, 120.65, 'CGCS2000'), (4, 120.65, null, 'CGCS2000'), (5, 120.65, 28.05, null), (6, null, null, null)"
    asked = suite(check("c", POINTS, column_list=["lon", "lat", "crs"], margin_deg=0.1))
    with table(f"select * from (values {rows}) as t(id, lon, lat, crs)") as evidence:
        evidence.con.execute(PLACES)
        (found,) = judge(asked, evidence)
    assert (found.rows, {key["id"] for key in found.keys}) == (5, {2, 3, 4, 5})
    with table(f"select * from (values {rows}) as t(id, lon, lat, crs)") as evidence:
        evidence.con.execute(f"{PLACES} limit 0")
        (found,) = judge(asked, evidence)
    assert {key["id"] for key in found.keys} == {4, 5}


@pytest.mark.parametrize(
    ("limit", "kept"),
    [(Allowance(), False), (Allowance(rows=1), False), (Allowance(rows=2), True), (Allowance(share=0.1), False), (Allowance(share=0.2), True)],
    ids=str,
)
def test_a_limit_is_applied_to_the_rows_that_the_check_is_about(limit: Allowance, kept: bool) -> None:
    """Two of ten values are broken: one row is too little, two rows or 20 percent are enough; rows without value do not count."""
    values = ", ".join(f"({number}, {'null' if number > 10 else number})" for number in range(1, 31))
    with table(f"select * from (values {values}) as t(id, v)") as evidence:
        (core,) = judge(suite(check("c", "expect_column_values_to_be_between", limit, column="v", min_value=3)), evidence)
        (ours,) = judge(suite(check("c", ROWS_HOLD, Allowance(limit.rows, limit.share and limit.share / 3), condition="v >= 3")), evidence)
    assert [(each.kept, each.broken) for each in (core, ours)] == [(kept, 2)] * 2
    assert (core.rows, ours.rows) == (10, 30)


def test_columns_and_types_are_compared() -> None:
    """A column that is missing and one of another type are told by name; more columns than promised are no fault."""
    with table("select 1 as id, 2::bigint as v, 'x' as more") as evidence:
        (found,) = judge(suite(check("columns", COLUMNS, columns={"id": "INTEGER", "v": "INTEGER", "gone": "VARCHAR"})), evidence)
    assert (found.kept, found.rows, found.keys) == (False, 3, ({"column": "v", "type": "BIGINT"}, {"column": "gone", "type": None}))


def test_a_table_must_have_so_many_rows() -> None:
    """The count of a table is judged, and told."""
    rows = "expect_table_row_count_to_be_between"
    with table("select range as id from range(5)") as evidence:
        found = judge(suite(check("few", rows, min_value=6), check("enough", rows, min_value=5, max_value=5)), evidence)
    assert found == [Judged("few", False, 5, 1), Judged("enough", True, 5, 0)]


def test_what_cannot_be_computed_is_an_error_of_the_check() -> None:
    """A check over a column that is not there, and one that fails on a value, are neither kept nor broken; the value is not in what is said, and the checks beside them are judged as ever."""
    number = "330302199001011234"
    with table(f"select 1 as id, '{number}' as v") as evidence:
        missing, bad, sound, refused, unfinished = judge(
            suite(
                check("missing", "expect_column_values_to_not_be_null", column="gone"),
                check("bad", ROWS_HOLD, condition="v::integer > 0"),
                check("sound", "expect_column_values_to_not_be_null", column="v"),
                check("refused", "expect_nothing_that_exists", column="v"),
                check("unfinished", "expect_column_values_to_be_in_set", column="v"),
            ),
            evidence,
        )
    assert [each.kept for each in (missing, bad, sound, refused, unfinished)] == [None, None, True, None, None]
    assert "gone" in str(missing.fault) and refused.fault == REFUSED
    assert bad.fault is not None and number not in bad.fault and "330302" not in bad.fault


def test_every_check_of_a_suite_is_answered_once_and_in_order() -> None:
    """Also where the library would take two for one: same type, same arguments, another name and severity."""
    twins = [check(name, ROWS_HOLD, severity=severity, condition="v > 0") for name, severity in (("a", Severity.ERROR), ("b", Severity.WARNING))]
    with table("select 1 as id, -1 as v") as evidence:
        found = judge(suite(twins[0], check("c", "expect_column_values_to_not_be_null", column="v"), twins[1]), evidence)
    assert [(each.check, each.kept) for each in found] == [("a", False), ("c", True), ("b", False)]


def test_a_table_without_key_that_may_be_told_tells_counts_only() -> None:
    """Rows are counted, none is named."""
    with table("select 1 as id, null::varchar as v", key=()) as evidence:
        (found,) = judge(suite(check("c", "expect_column_values_to_not_be_null", column="v"), key=()), evidence)
    assert (found.broken, found.keys) == (1, ())
