"""Small adversarial worlds: two dwellings, two persons, a handful of deliveries and visits, and few moments, values and areas, so that ties and edges happen all the time.

A world is named by its number: its entities, deliveries and areas are its own, so that many worlds can be folded at once.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from contracts.model import Kind, Unit
from tests.laws.example import KINDS, SILENT, SOURCES
from tests.laws.shapes import Chunk, Claim, Closed, Fact, Finding, Presence, Roster, Switch, Value, Verification, Visit

START = datetime(2026, 3, 1)
DAYS = (0, 1, 2, 31, 32, 33, 63)
MOMENTS = tuple(START + timedelta(days=day) for day in DAYS)
PLACES = (
    "330302", "330302006071", "330302006071/a", "330302006071/a/1", "330302006071/a/1/2", "330302006071/a/7", "330302006071/b", "330302009001/c/1", "-/a", "-/d",
    "330302/a/1", "330302006/a",
)  # fmt: skip
WORDS: dict[str, tuple[Value, ...]] = {
    "present": (True, True, True, False, False, None),
    "use": ("01", "02", "03", None),
    "owner": ("li", "wu", None),
    "share": (1, 2, None),
    "place": (*PLACES, None),
    "state": ("01", "02", "03", None),
    "people_band": ("0", "1", "1", "2", None),
    "from_on": (None, *(moment.date() for moment in MOMENTS[1:5])),
}
LETTERS = "abcdefghijklmnopqrstuvwxyz234567"


@dataclass
class World:
    """What one world is made of while it grows."""

    number: int
    chance: Random
    facts: list[Any] = field(default_factory=list)
    deliveries: list[Closed] = field(default_factory=list)
    names: int = 0

    def __post_init__(self) -> None:
        """Most of a world concerns one entity and one of its units, and it knows few words: so that facts meet."""
        self.main_kind = KINDS[self.chance.choice(("dwelling", "residency"))]
        self.main_unit = self.chance.choice(self.main_kind.units)
        self.words = {name: tuple(self.chance.sample(words, min(5, len(words)))) for name, words in WORDS.items()}

    @property
    def area(self) -> str:
        return f"{100000 + self.number:06d}"

    def dwelling(self) -> str:
        return f"{self.area}001001/s/{self.chance.choice('1112')}"

    def person(self) -> str:
        return f"p{self.number}{self.chance.choice('xxxy')}"

    def link(self) -> str:
        return f"{self.person()}@{self.dwelling()}"

    def entity(self, kind: str) -> str:
        return self.link() if kind == "residency" else self.dwelling()

    def kind(self) -> Kind:
        return self.main_kind if self.likely(0.75) else KINDS[self.chance.choice(("dwelling", "residency"))]

    def unit(self, kind: Kind) -> Unit:
        return self.main_unit if kind is self.main_kind and self.likely(0.75) else self.chance.choice(kind.units)

    def likely(self, share: float) -> bool:
        return self.chance.random() < share

    def moment(self) -> datetime:
        return self.chance.choice(MOMENTS)

    def inner_area(self) -> str:
        return self.area + self.chance.choice(("", "001", "001", "001001", "002"))

    def name(self) -> str:
        """A delivery's: twelve letters."""
        self.names += 1
        left, letters = self.number * 64 + self.names, ""
        for _ in range(12):
            left, letter = divmod(left, 32)
            letters = LETTERS[letter] + letters
        return letters


def world(number: int, chance: Random) -> list[Any]:
    """All facts of one world, without repetition."""
    made = World(number, chance)
    for _ in range(chance.randint(1, 6)):
        deliver(made)
    for _ in range(chance.choice((0, 1, 1, 2, 3, 4))):
        find(made)
    for _ in range(chance.choice((0, 0, 1, 1, 2))):
        call(made)
    if made.likely(0.1):
        end(made)
    decide(made)
    return list(dict.fromkeys(made.facts))


# --- deliveries


