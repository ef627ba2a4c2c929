"""What departments are told to correct: exactly what is open, nothing twice, nothing of a person."""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from jsonschema_rs import validator_for

from contracts.notices import notice_json_schema, told_of
from tests.contracts.notices_kit import KINDS, Desk, known

KNOWN = known()
AT = datetime(2026, 9, 1, 8)
TOKENS = ("tokenofpa", "tokenofpb")
HOMES = ("h1", "h2")
SECRET = "王小明"
ENTITIES = {"dwelling": HOMES, "person": TOKENS, "residency": tuple(f"{person}@{home}" for person in TOKENS for home in HOMES)}
UNITS = {"dwelling": ("use", "tenure"), "person": ("name", "phone"), "residency": ("residence_type",)}


@st.composite
def golden(draw: st.DrawFn, kind: str) -> dict[str, Any]:
    """A golden row of one of few entities: some sources differ in some units; links are present or not, one of them the main one."""
    row: dict[str, Any] = {"entity": draw(st.sampled_from(ENTITIES[kind])), "alive": draw(st.sampled_from([True, True, False]))}
    sources = KNOWN.sources(kind)
    if kind == "residency":
        row |= dict(zip(("person", "dwelling"), row["entity"].split("@"), strict=True))
    if not row["alive"]:
        return row | {"present": False}
    for source in draw(st.sets(st.sampled_from(sources))):
        row |= {f"{source}__delivery": "d", f"{source}__row": 1, f"{source}__record": draw(st.sampled_from(["r", row["entity"]])), f"{source}__observed_at": AT}
    for unit in UNITS[kind]:
        row |= {f"{unit}__status": "disputed", f"{unit}__source": sources[0], f"{unit}__agree": 1, f"{unit}__differ": 0, unit: SECRET}
    if kind == "residency":
        row |= {"present": draw(st.booleans()), "main": draw(st.booleans()), "residence_status": "1"}
        row |= {"present__source": draw(st.sampled_from(["visit", *sources])), "present__status": "single"}
    if kind == "person":
        row["deregistered_on"] = draw(st.none() | st.dates(date(2026, 8, 1), date(2026, 9, 20)))
    named = sorted(draw(st.sets(st.tuples(st.sampled_from(UNITS[kind]), st.sampled_from(sources[1:])))))
    common = {"claimed": SECRET, "golden": SECRET, "observed_at": AT, "delivery": "d", "row": 1}
    row["differs"] = [{"attribute": unit, "source": source, "record": row["entity"], "judged": draw(st.booleans()), **common} for unit, source in named]
    return row


def request(entity: str, number: int, value: str, **more: Any) -> dict[str, Any]:
    base = f"v{number}:{entity}:name"
    row = {"request": f"{base}#0", "base": base, "counter": 0, "kind": "person", "entity": entity, "attribute": "name", "outcome": "corrected"}
    return row | {"value": value, "observed_at": AT, "source": "visit", "delivery": f"v{number}", "row": number, "recorded_at": AT} | more


