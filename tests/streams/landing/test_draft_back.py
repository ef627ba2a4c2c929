"""Every known feed's sample drafted back into a contract, and some of them as if the feed were not known."""

from __future__ import annotations

from pathlib import Path

import pytest

from contracts.ban import banned_columns
from contracts.check import check
from contracts.drafting import written
from contracts.read import load
from tests.streams.landing.draft_kit import SAMPLES, Agreement, agreement, back, unknown

STRANGE = ("ps_resident", "rental", "mr_business", "grid_event", "venue", "thing_device")
"""Feeds drafted as unknown ones: persons, identifiers in JSON, codes, times, title rows."""


def added(agreements: list[Agreement]) -> Agreement:
    return Agreement(*(sum(getattr(each, name) for each in agreements) for name in ("columns", "types", "identifiers", "found")))


@pytest.mark.parametrize("feed", SAMPLES)
def test_a_known_sample_is_read_as_its_contract_says(feed: str) -> None:
    """Format, encoding (GB18030 where the bytes are), delimiter, and every column of the file under its own header: none is lost, whatever titles stand above."""
    known, made = load().feeds[feed], back(feed)
    assert (made.sample.format, made.sample.delimiter) == (known.format, known.delimiter)
    assert made.sample.encoding in (known.encoding, "utf-8-sig")
    assert len(made.columns) == len(made.sample.headers) == made.likeness[0].shared
    assert made.likeness[0].feed == feed


def test_types_and_identifiers_of_known_feeds_come_back() -> None:
    """At least 98 % of all columns have their type again (202 of 202 when this was written), all six identifiers their form."""
    whole = added([agreement(load().feeds[feed], back(feed)) for feed in SAMPLES])
    assert whole.columns > 180 and whole.types >= 0.98 * whole.columns
    assert whole.identifiers >= 6 and whole.found == whole.identifiers


def test_rows_of_known_feeds_become_what_their_contract_says() -> None:
    """The likeliest target is one of the contract's for every feed but one at most, and all its attributes that the sample can fill are mapped."""
    targets = {feed: {mapping.target for mapping in load().feeds[feed].mappings} for feed in SAMPLES}
    assert sum(back(feed).kinds[0][0] in targets[feed] for feed in SAMPLES) >= len(SAMPLES) - 1
    assert {mapping.target for mapping in back("ps_resident").mappings} == {"person", "residency", "dwelling"}
    person = next(mapping for mapping in back("ps_resident").mappings if mapping.target == "person")
    assert dict(person.columns)["sex"] == "sex_of(sex)" and person.properties["entity"] == "doc_no"


def test_what_is_not_known_is_told_by_values_and_other_feeds() -> None:
    """Of feeds that the contracts do not know: three quarters of the types (50 of 63 when this was written), every identifier, and the target of at least five of six; no identifier stays plain."""
    whole = added([agreement(load().feeds[feed], unknown(feed)) for feed in STRANGE])
    assert whole.types >= 0.75 * whole.columns
    assert whole.found == whole.identifiers == 4
    targets = {feed: {mapping.target for mapping in load().feeds[feed].mappings} for feed in STRANGE}
    assert sum(unknown(feed).kinds[0][0] in targets[feed] for feed in STRANGE) >= 5


def test_drafts_pass_the_check_or_ask_exactly_what_it_says(tmp_path: Path) -> None:
    """What `cabin contract check` says of a draft are the open questions marked `!`, neither more nor less; a known layout leaves none but the department's."""
    asked: dict[str, list[str]] = {}
    for made in [*(back(feed) for feed in SAMPLES), *(unknown(feed) for feed in STRANGE)]:
        name = f"{made.told.feed}_strange" if made.told.purpose else made.told.feed
        (tmp_path / f"{name}.yaml").write_text(written(made).replace(made.told.feed, name), encoding="utf-8")
        asked[name] = sorted(problem for question in made.questions for problem in question.problems)
    said: dict[str, list[str]] = {name: [] for name in asked}
    for each in check((tmp_path,)):
        said[Path(each.file).stem].append(f"{each.code} {dict(each.values).get('name', '')}")
    assert {name: sorted(problems) for name, problems in said.items()} == asked
    assert all(question.problems == () for feed in ("ps_resident", "mr_business", "rental", "visit") for question in back(feed).questions)


def test_no_known_feed_has_a_banned_column_and_drafts_have_none() -> None:
    """What the ban list refuses is in no draft: the columns of all drafts pass it."""
    assert [banned_columns([column.header for column in back(feed).columns]) for feed in SAMPLES] == [[]] * len(SAMPLES)


def test_an_unchanged_sample_is_not_suspected() -> None:
    """What stands right is not suspected: no known sample has a column whose values are said to disagree with its header."""
    assert {feed: [column.header for column in back(feed).columns if column.type is None] for feed in SAMPLES} == {feed: [] for feed in SAMPLES}
