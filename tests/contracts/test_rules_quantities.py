"""Numbers with bounds: the macros say of columns what contracts/quantities says of single values."""

from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import Decimal

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts import load
from contracts.engine import macros_sql
from contracts.quantities import Bound, Quantity, quantity_of, ratio, total, unit_of
from contracts.quantities import given as said
from contracts.quantities.reading import SCALES, UNITS, WORDS, amount_of
from tests.contracts.rules_kit import Asker
from tests.laws.quantities import bounded, texts

EXAMPLES = {
    ("4000余人", None, "persons", 1): (Decimal(4000), "ge"),
    ("近20万元", None, "yuan", 1): (Decimal(200_000), "lt"),
    ("不到200,000", None, "yuan", 1): (Decimal(200_000), "lt"),
    ("380万余条", None, "items", 1): (Decimal(3_800_000), "ge"),
    ("20余万元", None, "yuan", 1): (Decimal(200_000), "ge"),
    ("45.99", None, "km2", 1): (Decimal("45.99"), "eq"),
    ("200", "近", "persons", 1): (Decimal(200), "lt"),
    ("约1.5万", "多", "persons", 1): (Decimal(15_000), "approx"),
    ("0", None, "cases", 1): (Decimal(0), "eq"),
    ("无", None, "cases", 1): (Decimal(0), "eq"),
    ("30.5", None, "yuan", 10_000): (Decimal(305_000), "eq"),
    ("85000元", None, "yuan", 10_000): (Decimal(85_000), "eq"),
    ("30户", None, "persons", 1): (None, None),
    ("近0", None, "persons", 1): (None, None),
    ("-37.7%", None, "cases", 1): (None, None),
    ("1-3-5", None, "hours", 1): (None, None),
    ("不多于10", None, "cases", 1): (None, None),
    ("9999999999999", None, "cases", 1): (None, None),
    (None, "余", "persons", 1): (None, None),
}
WINDOWS = {
    None: ("2026-03-01", "2026-03-31"),
    "当月": ("2026-03-01", "2026-03-31"),
    "累计": ("2026-01-01", "2026-03-31"),
    "一年来": ("2025-04-01", "2026-03-31"),
    "2022年": ("2022-01-01", "2022-12-31"),
    "去年以来": (None, "2026-03-31"),
}


@pytest.fixture(scope="module")
def sums() -> Iterator[duckdb.DuckDBPyConnection]:
    """The macros of intervals alone."""
    with duckdb.connect() as con:
        con.execute(macros_sql(load().rules_sql, ("interval_sum", "interval_ratio", "interval_bound")))
        yield con


@pytest.mark.parametrize("given_", EXAMPLES)
def test_numbers_as_departments_write_them(given_: tuple, rules: Asker) -> None:
    """Each text is the number in its base unit and its bound; another unit, "less than 0" and what is no number are missing."""
    cells = ", ".join("null" if each is None else repr(each) for each in given_)
    assert (rules.one(f"amount_of({cells})"), rules.one(f"bound_of({cells})")) == EXAMPLES[given_]


@given(st.lists(st.tuples(texts(), st.sampled_from(["", "余", "近", "约", "达"])), min_size=1, max_size=40), st.sampled_from(["persons", "yuan", "households"]))
@settings(max_examples=25, deadline=None)
def test_reading_macros_agree_with_the_type(rules: Asker, cells: list[tuple[str, str]], unit: str) -> None:
    """Number and bound of any text in a column of a unit are those of `quantity_of`; about 0 and 0 or more are one."""
    found = zip(
        rules.ask(f"amount_of(text_clean(x), y, '{unit}', 1)", cells, (pa.string(), pa.string())),
        rules.ask(f"bound_of(text_clean(x), y, '{unit}', 1)", cells, (pa.string(), pa.string())),
        strict=True,
    )
    assert [None if amount is None else said(amount, bound, unit) for amount, bound in found] == [quantity_of(text, word, unit) for text, word in cells]


@given(st.lists(texts(), min_size=1, max_size=30))
@settings(max_examples=30, deadline=None)
def test_a_heading_in_ten_thousands(rules: Asker, cells: list[str]) -> None:
    """Under a heading in 万元 a bare number is multiplied, one with a unit or scale of its own is not."""
    found = rules.ask("amount_of(text_clean(x), null, 'yuan', 10000)", cells)
    wanted = [amount_of(text, "yuan", 10_000) for text in cells]
    readable = [quantity_of(text, "", "yuan") is not None or each is not None for text, each in zip(cells, wanted, strict=True)]
    assert [each for each, known in zip(found, readable, strict=True) if known] == [
        None if each is None or (each[0] == 0 and _less(text)) else each[0] for text, each, known in zip(cells, wanted, readable, strict=True) if known
    ]


def _less(text: str) -> bool:
    """Whether the words of a text say less than, and nothing else."""
    said_words = {bound for bound in (Bound.GE, Bound.LT, Bound.APPROX) if any(word in text for word in WORDS[bound])}
    return said_words == {Bound.LT}


