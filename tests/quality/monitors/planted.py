"""Twelve kinds of incidents planted in simulated quarters, each on an ordinary working day of a feed that has such a field."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
import pyarrow as pa

from contracts.read import load
from quality.monitors import Calendar, calendar_of
from streams.landing import engine_of
from tests.quality.monitors.simulated import COUNTS, FEEDS, Simulated, profiles_of, simulate

WARM = 28
"""Days before the first incident."""


@dataclass(frozen=True, slots=True)
class Incident:
    """What was planted: the kind, where and when, and the monitors any of which names it."""

    kind: str
    feed: str
    day: date
    field: str
    monitors: frozenset[str]


def history(seed: int) -> tuple[pa.Table, list[Incident], date]:
    """Profiles of ninety days of every feed with twelve incidents of twelve kinds, the incidents, and the first day."""
    chance, contracts = np.random.default_rng(seed), load()
    calendar = calendar_of(contracts)
    begin = date(2026, 1, 1) + timedelta(days=int(chance.integers(0, 270)))
    world = {name: simulate(contracts.feeds[name], calendar, begin, chance) for name in FEEDS}
    incidents = list(planted(world, calendar, chance))
    with engine_of(contracts) as engine:
        return pa.concat_tables([profiles_of(each, engine) for each in world.values()]), incidents, begin


def planted(world: dict[str, Simulated], calendar: Calendar, chance: np.random.Generator) -> Iterator[Incident]:
    """One incident of each kind, each on an ordinary working day of a feed that has such a field; a feed has a quiet week between two."""
    free = {name: [day for day in each.days[WARM:-1] if calendar.kind(day) in range(1, 5) and day in each.arrival] for name, each in world.items()}
    for kind, (sort, monitors, plant) in INCIDENTS.items():
        suitable = [(name, column) for name, each in world.items() if free[name] for column in _fields(each, sort)]
        name, column = suitable[chance.integers(0, len(suitable))]
        day = free[name][chance.integers(0, len(free[name]))]
        plant(world[name], day, column, chance)
        free[name] = [each for each in free[name] if abs((each - day).days) > 6]
        yield Incident(kind, name, day, column, frozenset(monitors.split()))


def _fields(simulated: Simulated, sort: str) -> list[str]:
    """The fields an incident may fall on: of the sort, not nearly blank; `wide` are texts with many values, `` is the delivery as a whole."""
    if not sort:
        return [""]
    if sort == "wide":
        return [name for name, each in simulated.fields.items() if each in ("text", "code", "token") and len({*simulated.cells[name]}) > 40]
    if sort == "number":
        return [name for name, each in simulated.fields.items() if each == sort or name in COUNTS]
    if sort == "code":
        return [name for name, each in simulated.fields.items() if each == "code" and not (simulated.feed.record and name in simulated.feed.record)]
    return [name for name, each in simulated.fields.items() if sort in ("any", each)]


def _late(simulated: Simulated, day: date, column: str, chance: np.random.Generator) -> None:
    simulated.arrival[day] += timedelta(hours=7)


def _absent(simulated: Simulated, day: date, column: str, chance: np.random.Generator) -> None:
    simulated.keep(np.flatnonzero(simulated.day_of != simulated.days.index(day)))
    del simulated.arrival[day]


def _fewer(simulated: Simulated, day: date, column: str, chance: np.random.Generator) -> None:
    gone = chance.choice(simulated.rows_on(day), int(0.7 * len(simulated.rows_on(day))), replace=False)
    simulated.keep(np.setdiff1d(np.arange(len(simulated.day_of)), gone))


def _twice(simulated: Simulated, day: date, column: str, chance: np.random.Generator) -> None:
    simulated.keep(np.concatenate([np.arange(len(simulated.day_of)), simulated.rows_on(day)]))


def _blank(simulated: Simulated, day: date, column: str, chance: np.random.Generator) -> None:
    rows = simulated.rows_on(day)
    simulated.cells[column][rows[chance.random(len(rows)) < 0.5]] = None


def _constant(simulated: Simulated, day: date, column: str, chance: np.random.Generator) -> None:
    simulated.cells[column][simulated.rows_on(day)] = next(cell for cell in simulated.cells[column] if cell is not None)


def _collapse(simulated: Simulated, day: date, column: str, chance: np.random.Generator) -> None:
    rows = simulated.rows_on(day)
    few = [cell for cell in simulated.cells[column][rows] if cell is not None][:6]
    simulated.cells[column][rows] = chance.choice(np.array(few, object), len(rows))


def _new_code(simulated: Simulated, day: date, column: str, chance: np.random.Generator) -> None:
    rows = simulated.rows_on(day)
    simulated.cells[column][rows[chance.random(len(rows)) < 0.06]] = "Z9"


def _vanished(simulated: Simulated, day: date, column: str, chance: np.random.Generator) -> None:
    rows = simulated.rows_on(day)
    cells = simulated.cells[column]
    common = sorted({cell for cell in cells if cell is not None}, key=lambda cell: int((cells == cell).sum()))
    cells[rows[cells[rows] == common[-1]]] = common[-2]


def _renamed(simulated: Simulated, day: date, column: str, chance: np.random.Generator) -> None:
    rows = simulated.rows_on(day)
    simulated.cells[column][rows] = None
    simulated.drift[day] = [
        {"kind": "undeclared", "column": "新列", "type": "text", "values": len(rows)},
        {"kind": "missing", "column": column, "type": "text", "values": 0},
    ]


def _tenfold(simulated: Simulated, day: date, column: str, chance: np.random.Generator) -> None:
    rows = simulated.rows_on(day)
    simulated.cells[column][rows] = [None if cell is None else f"{10 * float(cell):g}" for cell in simulated.cells[column][rows]]


def _stale(simulated: Simulated, day: date, column: str, chance: np.random.Generator) -> None:
    rows = simulated.rows_on(day)
    shift = timedelta(days=90)
    simulated.cells[column][rows] = [None if cell is None else (datetime.fromisoformat(cell) - shift).isoformat() for cell in simulated.cells[column][rows]]


INCIDENTS: dict[str, tuple[str, str, Callable[[Simulated, date, str, np.random.Generator], None]]] = {
    "numbers in another unit": ("number", "q25 q50 q75", _tenfold),
    "old dates": ("date", "age25 age50 age75", _stale),
    "different values collapse": ("wide", "distinct top", _collapse),
    "vanished code": ("code", "vanished-code", _vanished),
    "new code": ("code", "new-code", _new_code),
    "constant column": ("code", "top vanished-code", _constant),
    "blanks": ("any", "nulls", _blank),
    "renamed column": ("text", "undeclared-column missing-column", _renamed),
    "fewer rows": ("", "volume", _fewer),
    "rows twice": ("", "volume", _twice),
    "late delivery": ("", "arrival", _late),
    "missing delivery": ("", "delivery freshness", _absent),
}
"""By kind: the sort of field it falls on, the monitors that name it, how it is planted."""
