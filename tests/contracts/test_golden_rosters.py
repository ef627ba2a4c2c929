"""Rosters and residency: who is present, what a roster judges, and the main residence."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.contracts.golden_kit import RESIDENCY, Facts, claim, day, golden, origin, roster, verification

HOME = "330302006071/r/1"
LINK = f"p@{HOME}"


def present(facts: Facts, link: str = LINK) -> tuple[Any, ...]:
    row = golden(facts, RESIDENCY)[link]
    return row["alive"], row["present"], row["present__status"]


def test_a_complete_roster_ends_unlisted_stays_and_adds_found_persons() -> None:
    """Unlisted stays that began before are absent; a person claimed by no feed is present, verified."""
    facts: Facts = {"claim": [claim(LINK, "a", 1)], "roster": roster(HOME, ["q"], 5)}
    assert present(facts) == (True, False, "corrected")
    assert present(facts, f"q@{HOME}") == (True, True, "verified")
    assert present({**facts, "roster": roster(HOME, [], 5)}) == (True, False, "corrected")


def test_partial_rosters_and_unidentified_persons_prove_no_absence() -> None:
    """A partial roster speaks only of those it lists; somebody unidentified may be anybody."""
    assert present({"claim": [claim(LINK, "a", 1)], "roster": roster(HOME, ["q"], 5, complete=False)}) == (True, True, "single")
    assert present({"claim": [claim(LINK, "a", 1)], "roster": roster(HOME, ["q"], 5, unidentified=1)}) == (True, True, "single")


def test_later_stays_are_not_judged() -> None:
    """A stay that began after the roster stands, even where the row was observed before; one that began before falls, even where observed after."""
    listing = roster(HOME, ["q"], 5)
    assert present({"claim": [claim(LINK, "a", 6)], "roster": listing}) == (True, True, "single")
    assert present({"claim": [claim(LINK, "a", 4, from_on=date(2026, 1, 9))], "roster": listing}) == (True, True, "single")
    assert present({"claim": [claim(LINK, "a", 30, from_on=date(2026, 1, 2))], "roster": listing}) == (True, False, "corrected")
    assert present({"claim": [claim(LINK, "a", 30, moment=30, own_time=False)], "roster": listing}) == (True, False, "corrected")


def test_presence_beats_absence_at_one_moment() -> None:
    """Two rosters of one moment: who is listed by one of them is there."""
    rows = roster(HOME, ["q"], 5, visit="v1") + roster(HOME, ["p", "q"], 5, visit="v2")
    assert present({"claim": [claim(LINK, "a", 1)], "roster": rows})[1] is True


def test_a_refuted_roster_was_never_made() -> None:
    """Another actor's disagreement with the roster's version lets the stays stand; an amendment replaces the version."""
    facts: Facts = {"claim": [claim(LINK, "a", 1)], "roster": roster(HOME, ["q"], 5)}
    verified = verification(f"r5:{HOME}:roster#0", False, 6, kind="dwelling", entity=HOME, attribute="roster")
    assert present({**facts, "verification": [verified]}) == (True, True, "single")
    assert present({**facts, "roster": roster(HOME, ["q"], 5) + roster(HOME, ["p"], 5, counter=1)}) == (True, True, "verified")


def test_a_dwelling_that_no_longer_exists_has_no_residents() -> None:
    """The closed visit touches the links like a complete empty roster."""
    visit = {"visit": "v9", "dwelling": HOME, "event": "closed", "outcome": "no_longer_exists", "reason": None, "actor": "o1", "observed_at": day(9)} | origin(
        "visit", "v9"
    )
    assert present({"claim": [claim(LINK, "a", 1)], "visit": [visit]}) == (True, False, "corrected")


def test_main_residence_goes_by_status_then_recency_then_id() -> None:
    """Among the present links of one person: verified first; then the newest; then the smallest id."""

    def main(facts: Facts) -> list[str]:
        return [entity for entity, row in golden(facts, RESIDENCY).items() if row["main"]]

    links = [claim("p@d1", "a", 1, record="1"), claim("p@d2", "a", 3, record="2"), claim("p@d3", "a", 3, record="3")]
    assert main({"claim": links}) == ["p@d2"]
    assert main({"claim": links, "roster": roster("d1", ["p"], 2)}) == ["p@d1"]
    assert main({"claim": links, "roster": roster("d2", [], 9)}) == ["p@d3"]
