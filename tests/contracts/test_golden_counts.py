"""Which claims count: repairs, records, withdrawals, snapshots, presences, switches; and when an entity is alive."""

from __future__ import annotations

from typing import Any

from tests.contracts.golden_kit import RESIDENCY, Facts, claim, closed, day, finding, golden, presence, switch, verification


def colours(facts: Facts) -> dict[str, Any]:
    return {entity: row["colour"] if row["alive"] else "-" for entity, row in golden(facts).items()}


def test_highest_version_and_repair_of_an_origin_count() -> None:
    """A repair replaces its own row whatever its content; a newer contract version beats any repair."""
    rows = [claim("x", "a", 1, colour="red", content=9), claim("x", "a", 1, colour="blue", repair=1, content=1)]
    assert colours({"claim": rows}) == {"x": "blue"}
    rows.append(claim("x", "a", 1, colour="green", contract_version=2, content=0))
    assert colours({"claim": rows}) == {"x": "green"}


def test_equal_content_never_merges_origins() -> None:
    """(!) Membership in a snapshot belongs to the origin: the older, equal row does not count once it is not listed, the newer one does."""
    old, new = claim("x", "a", 1, moment=1, colour="red", content=5), claim("x", "a", 1, moment=9, colour="red", content=5)
    row = golden({"claim": [old, new], "closed": [closed("a", 1), closed("a", 9)]})["x"]
    assert row["a__delivery"] == "a9"
    assert colours({"claim": [old], "closed": [closed("a", 9, rows=0)]}) == {"x": "-"}


def test_a_record_that_names_another_dwelling_ends_the_old_link() -> None:
    """(!) The newest counting claim of a record counts alone, also when the older one named another entity."""
    rows = [claim("p@d1", "a", 1, record="R1"), claim("p@d2", "a", 5, record="R1")]
    assert {entity: row["alive"] for entity, row in golden({"claim": rows}, RESIDENCY).items()} == {"p@d1": False, "p@d2": True}


def test_several_records_about_one_entity() -> None:
    """(!) The newest speaks, the others keep the entity present when it is withdrawn."""
    rows = [claim("x", "a", 1, record="R1", colour="red"), claim("x", "a", 5, row=2, record="R2", colour="blue")]
    assert colours({"claim": rows}) == {"x": "blue"}
    assert colours({"claim": [*rows, claim("x", "a", 6, record="R2", withdraws=True)]}) == {"x": "red"}


def test_a_withdrawal_is_newer_at_one_moment_and_says_nothing_about_others() -> None:
    """A withdrawal ends its source's record only; at equal observed_at and rank it wins."""
    assert colours({"claim": [claim("x", "a", 1, colour="red"), claim("x", "a", 1, row=2, withdraws=True)]}) == {"x": "-"}
    assert colours({"claim": [claim("x", "a", 1, withdraws=True), claim("x", "b", 1, colour="blue")]}) == {"x": "blue"}


def test_what_does_not_count_is_dropped_before_the_newest_is_taken() -> None:
    """(!) A full list that names the entity by an old row revives it, though an increment between was newer."""
    rows = [claim("x", "a", 5, colour="blue"), claim("x", "a", 2, moment=9, colour="red")]
    assert colours({"claim": rows}) == {"x": "blue"}
    assert colours({"claim": rows, "closed": [closed("a", 9)]}) == {"x": "red"}


def test_a_complete_snapshot_ends_unlisted_claims_of_its_area_only() -> None:
    """Inside the area and before the moment; equal moments, later increments, other areas and other sources stay."""
    rows = [
        claim("old", "a", 1, colour="r"),
        claim("equal", "a", 9, colour="r"),
        claim("elsewhere", "a", 1, colour="r", area="330303001001"),
        claim("other", "b", 1, colour="r"),
        claim("sibling", "a", 1, moment=9, colour="r", delivery="a9b"),
    ]
    assert colours({"claim": rows, "closed": [closed("a", 9)]}) == {"old": "-", "equal": "r", "elsewhere": "r", "other": "r", "sibling": "r"}