steps = st.lists(
    st.tuples(
        *(st.lists(golden(kind), max_size=3, unique_by=lambda row: row["entity"]) for kind in KINDS),
        st.sampled_from(["", "", "asks", "recalls"]),
        st.integers(1, 25),
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=8, phases=[Phase.generate])
@given(steps)
def test_who_reads_the_topic_knows_exactly_what_is_open(given_steps: list[Any]) -> None:
    """After any changes of golden rows, links, requests and the moment, the last facts of the topic are those a state without memory would tell; to tell again sends nothing."""
    validator = validator_for(notice_json_schema(KNOWN))
    with Desk(KNOWN) as desk:
        for version, (*by_kind, event, day) in enumerate(given_steps):
            for kind, rows in zip(KINDS, by_kind, strict=True):
                if rows:
                    desk.golden(kind, version, rows)
            desk.facts("chunk", {"source": "rental", "delivery": "d", "chunk": version, "recorded_at": datetime(2026, 9, day)})
            if event == "asks":
                desk.facts("request", request(TOKENS[0], version, "李芳"))
            if event == "recalls":
                desk.facts("switch", {"switch": "recall", "target": f"v{version - 1}", "on": True, "sequence": version, "recorded_at": AT})
            dying = desk.changes()
            assert desk.changes() == dying
            facts = desk.announce(version)
            assert [json.dumps(fact, ensure_ascii=False, separators=(",", ":")) for fact in facts] == dying
            assert desk.read() == desk.open()
            assert desk.changes() == []
            for fact in facts:
                validator.validate(fact)
        assert not any(token in fact for token in TOKENS for fact in desk.topic)
        assert all('"attribute":"use"' in fact for fact in desk.topic if SECRET in fact)


@pytest.fixture
def desk() -> Any:
    with Desk(KNOWN) as made:
        yield made


def differs(attribute: str, **more: Any) -> dict[str, Any]:
    entry = {
        "attribute": attribute,
        "source": "rental",
        "record": "c7",
        "claimed": "3",
        "golden": "1",
        "judged": False,
        "observed_at": AT,
        "delivery": "d5",
        "row": 7,
    }
    return entry | more


def dwelling(**more: Any) -> dict[str, Any]:
    row = {"entity": "h1", "use": "1", "use__status": "disputed", "use__source": "ho_dwelling", "tenure__status": "corrected", "tenure__source": "visit"}
    return row | {"differs": [differs("use"), differs("tenure", judged=True)]} | more


def test_a_fact_says_which_row_of_whom_to_correct(desk: Desk) -> None:
    """A plain value is told with both sides; a personal one is withheld and named as such. Both name attribute and department in two languages, the row and why."""
    desk.golden("dwelling", 0, [dwelling()])
    tenure, use = sorted(desk.announce(0), key=lambda fact: fact["attribute"])
    assert use | {"discrepancy": ""} == {
        "state": "open",
        "discrepancy": "",
        "kind": "dwelling",
        "entity": "h1",
        "attribute": "use",
        "feed": "rental",
        "label": {"zh": KNOWN.kinds["dwelling"].attributes[4].label.zh, "en": KNOWN.kinds["dwelling"].attributes[4].label.en},
        "department": {"zh": "rental", "en": "rental"},
        "record": "c7",
        "origin": "d5/7",
        "claimed": "3",
        "golden": "1",
        "withheld": False,
        "status": "disputed",
        "golden_source": "ho_dwelling",
        "why": "outranked",
        "observed_at": "2026-09-01T08:00:00.000+08:00",
    }
    assert (tenure["claimed"], tenure["golden"], tenure["withheld"], tenure["why"], tenure["golden_source"]) == (None, None, True, "refuted_by_visit", "visit")


def test_a_person_is_not_named(desk: Desk) -> None:
    """Of persons and their links neither the entity is told nor a record that holds the token: the department finds the row by its own record or by its origin."""
    row = {"entity": "tokenofpa", "name__status": "disputed", "name__source": "ps_resident"}
    desk.golden("person", 0, [row | {"differs": [differs("name", claimed=SECRET, golden="李芳"), differs("phone", record="tokenofpa")]}])
    phone, name = sorted(desk.announce(0), key=lambda fact: fact["attribute"], reverse=True)
    assert (name["entity"], name["record"], name["origin"], name["claimed"], name["golden"]) == (None, "c7", "d5/7", None, None)
    assert (phone["entity"], phone["record"], phone["origin"]) == (None, None, "d5/7")
    assert "tokenofpa" not in "".join(desk.topic)


def test_who_knows_an_entity_cannot_find_its_facts(desk: Desk) -> None:
    """The key of a fact hangs on the installation's secret: the entity, which other topics show, does not give it."""
    desk.golden("person", 0, [{"entity": "tokenofpa", "name__status": "disputed", "name__source": "ps_resident", "differs": [differs("name")]}])
    first = desk.changes()
    desk.secret = "another"
    second = desk.changes()
    keys = [{json.loads(fact)["discrepancy"].partition(":")[0] for fact in facts} for facts in (first, second)]
    assert len(keys[0]) == len(keys[1]) == 1 and keys[0].isdisjoint(keys[1])
    assert hashlib.sha256(b"person/tokenofpa").hexdigest()[:32] not in keys[0] | keys[1]


def test_what_differs_no_more_is_closed_once_with_what_was_told(desk: Desk) -> None:
    """A closing fact repeats the last open one but for its state; nothing follows it. So does an entity that ceased to be."""
    desk.golden("dwelling", 0, [dwelling()])
    told = {fact["discrepancy"]: fact for fact in desk.announce(0)}
    desk.golden("dwelling", 1, [dwelling(differs=[differs("use")])])
    (closing,) = desk.announce(1)
    assert closing == told[closing["discrepancy"]] | {"state": "closed"} and closing["attribute"] == "tenure"
    desk.golden("dwelling", 2, [{"entity": "h1", "alive": False, "present": False}])
    (closing,) = desk.announce(2)
    assert closing == told[closing["discrepancy"]] | {"state": "closed"}
    assert desk.announce(3) == []


def test_a_deregistration_is_told_when_its_day_comes(desk: Desk) -> None:
    """A stay observed after its person's deregistration is odd from the day on, though no golden row changed since."""
    link = {"entity": "tokenofpa@h1", "person": "tokenofpa", "dwelling": "h1", "present": True, "main": True}
    desk.golden("residency", 0, [link | {"rental__delivery": "d", "rental__row": 2, "rental__record": "c2", "rental__observed_at": datetime(2026, 9, 20)}])
    desk.golden("person", 0, [{"entity": "tokenofpa", "deregistered_on": date(2026, 9, 10)}])
    desk.facts("chunk", {"source": "rental", "delivery": "d", "chunk": 0, "recorded_at": datetime(2026, 9, 9)})
    assert desk.announce(0) == []
    desk.facts("chunk", {"source": "rental", "delivery": "d", "chunk": 1, "recorded_at": datetime(2026, 9, 10)})
    assert [(fact["why"], fact["record"], fact["withheld"]) for fact in desk.announce(1)] == [("after_deregistration", "c2", True)]


def test_what_a_visit_asks_is_told_without_any_golden_change(desk: Desk) -> None:
    """A visit's request for what it cannot change reaches who claims it, and is closed when the visit is recalled."""
    row = {"entity": "tokenofpa", "name": SECRET, "name__status": "single", "name__source": "rental", "name__agree": 4, "name__differ": 0}
    desk.golden("person", 0, [row | {"rental__delivery": "d2", "rental__row": 2, "rental__record": "c2", "rental__observed_at": AT}])
    assert desk.announce(0) == []
    desk.facts("request", request("tokenofpa", 1, "王晓明"))
    (asked,) = desk.announce(0)
    assert (asked["why"], asked["feed"], asked["record"], asked["claimed"]) == ("visit_requests", "rental", "c2", None)
    desk.facts("switch", {"switch": "recall", "target": "v1", "on": True, "sequence": 1, "recorded_at": AT})
    assert [fact["state"] for fact in desk.announce(0)] == ["closed"]


def test_a_discrepancy_may_change_its_reason(desk: Desk) -> None:
    """A claim that was outranked, then becomes golden while a visit asks to correct it, stays one discrepancy: one further open fact and no closing one."""
    row = {"entity": "tokenofpa", "name": SECRET, "name__status": "single", "name__source": "rental", "name__agree": 4, "name__differ": 0}
    desk.golden("person", 0, [row | {"name__source": "ps_resident", "name__agree": 2, "name__differ": 4, "differs": [differs("name")]}])
    desk.facts("request", request("tokenofpa", 1, "王晓明"))
    outranked = next(fact for fact in desk.announce(0) if fact["feed"] == "rental")
    desk.golden("person", 1, [row | {"rental__delivery": "d2", "rental__row": 2, "rental__record": "c7", "rental__observed_at": AT}])
    told = [(fact["state"], fact["why"]) for fact in desk.announce(1) if fact["discrepancy"] == outranked["discrepancy"]]
    assert told == [("open", "visit_requests")]


def test_a_lost_memory_is_filled_from_the_topic(desk: Desk) -> None:
    """A state that lost what it told reads the topic: it then sends only what changed meanwhile, and closes what ended, also of entities it does not know."""
    desk.golden("dwelling", 0, [dwelling(), dwelling(entity="h2")])
    desk.announce(0)
    desk.golden("dwelling", 1, [dwelling(differs=[differs("use")])])
    desk.announce(1)
    with Desk(KNOWN) as again:
        again.con.executemany("insert into told values (?, ?, ?)", told_of(fact.encode() for fact in desk.topic))
        again.golden("dwelling", 2, [dwelling(differs=[differs("use"), differs("tenure")])])
        sent = again.announce(2)
    assert sorted((fact["state"], fact["entity"], fact["attribute"]) for fact in sent) == [
        ("closed", "h2", "tenure"),
        ("closed", "h2", "use"),
        ("open", "h1", "tenure"),
    ]
