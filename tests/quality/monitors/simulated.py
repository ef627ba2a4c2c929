"""Ninety days of deliveries as departments make them: weekdays, days off and public holidays have volumes of their own, and everything scatters.

Raw rows are invented for real contracts, all from one seed, and go through the real profiling statement: nothing here knows what a monitor computes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

import numpy as np
import pyarrow as pa

from cabin.profiled import profile
from contracts.model import Feed
from contracts.normalising import raw_schema
from contracts.profiling import Sort, fields_of
from quality.monitors import Calendar, DayKind, closing_profile

DAYS = 90
FEEDS = ("ps_resident", "mr_business", "bank_counter", "grid_event", "thing_device")
"""Feeds with codes, texts, numbers, dates, tokens and sealed columns among them."""
COUNTS = frozenset({"warned", "dissuaded", "saved", "parties_count"})
"""Columns whose contract keeps them as text, because words may stand beside the number."""
STRAYS = 0.0005
"""The share of codes and texts that somebody mistyped."""


@dataclass
class Simulated:
    """One feed's ninety days before they become profiles: per row its day and cells, per day its arrival and what its closing says."""

    feed: Feed
    fields: dict[str, Sort]
    days: list[date]
    day_of: np.ndarray
    cells: dict[str, np.ndarray]
    arrival: dict[date, datetime]
    drift: dict[date, list[dict[str, object]]] = field(default_factory=dict)

    def rows_on(self, day: date) -> np.ndarray:
        return np.flatnonzero(self.day_of == self.days.index(day))

    def keep(self, chosen: np.ndarray) -> None:
        """These rows, in this order, which may repeat some."""
        self.day_of = self.day_of[chosen]
        self.cells = {name: cells[chosen] for name, cells in self.cells.items()}


def simulate(feed: Feed, calendar: Calendar, begin: date, chance: np.random.Generator) -> Simulated:
    """A feed without incidents."""
    days = [begin + timedelta(days=each) for each in range(DAYS)]
    usual, noise, off = chance.uniform(100, 250), chance.uniform(0.03, 0.08), chance.choice([0.0, 0.35, 0.8])
    weekly = {DayKind(each): chance.uniform(0.8, 1.25) for each in range(9)} | {
        kind: off * chance.uniform(0.9, 1.1) for kind in (DayKind.SATURDAY, DayKind.SUNDAY)
    }
    weekly[DayKind.HOLIDAY] = weekly[DayKind.SUNDAY]
    weekly[DayKind.EXTRA] = weekly[DayKind.WEDNESDAY]
    counts = [int(usual * weekly[calendar.kind(day)] * np.exp(chance.normal(0, noise))) for day in days]
    day_of = np.repeat(np.arange(DAYS), counts)
    hour = chance.uniform(5, 9)
    arrival = {
        day: datetime.combine(day, time()) + timedelta(hours=hour + abs(chance.normal(0, 0.2))) for day, count in zip(days, counts, strict=True) if count
    }
    fields = fields_of(feed)
    cells = {name: _cells(feed, name, sort, days, day_of, chance) for name, sort in fields.items()}
    return Simulated(feed, fields, days, day_of, cells, arrival)


def _cells(feed: Feed, name: str, sort: Sort, days: list[date], day_of: np.ndarray, chance: np.random.Generator) -> np.ndarray:
    count = len(day_of)
    if sort == "date":
        age, whole = chance.gamma(2.0, chance.uniform(0.3, 20), count), chance.random() < 0.4
        made = [datetime.combine(days[each], time()) - timedelta(days=float(old)) for each, old in zip(day_of, age, strict=True)]
        cells = np.array([each.date().isoformat() if whole else each.isoformat(sep=" ", timespec="seconds") for each in made], object)
    elif sort == "number" or name in COUNTS:
        cells = np.array([f"{value:g}" for value in _numbers(chance, count)], object)
    elif sort in ("token", "sealed") or (feed.record and name in feed.record):
        cells = np.array([f"t{each:08d}" for each in chance.integers(0, 50_000_000, count)], object)
    else:
        values, shares = _pool(name, sort, chance)
        cells = chance.choice(values, count, p=shares)
        cells = np.where(chance.random(count) < STRAYS, np.array([f"?{each}" for each in chance.integers(0, 10**6, count)], object), cells)
    blank = chance.random(count) < chance.choice([0.0, 0.0, 0.002, 0.03, 0.2])
    return np.where(blank, None, cells)


def _numbers(chance: np.random.Generator, count: int) -> np.ndarray:
    """Small counts, or amounts with a long tail."""
    if chance.random() < 0.5:
        return chance.poisson(chance.uniform(1, 6), count).astype(float)
    return np.round(np.exp(chance.normal(chance.uniform(1, 6), chance.uniform(0.2, 0.9), count)), 2)


def _pool(name: str, sort: Sort, chance: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Values and how often each comes."""
    size = int(chance.integers(3, 7)) if sort == "code" else int(chance.choice([8, 60, 600]))
    shares = chance.dirichlet(np.full(size, 4.0))
    shares[0] *= chance.choice([0.02, 1.0])  # one value may be rare
    return np.array([f"{name[:3]}{each}" for each in range(size)], object), shares / shares.sum()


def raw_rows(simulated: Simulated) -> pa.Table:
    """All rows as normalising would read them, one delivery a day."""
    feed, count = simulated.feed, len(simulated.day_of)
    days = [simulated.days[each] for each in simulated.day_of]
    members = [name for name, sort in simulated.fields.items() if sort == "sealed"]
    opened = ["{" + ",".join(f'"{name}":"x"' for name in members if simulated.cells[name][row] is not None) + "}" for row in range(count)]
    told: dict[str, object] = {
        "row": np.arange(count, dtype=np.int32),
        "delivery": [f"{feed.name}{day}" for day in days],
        "mode": ["increment"] * count,
        "recorded_at": [simulated.arrival[day] for day in days],
        "opened": opened,
        "sealed": [b"x"] * count,
    }
    schema = raw_schema(feed)
    arrays = [
        pa.array(told[each.name], each.type)
        if each.name in told
        else pa.array(simulated.cells[each.name], each.type)
        if each.name in simulated.cells
        else pa.nulls(count, each.type)
        for each in schema
    ]
    return pa.table(arrays, schema=schema)


def profiles_of(simulated: Simulated, engine: object) -> pa.Table:
    """What the store would hold of these deliveries."""
    counts = np.bincount(simulated.day_of, minlength=DAYS)
    closings = [
        {
            "source": simulated.feed.name,
            "delivery": f"{simulated.feed.name}{day}",
            "mode": "increment",
            "recorded_at": simulated.arrival[day].isoformat(),
            "landed": int(count),
            "report": {"drift": simulated.drift.get(day, [])},
        }
        for day, count in zip(simulated.days, counts, strict=True)
        if count
    ]
    return pa.concat_tables([closing_profile(closings), profile(engine, simulated.feed, raw_rows(simulated)).cast(closing_profile([]).schema)])  # type: ignore[arg-type]
