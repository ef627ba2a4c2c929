"""What is asked before a golden statement is compiled: it tells who speaks, and what may have happened to what they said; nothing is compiled for the rest."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.golden import Heard, Relations, golden_sql, heard_sql
from tests.contracts.golden_kit import ALL, THING, Facts, claim, closed, finding, presence, switch, world

RELATIONS = Relations.of("thing")
SAID = claim("x", "a", 5, colour="red")
LISTED = claim("x", "a", 5, moment=5, colour="red")


def heard(facts: Facts) -> Heard:
    """What is heard about the entity x."""
    with world(facts) as con:
        con.execute("create or replace table touched_thing as select 'x' as entity")
        return Heard.of(con.execute(heard_sql(THING, RELATIONS)).fetchall())


def test_who_speaks() -> None:
    """Only feeds and findings about the entity at hand are heard."""
    found = heard({"claim": [SAID, claim("y", "b", 1, colour="red")], "finding": [finding("x", "colour", "blue", 6), finding("y", "place", "1", 6)]})
    assert found == Heard(frozenset({"a"}), frozenset({"colour"}), frozenset())


HAPPENED: dict[str, tuple[Facts, set[str]]] = {
    "nothing": ({"claim": [SAID], "closed": [closed("a", 1), closed("b", 9)]}, set()),
    "a list that holds it": ({"claim": [LISTED], "closed": [closed("a", 5)]}, set()),
    "a later list": ({"claim": [LISTED], "closed": [closed("a", 5), closed("a", 9)]}, {"ended"}),
    "a list over a row that names no moment": ({"claim": [{**LISTED, "moment": None}], "closed": [closed("a", 1)]}, {"ended"}),
    "a later list of another area": ({"claim": [LISTED], "closed": [closed("a", 5), closed("a", 9, "330303")]}, set()),
    "a later list over an increment": ({"claim": [SAID], "closed": [closed("a", 9)]}, {"ended"}),
    "a repair": ({"claim": [SAID, {**SAID, "repair": 1}]}, {"repaired"}),
    "a newer version of one row": ({"claim": [SAID, {**SAID, "contract_version": 2}]}, {"repaired"}),
    "a repair that took it away": ({"claim": [SAID], "presence": [{**presence("x", "a", 5), "repair": 1}]}, {"repaired"}),
    "a presence of a newer version": ({"claim": [SAID], "presence": [{**presence("x", "a", 5), "contract_version": 2}]}, {"repaired"}),
    "a presence": ({"claim": [SAID], "presence": [presence("x", "a", 5)]}, set()),
    "its delivery recalled": ({"claim": [SAID], "switch": [switch("recall", "a5")]}, {"recalled", "struck"}),
    "its feed withdrawn": ({"claim": [SAID], "switch": [switch("withdraw", "a")]}, {"recalled", "struck"}),
    "its delivery superseded": ({"claim": [SAID], "closed": [closed("a", 1, supersedes=["a5"])]}, {"recalled", "struck"}),
    "another's recalled": ({"claim": [SAID], "switch": [switch("recall", "b1")]}, {"recalled"}),
}


@pytest.mark.parametrize("happened", HAPPENED)
def test_what_turned(happened: str) -> None:
    """What may make a claim about the entity count no more is told, and nothing else."""
    facts, turns = HAPPENED[happened]
    assert heard(facts).turns == turns


def test_nothing_is_compiled_for_what_did_not_happen() -> None:
    """Where nothing turned, the statement asks for no recall, no repair and no list; where a recall concerns others only, neither, unless visits or lists may be recalled."""
    quiet = Heard(frozenset({"a"}), frozenset(), frozenset())
    steps = ("void", "withdrawn", "raised", "complete", "vouched")

    def compiled(who: Heard | None) -> set[str]:
        text = golden_sql(THING, ALL, RELATIONS, who)
        return {step for step in steps if f"\n{step} as (" in text}

    def turned(*turns: str, visits: Any = ()) -> Heard:
        return Heard(quiet.sources, frozenset(visits), frozenset(turns))

    assert compiled(None) == set(steps)
    assert compiled(quiet) == compiled(turned("recalled")) == set()
    assert compiled(turned("recalled", "struck")) == compiled(turned("recalled", visits=["colour"])) == {"void", "withdrawn"}
    assert compiled(turned("recalled", "ended")) == {"void", "withdrawn", "complete", "vouched"}
    assert compiled(turned("repaired")) == {"raised"}
