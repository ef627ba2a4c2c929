"""Writes the demo district: the world first, then every department's deliveries with their manifests, then the truth."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cabin.demo import addresses, deregistered, devices, division, events, hazards, housing, market, police, rental, tasks, venues, visits
from cabin.demo.delivery import Plan, write
from cabin.demo.errors import TooFewPeople
from cabin.demo.firms import add_firms
from cabin.demo.persons import add_people
from cabin.demo.places import add_places
from cabin.demo.truth import write_truth
from cabin.demo.world import World

FEWEST_PEOPLE = 1_000
DEPARTMENTS: tuple[Callable[[World], list[Plan]], ...] = (
    police.plans,
    addresses.plans,
    deregistered.plans,
    housing.plans,
    rental.plans,
    market.plans,
    venues.plans,
    events.plans,
    devices.plans,
    hazards.plans,
    division.plans,
    visits.plans,
    tasks.plans,
)


@dataclass(frozen=True, slots=True)
class Delivered:
    """One delivered file; `rows` are its data rows."""

    file: Path
    feed: str
    mode: str
    moment: datetime
    area: str | None
    rows: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything that was written, in the order it should land."""

    folder: Path
    people: int
    seed: int
    deliveries: tuple[Delivered, ...]

    @property
    def rows(self) -> int:
        return sum(delivered.rows for delivered in self.deliveries)

    @property
    def truth(self) -> Path:
        return self.folder / "truth"


def generate(folder: Path, people: int = 20_000, seed: int = 7) -> Manifest:
    """Deliveries under `deliveries`, the planted truth under `truth`; the same seed and size give the same bytes.

    Raises: `TooFewPeople`.
    """
    if people < FEWEST_PEOPLE:
        raise TooFewPeople(people=people, fewest=FEWEST_PEOPLE)
    world = World.empty(people, seed)
    try:
        add_places(world)
        add_people(world)
        add_firms(world)
        plans = sorted((plan for department in DEPARTMENTS for plan in department(world)), key=lambda plan: plan.order)
        target = folder / "deliveries"
        target.mkdir(parents=True, exist_ok=True)
        written: list[Delivered] = []
        for plan in plans:
            written += _deliver(world, plan, target, len(written) + 1)
        write_truth(world, folder / "truth")
    finally:
        world.con.close()
    return Manifest(folder, people, seed, tuple(written))


def _deliver(world: World, plan: Plan, target: Path, place: int) -> list[Delivered]:
    """Writes one file and the manifest beside it; a file without rows is taken back."""
    path = target / f"{place:03d}_{plan.feed}_{plan.moment:%Y%m%dT%H%M}.{plan.format}"
    rows = write(world.con, plan, path)
    if not rows:
        path.unlink()
        return []
    delivered = Delivered(path, plan.feed, plan.mode, plan.moment, plan.area, rows)
    path.with_name(path.name + ".manifest.json").write_text(_manifest(delivered), encoding="utf-8")
    return [delivered]


def _manifest(delivered: Delivered) -> str:
    moment = delivered.moment.isoformat(timespec="milliseconds")
    stated = {"feed": delivered.feed, "mode": delivered.mode, "moment": moment, "area": delivered.area, "rows": delivered.rows}
    return json.dumps({name: value for name, value in stated.items() if value is not None}, ensure_ascii=False, indent=1) + "\n"