def deliver(made: World) -> None:
    """One delivery of one source, its closing, or a further part of an earlier snapshot."""
    chance = made.chance
    earlier = [closed for closed in made.deliveries if closed.mode == "snapshot"]
    model = chance.choice(earlier) if earlier and made.likely(0.4) else None
    source = model.source if model else chance.choice(SOURCES)
    mode = "snapshot" if model else chance.choice(("increment", "increment", "snapshot", "snapshot", "withdrawal"))
    moment = model.moment if model and made.likely(0.5) else made.moment()
    parts = model.parts if model else chance.choice((1, 1, 1, 2))
    rows, chunks = chance.choice((0, 1, 1, 2, 3, 4)), chance.choice((1, 1, 2))
    unkeyed = 1 if mode == "snapshot" and made.likely(0.12) else 0
    closed = Closed(
        source=source, delivery=made.name(), mode=mode, moment=moment, area=model.area if model else made.inner_area(), part=chance.randint(1, parts), parts=parts,
        declared=rows + unkeyed + (made.likely(0.08)), delivered=rows + unkeyed, refused=0, reduced=0, layout=0, landed=rows + unkeyed, unkeyed=0, chunks=chunks,
        supersedes=(chance.choice(made.deliveries).delivery,) if made.deliveries and made.likely(0.12) else (),
    )  # fmt: skip
    for row in range(1, rows + 1):
        made.facts += row_facts(made, closed, row)
    arrived = chunks - made.likely(0.08)
    made.facts += [
        Chunk(source=source, delivery=closed.delivery, chunk=number, rows=rows + unkeyed, accepted=rows, unkeyed=unkeyed if number == 0 else 0)
        for number in range(arrived)
    ]
    if not made.likely(0.08):
        made.facts.append(closed)
    made.deliveries.append(closed)


def row_facts(made: World, closed: Closed, row: int) -> list[Any]:
    """A claim, a presence of a row that is listed but unreadable, or either with its repair."""
    kind = made.kind()
    claim = again(made, closed, row) or claimed(made, closed, row, kind)
    kind = KINDS[claim.kind]
    listed = closed.mode == "snapshot"
    present = presence(made, claim)
    if listed and made.likely(0.15):
        return [present]
    if listed and made.likely(0.06):
        return [present, replace(claim, repair=1)]
    if made.likely(0.12):
        values = spoken(claim.source, kind, drawn(made, kind))
        later = {"contract_version": 2} if made.likely(0.3) else {"repair": 1}
        return [claim, replace(claim, values=values, content=content(values, claim.withdraws), **later)]
    return [claim]


def claimed(made: World, closed: Closed, row: int, kind: Kind) -> Claim:
    entity, chance, listed = made.entity(kind.name), made.chance, closed.mode == "snapshot"
    own_time = made.likely(0.6)
    own = min(made.moment(), closed.moment or START) if listed else made.moment()
    withdraws = closed.mode == "withdrawal" or made.likely(0.12)
    values = spoken(closed.source, kind, drawn(made, kind, closed.source == "gamma"))
    owner = entity.split("@")[0]
    return Claim(
        source=closed.source, delivery=closed.delivery, row=row, kind=kind.name, entity=entity, record=chance.choice((f"{owner}|1", f"{owner}|1", f"{owner}|2", entity)),
        observed_at=own if own_time else closed.moment or START, rank=chance.choice((0, 1)) if closed.source == "alpha" else 0, withdraws=withdraws,
        content=content(values, withdraws), values=values, own_time=own_time, listed=listed, moment=closed.moment if listed else None,
        area=None if made.likely(0.05) else made.inner_area() if made.likely(0.3) else f"{made.area}001001",
    )  # fmt: skip


