"""The table of statuses, row by row, and survivorship: priorities, order key, groups, addresses."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.contracts.golden_kit import THING, Facts, attribute, claim, contracts, feed, finding, golden, kind, verification


def one(*claims: dict[str, Any], findings: tuple[dict[str, Any], ...] = (), **facts: Any) -> dict[str, Any]:
    given: Facts = {"claim": list(claims), "finding": list(findings), **facts}
    return golden(given)["x"]


RED_THEN_VISIT = [
    ("2: a source says something new", [claim("x", "a", 20, colour="blue")], "red", "disputed", "visit"),
    ("2: also where another agrees", [claim("x", "a", 20, colour="blue"), claim("x", "b", 20, colour="red")], "red", "disputed", "visit"),
    ("3: only judged sources differ", [claim("x", "a", 1, colour="blue")], "red", "corrected", "visit"),
    ("4: one agrees, a judged one differs", [claim("x", "a", 1, colour="blue"), claim("x", "b", 1, colour="red")], "red", "verified", "visit"),
    ("4: an unjudged one agrees", [claim("x", "a", 200, colour="red")], "red", "verified", "visit"),
    ("5: the visit is the only voice", [claim("x", "a", 1)], "red", "verified", "visit"),
    ("8: spent", [claim("x", "a", 200, colour="blue")], "blue", "single", "a"),
    ("7: spent, two agree", [claim("x", "a", 200, colour="blue"), claim("x", "b", 150, colour="blue")], "blue", "agreed", "a"),
    ("6: spent, two differ", [claim("x", "a", 200, colour="blue"), claim("x", "b", 150, colour="green")], "blue", "disputed", "a"),
    ("8: spent, judged claims are out of the pool", [claim("x", "a", 1, colour="red"), claim("x", "b", 200, colour="blue")], "blue", "single", "b"),
]


@pytest.mark.parametrize(("row", "claims", "value", "status", "source"), RED_THEN_VISIT, ids=[case[0] for case in RED_THEN_VISIT])
def test_status_with_a_finding(row: str, claims: list[dict[str, Any]], value: str, status: str, source: str) -> None:
    """A visit on day 10 found red; freshness is 90 days: each row of the table gives its value, status and source."""
    golden_row = one(*claims, findings=(finding("x", "colour", "red", 10),))
    assert (golden_row["colour"], golden_row["colour__status"], golden_row["colour__source"]) == (value, status, source)


def test_status_without_a_finding() -> None:
    """Rows 1, 6, 7 and 8: no value, disputed, agreed, single."""
    assert one(claim("x", "a", 1))["colour__status"] is None
    assert one(claim("x", "a", 1, colour="red"))["colour__status"] == "single"
    assert one(claim("x", "a", 1, colour="red"), claim("x", "b", 1, colour="red"))["colour__status"] == "agreed"
    row = one(claim("x", "a", 1, colour="red"), claim("x", "b", 1, colour="red"), claim("x", "c", 1, colour="blue"))
    assert (row["colour"], row["colour__status"], row["colour__agree"], row["colour__differ"]) == ("red", "disputed", 0b011, 0b100)
    assert [(entry["source"], entry["claimed"], entry["golden"], entry["judged"]) for entry in row["differs"]] == [("c", "blue", "red", False)]


def test_a_judged_value_never_comes_back() -> None:
    """(!) An agreeing late source does not bring a refuted value back: the late one is unjudged, yet within freshness, so the finding holds."""
    row = one(claim("x", "a", 1, colour="blue"), claim("x", "b", 30, colour="blue"), findings=(finding("x", "colour", "red", 10),))
    assert (row["colour"], row["colour__status"]) == ("red", "disputed")
    row = one(claim("x", "a", 1, colour="blue"), claim("x", "b", 300, colour="green"), findings=(finding("x", "colour", "red", 10),))
    assert row["colour"] == "green"


def test_full_list_rows_without_own_time_are_judged_whenever_they_came() -> None:
    """(!) Such a row proves only that it is still listed, so it never spends a finding."""
    late = claim("x", "a", 300, moment=300, own_time=False, colour="blue")
    row = one(late, findings=(finding("x", "colour", "red", 10),))
    assert (row["colour"], row["colour__status"]) == ("red", "corrected")
    assert one(late | {"own_time": True}, findings=(finding("x", "colour", "red", 10),))["colour"] == "blue"


def test_differing_findings_are_disputed() -> None:
    """Unsuperseded valid findings that differ: the newest speaks, disputed; a shown one is superseded."""
    first, second = finding("x", "colour", "red", 10), finding("x", "colour", "blue", 20)
    assert [one(findings=(first, second))[name] for name in ("colour", "colour__status")] == ["blue", "disputed"]
    second["seen"] = [first["finding"]]
    assert [one(findings=(first, second))[name] for name in ("colour", "colour__status")] == ["blue", "verified"]


def test_superseding_is_transitive() -> None:
    """A finding supersedes what the authors it relied on were shown, even where the one between was refuted."""
    first, second, third = (finding("x", "colour", value, at) for value, at in (("red", 10), ("blue", 20), ("green", 30)))
    second["seen"], third["seen"] = [first["finding"]], [second["finding"]]
    refuted = {"version": second["finding"], "agree": False, "at": 40}
    row = one(findings=(first, second, third), verification=[verification(**refuted)])
    assert (row["colour"], row["colour__status"]) == ("green", "verified")


def test_blank_says_nothing_and_a_newer_blank_replaces() -> None:
    """Feeds deliver whole records: the newest replaces the older entirely, blanks included."""
    row = one(claim("x", "a", 1, colour="red"), claim("x", "a", 2, colour=None), claim("x", "b", 1, colour="blue"))
    assert (row["colour"], row["colour__status"]) == ("blue", "single")


def test_partial_feeds_speak_per_attribute() -> None:
    """Of a partial feed the newest non-blank value of each attribute counts, until its record is withdrawn."""
    partial = contracts([THING], [feed("a", "thing", partial=True), feed("b", "thing"), feed("c", "thing")])
    claims = [claim("x", "a", 1, colour="red", place="330302"), claim("x", "a", 2, colour="blue")]
    row = golden({"claim": claims}, THING, partial)["x"]
    assert (row["colour"], row["place"]) == ("blue", "330302")
    withdrawn = [claims[0], claim("x", "a", 1.5, withdraws=True), claims[1]]
    assert golden({"claim": withdrawn}, THING, partial)["x"]["place"] is None


def test_order_key_decides_within_a_rank() -> None:
    """Sources of one rank: the newest; then rank, content, and the smallest origin last."""
    tied = kind("thing", attribute("colour"), priorities={"*": (("a", "b", "c"),)})
    given = contracts([tied])

    def colour(*claims: dict[str, Any]) -> Any:
        return golden({"claim": list(claims)}, tied, given)["x"]["colour"]

    assert colour(claim("x", "a", 1, colour="red"), claim("x", "b", 2, colour="blue")) == "blue"
    assert colour(claim("x", "a", 2, colour="red", rank=1), claim("x", "b", 2, colour="blue", rank=2)) == "blue"
    assert colour(claim("x", "a", 2, colour="red", content=5), claim("x", "b", 2, colour="blue", content=6)) == "blue"
    assert colour(claim("x", "a", 2, colour="red", content=5), claim("x", "b", 2, colour="blue", content=5)) == "red"


def test_groups_are_chosen_whole() -> None:
    """A tuple with one member is a tuple: no mixing of members of two sources."""
    row = one(claim("x", "a", 1, lon=1), claim("x", "b", 1, lon=2, lat=3))
    assert (row["lon"], row["lat"], row["point__status"], row["point__differ"]) == (1, None, "disputed", 0b10)
    row = one(claim("x", "a", 1, lon=1, lat=1), findings=(finding("x", "point", '{"lat": 3, "lon": 2}', 5),))
    assert (row["lon"], row["lat"], row["point__status"]) == (2, 3, "corrected")
    assert row["differs"][0]["claimed"] == '{"lon":1,"lat":1}'


def test_shallow_addresses_are_silent_and_the_deepest_wins() -> None:
    """A shallower address of the branch neither agrees nor differs; the winner becomes the deepest of its branch."""
    row = one(claim("x", "a", 1, place="330302006071/r"), claim("x", "b", 1, place="330302006071/r/1/2"), claim("x", "c", 1, place="330302006071/s"))
    assert (row["place"], row["place__source"], row["place__agree"], row["place__differ"]) == ("330302006071/r/1/2", "b", 0b010, 0b100)


def test_a_shallow_finding_only_rules_out_other_branches() -> None:
    """Inside its branch the feeds decide."""
    claims = (claim("x", "a", 1, place="330302006071/s/9"), claim("x", "b", 1, place="330302006071/r/1"))
    row = one(*claims, findings=(finding("x", "place", "330302006071/r", 5),))
    assert (row["place"], row["place__source"], row["place__status"], row["place__differ"]) == ("330302006071/r/1", "b", "single", 0b01)


def test_a_finding_on_what_visits_cannot_change_says_nothing():
    """A unit closed to visits has no finding column, and a finding about it neither wins, judges nor keeps an entity alive."""
    closed_unit = replace(attribute("name"), visit=False)
    person = kind("thing", closed_unit, attribute("phone"))
    facts = {"claim": [claim("x", "a", 1, name="said", phone="1")], "finding": [finding("x", "name", "found", 2), finding("y", "name", "found", 2)]}
    rows = golden(facts, person, contracts([person]))
    assert (rows["x"]["name"], rows["x"]["name__status"], rows["x"]["name__source"]) == ("said", "single", "a")
    assert "name__finding" not in rows["x"] and "phone__finding" in rows["x"]
    assert not rows["y"]["alive"]
