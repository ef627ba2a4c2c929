"""Messages of older contract versions: each is read by the layout and the rules it carries, whatever the feed's newest version says, and says what it said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import duckdb
import pytest

from contracts.model import Contracts, Feed, Mapped, Upcast
from contracts.ports import Message
from streams.normalise import Derived, decode, normalise_messages
from tests.streams.normalise import support
from tests.streams.normalise.support import FEED, PlainSealer, column, message, row, rule, stored

OLD = FEED
NEW_NAMES = {"full_name": "name_in_full", "id_number": "doc_no", "sex": "ground", "ground": "sex"}
"""Renamed in version 3; two columns even change places."""
TARGETS = ("claim.person", "claim.residency", "presence", "claim.dwelling")


def _renamed() -> Feed:
    """Version 3: columns renamed, one added, another rule, and a mapping that speaks of the new names."""
    columns = tuple(replace(each, name=NEW_NAMES.get(each.name, each.name)) for each in OLD.columns)
    person, residency, dwelling = OLD.mappings
    return replace(
        OLD,
        version=3,
        version_text="3.0.0",
        columns=(*columns, column("stay")),
        subject="doc_no",
        rules=(rule("no-stay", "stay is not null", column="stay"),),
        mappings=(
            replace(person, columns=(Mapped("name", "trim(name_in_full)"), Mapped("sex", "ground"), Mapped("doc_check", "doc_no_check")), entity="doc_no"),
            replace(residency, columns=(Mapped("person", "doc_no"), Mapped("dwelling", "upper(address)"), Mapped("residence_type", "stay"), Mapped("from_on", "updated"))),
            dwelling,
        ),
        upcasts=(Upcast(2, {"stay": "ground"}),),
    )  # fmt: skip


NEW = _renamed()


def contracts(newest: Feed, *older: Feed) -> Contracts:
    return replace(support.contracts(), feeds={"sample": newest}, older={"sample": older})


@pytest.fixture(scope="module")
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    con = support.engine()
    yield con
    con.close()


def carried(rows: list[dict[str, Any]], feed: Feed = OLD, **more: Any) -> Message:
    return message(rows, feed=feed, ce_dataschema=f"sample/{feed.version}", **more)


def derived(engine: duckdb.DuckDBPyConnection, known: Contracts, *messages: Message) -> Derived:
    return normalise_messages(engine, known, PlainSealer(), stored(*messages), 1)


def said(found: Derived, *without: str) -> dict[str, list[dict[str, Any]]]:
    """All facts by type, in one order; `without` some columns."""
    facts: dict[str, list[dict[str, Any]]] = {}
    for each in found.claims.get(0, []):
        if each.headers["ce_type"] in TARGETS:
            facts.setdefault(each.headers["ce_type"], []).extend(decode(each.value).to_pylist())
    return {fact: sorted(({name: cell for name, cell in each.items() if name not in without} for each in rows), key=str) for fact, rows in facts.items()}


def outcomes(found: Derived) -> list[Any]:
    return [each.value for each in found.outcomes[0]]


def rejected(found: Derived) -> list[tuple[int, str, str | None, str | None]]:
    rows = [each for part in found.quarantine.get(0, []) for each in decode(part.value).to_pylist()]
    return sorted((each["row"], each["reason"], each["column"], each["cells"]) for each in rows)


ROWS = [row(1), row(2, sex="7"), row(3, ground="5"), row(4, full_name="王"), row(5, id_number=None), row(6, address=None), row(7, sex="2", ground="01")]
"""Good, broken, blanked, flagged, without a person, without a dwelling, in other codes."""


def test_an_old_message_says_under_the_newest_version_what_it_said(engine: duckdb.DuckDBPyConnection) -> None:
    """Columns renamed, exchanged and added, a mapping of the new names: facts (content and version carried too), quarantined rows with their old cells, and accounts of an old message are the very same."""
    before, after = (derived(engine, known, carried(ROWS)) for known in (contracts(OLD), contracts(NEW, OLD)))
    assert len(said(before)["claim.person"]) == 5 and {each["contract_version"] for each in said(after)["claim.person"]} == {2}
    assert said(after) == said(before)
    assert rejected(after) == rejected(before) and {reason for _, reason, *_ in rejected(after)} == {"no-sex-code", "unidentified"}
    assert outcomes(after) == outcomes(before)


def test_old_and_new_messages_of_one_step_keep_apart(engine: duckdb.DuckDBPyConnection) -> None:
    """In one step each message is read as its own version says: the same person said by both makes the same claim, apart from lineage."""
    new_row = {NEW_NAMES.get(name, name.replace("id_number", "doc_no")): cell for name, cell in row(1).items()}
    sealed = new_row["sealed"].replace(b"full_name", b"name_in_full")
    new = carried([{**new_row, "sealed": sealed, "stay": "2"}], NEW, delivery="bbbbbbbbbbbb")
    lacking = carried([{**new_row, "sealed": sealed, "stay": None}], NEW, delivery="cccccccccccc")
    found = derived(engine, contracts(NEW, OLD), carried([row(1)]), new, lacking)
    by_version = {each["contract_version"]: each for each in said(found, "delivery")["claim.residency"]}
    assert set(by_version) == {2, 3} and {**by_version[3], "contract_version": 2} == by_version[2]
    assert [reason for _, reason, *_ in rejected(found)] == ["no-stay"]


@pytest.mark.parametrize("form", ["minors", "presence"])
def test_reduced_and_refused_rows_are_upcast_too(engine: duckdb.DuckDBPyConnection, form: Any) -> None:
    """Counts of minors and keys of refused rows say under the newest version what they said."""
    given = {"row": 1, "subject": "d:x", "address": "330302006071/解放街/1", "minors": 2, "number": "R1", "id_number": f"p{1:024x}"}
    one = carried([given], form=form, mode="snapshot", moment="2024-05-01T08:00:00")
    before, after = (derived(engine, known, one) for known in (contracts(OLD), contracts(NEW, OLD)))
    assert said(after) == said(before) and any(said(before).values())


def test_versions_are_upcast_step_by_step(engine: duckdb.DuckDBPyConnection) -> None:
    """Version 4 says how rows become its own from version 3 on, version 3 from version 2 on: an old message takes both steps."""
    columns = tuple(replace(each, name="kind_of_stay") if each.name == "stay" else each for each in NEW.columns)
    renamed = replace(NEW.mappings[1], columns=tuple(replace(each, sql=each.sql.replace("stay", "kind_of_stay")) for each in NEW.mappings[1].columns))
    newest = replace(
        NEW, version=4, version_text="4.0.0", columns=columns, rules=(), mappings=(NEW.mappings[0], renamed, NEW.mappings[2]), upcasts=(Upcast(3),)
    )
    before, after = (derived(engine, known, carried(ROWS)) for known in (contracts(OLD), contracts(newest, OLD, NEW)))
    assert said(after) == said(before) and outcomes(after) == outcomes(before)


def test_without_an_upcaster_a_version_speaks_for_itself(engine: duckdb.DuckDBPyConnection) -> None:
    """Where no newer version says how, the old one's own mapping makes the facts, as it did; its feed counts as a source of what only it says."""
    silent = replace(NEW, upcasts=(), mappings=NEW.mappings[:1])
    known = contracts(silent, OLD)
    before, after = derived(engine, contracts(OLD), carried(ROWS)), derived(engine, known, carried(ROWS))
    assert said(after) == said(before) and outcomes(after) == outcomes(before)
    assert known.sources("residency") == ("sample",) and contracts(silent).sources("residency") == ()
    assert "residence_type" in known.says("sample", "residency")


def test_a_version_that_is_not_kept_is_set_aside(engine: duckdb.DuckDBPyConnection) -> None:
    """A message of a version that is not here, older or newer, is set aside whole: its columns would mean something else. One that names none carries the newest."""
    for version in (1, 2, 4):
        assert [reason for _, reason, *_ in rejected(derived(engine, contracts(NEW), message([row(1)], ce_dataschema=f"sample/{version}")))] == [
            "unknown-contract-version"
        ]
    assert [reason for _, reason, *_ in rejected(derived(engine, contracts(NEW, OLD), message([row(1)], ce_dataschema="sample/1")))] == [
        "unknown-contract-version"
    ]
    assert [reason for _, reason, *_ in rejected(derived(engine, contracts(NEW, OLD), message([{"row": 1, "number": "R1"}], feed=NEW)))] == ["no-stay"]
