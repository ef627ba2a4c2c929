"""Invented businesses and venues, where they are and what became of them in 2026."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from cabin.demo import words
from cabin.demo.dice import Dice, Flags, Ints
from cabin.demo.numbers import credit_codes
from cabin.demo.places import joined, picked
from cabin.demo.world import FIRST_DAY, World, day, days_after, offset

PEOPLE_PER_BUSINESS = 10
PEOPLE_PER_VENUE = 30
STATUS = {1: 0.90, 2: 0.03, 3: 0.01, 4: 0.06}
OPEN, CLOSED, GONE = 0, 1, 2
LICENCES = ("JY", "LG", "YL", "XY", "WB", "SC", "NM", "QT")
SERIAL_STEP, SERIAL_RANGE = 7_368_787, 31**6
"""Steps through all serials without repeating: the step is prime and does not divide the range."""


def add_firms(world: World) -> None:
    """Adds business and venue."""
    count = max(60, world.people // PEOPLE_PER_BUSINESS)
    world.add("business", _businesses(world.dice, count, world.count("dwelling")))
    world.add("venue", _venues(world.dice, max(40, world.people // PEOPLE_PER_VENUE), count, world.count("dwelling")))


def _businesses(dice: Dice, count: int, dwellings: int) -> dict[str, NDArray[Any] | pa.Array]:
    """`changed_on` and `told_on`: when the status changed, and when the registry heard of it (null: never); `moved_on`, `moved_told_on` the same for the place of business."""
    trade = dice.ints("trade", 0, len(words.TRADES), count)
    status = dice.choice("business status", STATUS, count)
    registered = dice.ints("registered at", 0, dwellings, count)
    moved = dice.flags("business moved", 0.06, count)
    apart = dice.flags("business apart", 0.15, count)
    first = np.where(apart, dice.ints("operating at", 0, dwellings, count), registered)
    return {
        "b": np.arange(count),
        "uscc": pa.array(credit_codes((np.arange(count) + dice.seed * 1_000) * SERIAL_STEP % SERIAL_RANGE)),
        "name": _firm_names(dice, trade),
        "trade": trade,
        "kind": dice.choice("entity kind", {1: 0.62, 2: 0.05, 3: 0.31, 4: 0.02}, count),
        "status": status,
        "registered": registered,
        "before": first,
        "operating": np.where(moved, dice.ints("moved to", 0, dwellings, count), first),
        "established_on": days_after(day(1, 1).replace(year=2001), dice.ints("established", 0, 8_700, count)),
        "newcomer": dice.flags("business newcomer", 0.02, count),
        "luck": dice.ints("business luck", 0, 2**40, count),
        **_changes(dice, "status", status != 1, 0.5),
        **_changes(dice, "moved", moved, 0.6),
    }


def _venues(dice: Dice, count: int, businesses: int, dwellings: int) -> dict[str, NDArray[Any] | pa.Array]:
    kind = dice.choice("venue kind", {0: 0.4, 1: 0.08, 2: 0.05, 3: 0.04, 4: 0.04, 5: 0.25, 6: 0.03, 7: 0.11}, count)
    state = dice.choice("venue open", {OPEN: 0.87, CLOSED: 0.08, GONE: 0.05}, count)
    serial = pa.array(33_030_200_000 + np.arange(count)).cast(pa.string())
    names = joined(_firm_names(dice, None, "venue", count), picked(words.VENUE_ENDINGS, kind))
    return {
        "n": np.arange(count),
        "name": names,
        "kind": kind,
        "licence": joined(picked(LICENCES, kind), serial),
        "licensed": ~dice.flags("unlicensed", 0.02, count),
        "b": dice.ints("operator", 0, businesses, count),
        "d": dice.ints("venue at", 0, dwellings, count),
        "capacity": dice.choice("capacity", {20: 0.3, 40: 0.3, 80: 0.2, 150: 0.12, 400: 0.08}, count) + dice.ints("capacity fine", 0, 20, count),
        "opens": dice.ints("opens", 6, 12, count),
        "state": state,
        "luck": dice.ints("venue luck", 0, 2**40, count),
        **_changes(dice, "venue", state != OPEN, 0.4),
    }


def _changes(dice: Dice, name: str, changed: Flags, told_share: float) -> dict[str, NDArray[Any]]:
    count = len(changed)
    on = np.where(changed, dice.ints(f"{name} changed on", offset(day(2, 15)), offset(day(10, 20)), count), -1)
    told = changed & dice.flags(f"{name} told", told_share, count)
    after = dice.ints(f"{name} told after", 2, 25, count)
    return {f"{name}_on": days_after(FIRST_DAY, on), f"{name}_told_on": days_after(FIRST_DAY, np.where(told, on + after, -1))}


def _firm_names(dice: Dice, trade: Ints | None, name: str = "firm", count: int = 0) -> pa.Array:
    """`温州鼎业丰贸易有限公司`: two invented signs, a third for most, and the trade; without trade only the signs."""
    count = len(trade) if trade is not None else count
    first, second, third = (dice.ints(f"{name} {part}", 0, 10**6, count) for part in ("first", "second", "third"))
    signs = joined(picked(words.FIRM_FIRST, first), picked(words.FIRM_SECOND, second), picked((*words.FIRM_SECOND, *words.FIRM_FIRST, ""), third))
    return signs if trade is None else joined("温州", signs, picked(tuple(ending for ending, _, _ in words.TRADES), trade))