def test_units_and_scales_are_those_of_the_type_and_of_the_code_list(rules: Asker) -> None:
    """Every unit word gives one code in both, every code is in the list, and its label there is a word for it."""
    words = [*UNITS, "头", "万元", None]
    assert rules.ask("unit_of(x)", words) == [unit_of(word) if word else None for word in words]
    labels = load().code_lists["quantity_unit"].labels
    assert set(UNITS.values()) == set(labels)
    assert {code: UNITS[label.zh] for code, label in labels.items()} == {code: code for code in labels}
    assert rules.ask("scale_of(x)", list(SCALES)) == list(SCALES.values())
    assert set(load().code_lists["quantity_bound"].labels) == set(Bound)


def test_months_and_windows(rules: Asker) -> None:
    """A month needs its year; a scope makes it the month, the year so far, twelve months or a calendar year, and unknown words make it nothing."""
    months = ["2026-03", "202603", "2026年3月", "2026/3", "46082", "3月", "2026-13", "2026-03-15", None]
    assert rules.ask("month_of(x)::varchar", months) == [*["2026-03-01"] * 5, None, None, "2026-03-01", None]
    found = zip(
        rules.ask("window_from(date '2026-03-01', x)::varchar", list(WINDOWS)),
        rules.ask("window_to(date '2026-03-01', x)::varchar", list(WINDOWS)),
        strict=True,
    )
    assert list(found) == list(WINDOWS.values())


def test_names_of_measures(rules: Asker) -> None:
    """Declared names and the codes themselves give a code of the list; other names give none."""
    codes = list(load().code_lists["measure"].labels)
    assert rules.ask("measure_of(x)", codes) == codes
    assert rules.ask("measure_of(x)", ["两抢", "电诈", "警情", "重点人员", None]) == ["robbery", "fraud", "incidents", None, None]


@given(st.lists(st.none() | bounded(), max_size=6))
@settings(max_examples=150, deadline=None)
def test_sums_of_groups_are_those_of_the_type(sums: duckdb.DuckDBPyConnection, parts: list[Quantity | None]) -> None:
    """Number, ends, openness and bound of a group's sum are those of `total`; missing parts take the upper end away, all missing make none."""
    assert interval(sums, "interval_sum(amount, bound)", parts) == _shown(total(parts))


@given(st.lists(bounded("yuan"), min_size=1, max_size=3), st.lists(bounded("households"), min_size=1, max_size=3))
@settings(max_examples=150, deadline=None)
def test_ratios_are_those_of_the_type(sums: duckdb.DuckDBPyConnection, over: list[Quantity], under: list[Quantity]) -> None:
    """Number, ends, openness and bound of the ratio of two sums are those of `ratio`, to the precision of the engine; none where the base is 0."""
    upper, lower = total(over), total(under)
    assert upper and lower
    found = _ratio(sums, over, under)
    wanted = _shown(ratio(upper, lower))
    assert (found is None) == (wanted is None)
    if found and wanted:
        assert all(_close(one, other) for one, other in zip(found[:3], wanted[:3], strict=True))
        assert found[3:] == wanted[3:]


def _ratio(sums: duckdb.DuckDBPyConnection, over: list[Quantity], under: list[Quantity]) -> tuple | None:
    _put(sums, "over", over)
    _put(sums, "under", under)
    picked = "(select interval_ratio(a, b) as i from (select interval_sum(amount, bound) as a from over), (select interval_sum(amount, bound) as b from under))"
    return _row(sums.execute(f"select i.value, i.low, i.high, i.low_open, i.high_open, interval_bound(i) from {picked}").fetchall()[0])


def interval(sums: duckdb.DuckDBPyConnection, expression: str, parts: list[Quantity | None]) -> tuple | None:
    _put(sums, "parts", parts)
    picked = f"(select {expression} as i from parts)"
    return _row(sums.execute(f"select i.value, i.low, i.high, i.low_open, i.high_open, interval_bound(i) from {picked}").fetchall()[0])


def _put(sums: duckdb.DuckDBPyConnection, name: str, parts: list[Quantity | None]) -> None:
    amounts = [None if part is None else Decimal(part.value.numerator) / part.value.denominator for part in parts]
    bounds = [None if part is None else str(part.bound) for part in parts]
    sums.register(name, pa.table({"amount": pa.array(amounts, pa.decimal128(18, 6)), "bound": pa.array(bounds, pa.string())}))


def _row(row: tuple) -> tuple | None:
    return None if row[0] is None else row


def _shown(quantity: Quantity | None) -> tuple | None:
    if quantity is None:
        return None
    return (quantity.value, quantity.low, quantity.high, quantity.low_open, quantity.high_open, str(quantity.bound))


def _close(one: float | None, other: float | None) -> bool:
    return one is other if one is None or other is None else math.isclose(float(one), float(other), rel_tol=1e-12, abs_tol=1e-12)


def test_what_no_report_gives_is_refused() -> None:
    """Less than 0, negative numbers and bounds that only arithmetic makes are no reports."""
    for value, bound in ((0, "lt"), (-1, "eq"), (1, "between"), (1, "gt")):
        with pytest.raises(ValueError, match="no report"):
            said(value, bound, "persons")