def test_an_incomplete_snapshot_withdraws_nothing() -> None:
    """Missing parts, missing chunks, wrong counts or too many rows without key: its rows are ordinary claims."""
    facts: Facts = {"claim": [claim("old", "a", 1, colour="r")]}
    lacking: list[dict[str, Any]] = [{"parts": 2}, {"chunks": 1}, {"declared": 7}, {"unkeyed": 1}]
    for given in lacking:
        assert colours({**facts, "closed": [closed("a", 9, **given)]}) == {"old": "r"}, given
    chunk = {"source": "a", "delivery": "a9", "chunk": 0, "rows": 1, "accepted": 1, "unkeyed": 0, "recorded_at": day(9)}
    assert colours({**facts, "closed": [closed("a", 9, chunks=1)], "chunk": [chunk]}) == {"old": "-"}
    assert colours({**facts, "closed": [closed("a", 9, parts=2), closed("a", 9, parts=2, part=2, delivery="a9b")]}) == {"old": "-"}


def test_a_presence_keeps_the_earlier_claim() -> None:
    """(!) By entity or by record, once for every snapshot that would end it; it carries no value."""
    facts: Facts = {"claim": [claim("x", "a", 1, record="R1", colour="red")], "closed": [closed("a", 9)]}
    assert colours({**facts, "presence": [presence("x", "a", 9)]}) == {"x": "red"}
    assert colours({**facts, "presence": [presence(None, "a", 9, "R1")]}) == {"x": "red"}
    later: Facts = {**facts, "closed": [closed("a", 9), closed("a", 12)], "presence": [presence("x", "a", 9)]}
    assert colours(later) == {"x": "-"}


def test_a_replaced_snapshot_and_a_recalled_delivery_do_not_count() -> None:
    """`supersedes` voids the named delivery; a recall voids it until it is switched off."""
    facts: Facts = {"claim": [claim("x", "a", 1, moment=1, colour="red")], "closed": [closed("a", 1)]}
    assert colours({**facts, "closed": [closed("a", 1), closed("a", 1, delivery="new", supersedes=["a1"])]}) == {"x": "-"}
    assert colours({**facts, "switch": [switch("recall", "a1")]}) == {"x": "-"}
    assert colours({**facts, "switch": [switch("recall", "a1"), switch("recall", "a1", False, 2)]}) == {"x": "red"}
    assert colours({**facts, "switch": [switch("withdraw", "a")]}) == {"x": "-"}


def test_alive_while_a_claim_counts_or_a_positive_finding_holds() -> None:
    """(!) `absent` alone makes no record; a value found keeps an entity no feed knows."""
    assert golden({"finding": [finding("x", "present", "false", 1)]})["x"]["alive"] is False
    assert golden({"finding": [finding("x", "colour", "red", 1)]})["x"]["alive"] is True
    row = golden({"claim": [claim("x", "a", 1)], "finding": [finding("x", "present", "false", 1)]})["x"]
    assert (row["alive"], row["present"], row["present__status"]) == (True, False, "corrected")


def test_declined_and_not_observable_silence_nothing() -> None:
    """(!) Even when their author was shown the finding before."""
    first = finding("x", "colour", "red", 1)
    quiet = finding("x", "colour", None, 5, outcome="declined", seen=[first["finding"]])
    assert colours({"finding": [first, quiet]}) == {"x": "red"}


def test_verification_and_amendment() -> None:
    """(!) A version another actor disagrees with was never made; verification names the version; verifying oneself is ignored; the highest counter wins."""
    first, amended = finding("x", "colour", "red", 5, visit="v"), finding("x", "colour", "blue", 5, visit="v", counter=1)
    assert colours({"finding": [first, amended]}) == {"x": "blue"}
    assert colours({"finding": [first, amended], "verification": [verification(amended["finding"], False, 6)]}) == {"x": "red"}
    assert colours({"finding": [first, amended], "verification": [verification(first["finding"], False, 6)]}) == {"x": "blue"}
    assert colours({"finding": [first, amended], "verification": [verification(amended["finding"], False, 6, "o1")]}) == {"x": "blue"}
    both = [verification(amended["finding"], agree, 6) for agree in (True, False)]
    assert colours({"finding": [first, amended], "verification": both}) == {"x": "red"}
    assert colours({"finding": [first, amended], "verification": [*both, verification(amended["finding"], True, 7)]}) == {"x": "blue"}
