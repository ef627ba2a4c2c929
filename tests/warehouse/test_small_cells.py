"""Every mart that tells numbers by area, or counts people anywhere, says what is hidden of it, or why nothing need be; a new one cannot forget it."""

from __future__ import annotations

import re

import pytest

from contracts.dictionary import markdown
from contracts.model import Mart
from tests.warehouse.samples import contracts
from warehouse.catalogue import mart_files

MARTS = mart_files()
PLACES = {"area", "grid", "village", "township", "county", "community", "division", "district", "place", "dwelling", "branch"}
PEOPLE = {"persons", "households", "person_times", "disputes", "cases", "calls", "contracts"}
BY_AREA_WITHOUT_PEOPLE = {"coverage", "coverage_area", "economy", "hazard", "source_quality", "thing_stock"}
"""Marts by area that count things, work and data: their contracts say so."""
NOT_PUBLISHED = {"counter_warning", "household", "visit_plan"}
"""Tables for readers with a purpose of their own: their contracts say who."""
WORKERS = {"campaign_round"}
"""The only people in it are those on duty."""
SHOWN_AS_ELSEWHERE = {"indicator_yoy": "indicator_count", "population_grid": "population"}
"""Marts whose counts stand in another, which hides them."""


def asks(mart: Mart) -> bool:
    """Whether a mart has to say anything: it tells numbers by a place, or counts people."""
    numbers = [column for column in mart.columns if not column.key and re.match(r"(TINY|SMALL|BIG|HUGE)?INT|DECIMAL|DOUBLE", column.type)]
    return bool(numbers) and (not PLACES.isdisjoint(mart.grain) or any(PEOPLE & {*re.findall(r"\w+", column.unit or "")} for column in numbers))


ASKED = sorted(name for name, mart in contracts().marts.items() if asks(mart))


@pytest.mark.parametrize("name", ASKED)
def test_a_mart_by_area_hides_small_cells_or_is_an_exception_by_name(name: str) -> None:
    """It has the line `Suppress:`, or is listed here with the reason; an exception that hides after all is none."""
    listed = {*BY_AREA_WITHOUT_PEOPLE, *NOT_PUBLISHED, *WORKERS, *SHOWN_AS_ELSEWHERE}
    assert (MARTS[name].suppress is not None) != (name in listed)


@pytest.mark.parametrize("name", ASKED)
def test_its_contract_says_why_in_both_languages(name: str) -> None:
    """`cabin.small_cells` is a sentence in either language, and the dictionary shows it to readers."""
    mart = contracts().marts[name]
    assert mart.small_cells is not None
    assert re.search(r"[\u4e00-\u9fff]{6}.*。$", mart.small_cells.zh) and re.search(r"^[A-Z].* .*\.$", mart.small_cells.en)
    assert all(mart.small_cells.get(lang) in markdown(contracts(), lang) for lang in ("zh", "en"))


@pytest.mark.parametrize("name", sorted(NOT_PUBLISHED | {"source_quality"}))
def test_a_table_that_is_not_for_publication_says_so_first(name: str) -> None:
    """Its one sentence says so in both languages, and its contract names readers and purpose."""
    mart = contracts().marts[name]
    assert "not for publication" in mart.description and "不作公布" in mart.description_zh
    assert mart.consumers and mart.purpose


@pytest.mark.parametrize(("name", "hides"), SHOWN_AS_ELSEWHERE.items())
def test_a_mart_that_shows_what_another_shows_reads_it(name: str, hides: str) -> None:
    """Its counts come from rows that are hidden already."""
    assert hides in MARTS[name].reads and MARTS[hides].suppress is not None


def test_no_exception_is_left_over() -> None:
    """Whoever is listed exists and would be asked; so are marts that count people by area, as this test would find nothing else if it looked for the wrong words."""
    listed = {*BY_AREA_WITHOUT_PEOPLE, *NOT_PUBLISHED, *WORKERS, *SHOWN_AS_ELSEWHERE}
    assert listed < set(ASKED) and {"population", "rental", "activity", "programme_progress"} < set(ASKED)


@pytest.mark.parametrize("name", [name for name, file in MARTS.items() if file.suppress])
def test_what_is_hidden_covers_every_column(name: str) -> None:
    """Counts, ends, rates and numbers beside them are columns of the mart, and every count of people in it is hidden as one or named as telling of nobody."""
    mart, rule = contracts().marts[name], MARTS[name].suppress
    assert rule is not None
    named = {
        *rule.counts,
        *(part for pair in rule.remainders for part in pair),
        *(each for pair in rule.rates for each in pair),
        *(each for ends in rule.ends for each in ends),
    }
    assert named | {*rule.beside} | {*(rule.period or ())} <= {column.name for column in mart.columns}
    assert mart.columns[-1].name == "suppressed" and (rule.area or mart.grain[0]) in PLACES & set(mart.grain)
    people = {column.name for column in mart.columns if column.unit in PEOPLE}
    assert people <= named | {*rule.beside}