def spoken(source: str, kind: Kind, values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Blanks where a source has no column."""
    silent = SILENT.get((source, kind.name), ())
    return tuple(None if one.name in silent else value for one, value in zip(kind.attributes, values, strict=True))


def again(made: World, closed: Closed, row: int) -> Claim | None:
    """Sometimes a row that an earlier delivery of the source had already, word for word: lists repeat themselves."""
    moment = closed.moment or START
    known = [
        fact
        for fact in made.facts
        if isinstance(fact, Claim) and fact.source == closed.source and fact.own_time and not fact.withdraws and fact.observed_at <= moment
    ]
    if closed.mode == "withdrawal" or not known or not made.likely(0.35):
        return None
    listed = closed.mode == "snapshot"
    changes = {"delivery": closed.delivery, "row": row, "repair": 0, "contract_version": 1, "listed": listed, "moment": closed.moment if listed else None}
    return replace(made.chance.choice(known), **changes)


def presence(made: World, claim: Claim) -> Presence:
    """With the entity, or with nothing but the record."""
    entity = None if made.likely(0.3) else claim.entity
    return Presence(source=claim.source, delivery=claim.delivery, row=claim.row, kind=claim.kind, entity=entity, record=claim.record)


def drawn(made: World, kind: Kind, mostly_blank: bool = False) -> tuple[Value, ...]:
    return tuple(None if mostly_blank and made.likely(0.4) else made.chance.choice(made.words[attribute.name]) for attribute in kind.attributes)


def content(values: tuple[Value, ...], withdraws: bool) -> int:
    return int(hashlib.md5(f"{values}{withdraws}".encode(), usedforsecurity=False).hexdigest()[:16], 16)


# --- visits


def find(made: World) -> None:
    """A finding about a unit, often amended, often judged by another, often aware of earlier ones."""
    kind = made.kind()
    entity, unit = made.entity(kind.name), made.unit(kind)
    visit = f"v{made.number}-{made.name()}"
    base = f"{visit}:{entity}:{unit.name}"
    first = finding(made, kind, unit, entity, base, made.moment())
    made.facts.append(first)
    versions = [first]
    if made.likely(0.25):
        versions.append(replace(finding(made, kind, unit, entity, base, first.observed_at, 1), actor=first.actor))
        made.facts.append(versions[1])
    if made.likely(0.1):
        made.facts.append(replace(first, delivery=made.name()))
    elif made.likely(0.08):
        made.facts.append(
            replace(finding(made, kind, unit, entity, base, first.observed_at), delivery=first.delivery, repair=1, seen=first.seen, actor=first.actor)
        )
    for one in versions:
        verify(made, one, kind.name, entity, unit.name, one.finding)


def finding(made: World, kind: Kind, unit: Unit, entity: str, base: str, observed_at: datetime, counter: int = 0) -> Finding:
    outcome = made.chance.choice(("confirmed", "corrected", "corrected", "not_observable", "declined"))
    value = (
        None
        if outcome in {"not_observable", "declined"}
        else written(unit, [made.chance.choice([word for word in made.words[member.name] if word is not None]) for member in unit.members])
    )
    shown = [fact.finding for fact in made.facts if isinstance(fact, Finding) and (fact.entity, fact.attribute) == (entity, unit.name)]
    counted = (kind.name, unit.name) in {("residency", "present"), ("dwelling", "people_band")}
    shown += [fact.roster for fact in made.facts if isinstance(fact, Roster) and counted]
    return Finding(
        source="visit", delivery=made.name(), row=1, kind=kind.name, finding=f"{base}#{counter}", base=base, counter=counter, entity=entity, attribute=unit.name, outcome=outcome,
        value=value, seen=some(made, halves(shown)), actor=made.chance.choice("ab"), observed_at=observed_at, content=content((outcome, value), False),
    )  # fmt: skip


def halves(names: list[str]) -> list[str]:
    """A visit that counted people and listed them may be shown by either."""
    return names + [name.replace(":roster#", ":people_band#") if ":roster#" in name else name.replace(":people_band#", ":roster#") for name in names]


def some(made: World, names: list[str]) -> tuple[str, ...]:
    return tuple(sorted({name for name in names if made.likely(0.5)}))


def written(unit: Unit, values: list[Value]) -> str:
    """As findings carry values: text, for a group a JSON object."""
    if len(values) == 1:
        return text(values[0])
    return json.dumps({member.name: value for member, value in zip(unit.members, values, strict=True)}, sort_keys=True)


def text(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else value.isoformat() if isinstance(value, date) else str(value)


def verify(made: World, one: Fact, kind: str, entity: str, attribute: str, version: str) -> None:
    for _ in range(made.chance.choice((0, 0, 0, 1, 1, 2))):
        made.facts.append(
            Verification(
                source="visit", delivery=made.name(), row=1, kind=kind, version=version, entity=entity, attribute=attribute, agree=made.likely(0.4),
                actor=made.chance.choice("abc"), observed_at=made.moment(),
            )
        )  # fmt: skip


def call(made: World) -> None:
    """A roster of a dwelling, complete or partial, sometimes amended."""
    dwelling, delivery = made.dwelling(), made.name()
    base = f"v{made.number}-{delivery}:{dwelling}:roster"
    observed_at, actor = made.moment(), made.chance.choice("ab")
    for counter in range(made.chance.choice((1, 1, 1, 2))):
        shown = [fact.roster for fact in made.facts if isinstance(fact, Roster)]
        shown += [
            fact.finding
            for fact in made.facts
            if isinstance(fact, Finding) and (fact.kind, fact.attribute) in {("residency", "present"), ("dwelling", "people_band")}
        ]
        persons = sorted({made.person() for _ in range(made.chance.choice((0, 1, 1, 2)))}) or [None]
        common: dict[str, Any] = {
            "source": "visit", "delivery": made.name() if counter else delivery, "roster": f"{base}#{counter}", "base": base, "counter": counter, "dwelling": dwelling,
            "complete": made.likely(0.7), "unidentified": made.chance.choice((0, 0, 0, 1)), "seen": some(made, halves(shown)), "actor": actor, "observed_at": observed_at,
        }  # fmt: skip
        rows = [Roster(row=row, person=person, **common) for row, person in enumerate(persons, 1)]
        made.facts += rows
        verify(made, rows[0], "dwelling", dwelling, "roster", f"{base}#{counter}")
    if made.likely(0.3):
        count(made, dwelling, base, observed_at, actor)
    if made.likely(0.3):
        count(made, dwelling, base.replace(delivery, made.name()), made.moment(), actor)


def count(made: World, dwelling: str, roster: str, observed_at: datetime, actor: str) -> None:
    """The visit of a roster, or another one, says how many live there."""
    kind = KINDS["dwelling"]
    unit = next(unit for unit in kind.units if unit.name == "people_band")
    own = replace(finding(made, kind, unit, dwelling, roster.removesuffix("roster") + unit.name, observed_at), actor=actor)
    made.facts.append(own)
    verify(made, own, kind.name, dwelling, unit.name, own.finding)


def end(made: World) -> None:
    """A visit that found the dwelling gone."""
    visit, dwelling = f"v{made.number}-{made.name()}", made.dwelling()
    base = f"{visit}:{dwelling}:present"
    gone = Visit(
        source="visit",
        delivery=made.name(),
        row=1,
        visit=visit,
        dwelling=dwelling,
        event="closed",
        outcome="no_longer_exists",
        actor="a",
        observed_at=made.moment(),
    )
    made.facts += [
        gone,
        Finding(
            source="visit", delivery=gone.delivery, row=1, kind="dwelling", finding=f"{base}#0", base=base, counter=0, entity=dwelling, attribute="present", outcome="corrected",
            value="false", seen=(), actor="a", observed_at=gone.observed_at, content=content(("corrected", "false"), False),
        ),
    ]  # fmt: skip
    verify(made, gone, "dwelling", dwelling, "present", f"{base}#0")


def decide(made: World) -> None:
    """Recalls of deliveries, some of them taken back."""
    named = sorted({fact.delivery for fact in made.facts})
    for sequence in range(made.chance.choice((0, 0, 0, 1, 2))):
        target = made.chance.choice(named)
        made.facts.append(Switch(switch="recall", target=target, on=True, sequence=10 * sequence + made.number * 100))
        if made.likely(0.4):
            made.facts.append(Switch(switch="recall", target=target, on=False, sequence=10 * sequence + 1 + made.number * 100))
