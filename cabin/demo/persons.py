"""Invented people: numbers, names, where they live, whether and when they moved, left or died."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from cabin.demo import words
from cabin.demo.dice import Dice, Flags, Ints
from cabin.demo.numbers import IDENTITY_CHECKS, identity_checks, unique_sequences
from cabin.demo.places import joined, picked
from cabin.demo.world import FIRST_DAY, World, day, days_after, offset

HOUSEHOLDS = {1: 0.22, 2: 0.28, 3: 0.26, 4: 0.15, 5: 0.06, 6: 0.03}
LIVES, LEFT, DEREGISTERED = 0, 1, 2
LEFT_SHARE, DEREGISTERED_SHARE = 0.015, 0.004
ELSEWHERE = np.array([330304, 330381, 331022, 331003, 610922, 412723, 360426, 522121, 341221, 420982])
REFERENCE_DAY = np.datetime64(date(2026, 11, 20), "D")
DOCUMENTS = {10: 0.9993, 20: 0.0005, 30: 0.0002}
PERMIT_DIVISION = 810000
ADULT_DAYS = 6600


def add_people(world: World) -> None:
    """Adds person: first those who live here, in dwelling order, then those who left or were deregistered."""
    dice = world.dice
    home, place = _households(world)
    gone = round(world.people * (LEFT_SHARE + DEREGISTERED_SHARE))
    count = len(home) + gone
    state = np.r_[np.zeros(len(home), np.int64), dice.choice("gone", {LEFT: 0.79, DEREGISTERED: 0.21}, gone)]
    home, place = np.r_[home, np.full(gone, -1)], np.r_[place, np.zeros(gone, np.int64)]
    male = dice.flags("sex", 0.505, count)
    born = REFERENCE_DAY - _ages(dice, place, state).astype("timedelta64[D]")
    here = dice.flags("registered here", 0.66, count) & _settled(world, home)
    division = np.where(here | dice.flags("division", 0.05, count), 330302, ELSEWHERE[dice.ints("elsewhere", 0, len(ELSEWHERE), count)])
    document = dice.choice("document", DOCUMENTS, count)
    division[document == 20] = PERMIT_DIVISION
    world.add(
        "person",
        {
            "p": np.arange(count),
            "state": state,
            "home_or_none": home,
            "place": place,
            "male": male,
            "born": born,
            "registered_here": here,
            "division": division,
            "number": _numbers(division, born, male),
            "name": _names(dice, home, count),
            "doc_type": document,
            "from_on": np.maximum(born, days_after(date(2008, 1, 1), dice.ints("from", 0, 6400, count))),
            **_moves(world, home, state),
            "mobile": _mobiles(dice, count),
            "luck": dice.ints("luck", 0, 2**40, count),
        },
    )
    world.con.execute(HOUSEHOLD_SQL)


def _households(world: World) -> tuple[Ints, Ints]:
    """The dwelling of each of `people` persons, and each person's place in the household."""
    dwellings = np.flatnonzero(~world.column("dwelling", "vacant").astype(bool))
    size = world.dice.choice("household", HOUSEHOLDS, len(dwellings))
    missing = world.people - int(size.sum())
    chance = world.dice.of("household fit")
    while missing:
        who = chance.permutation(np.flatnonzero(size > 1) if missing < 0 else len(size))[: abs(missing)]
        size[who] += np.sign(missing)
        missing = world.people - int(size.sum())
    home = np.repeat(dwellings, size)
    return home, np.arange(len(home)) - np.repeat(np.cumsum(size) - size, size)


def _ages(dice: Dice, place: Ints, state: Ints) -> Ints:
    """Ages in days: the first two of a household are adults, the others children, grown children and old people."""
    count = len(place)
    adult = dice.ints("adult age", ADULT_DAYS + 700, 28000, count)
    others = dice.choice("other age", {0: 0.52, 1: 0.26, 2: 0.22}, count)
    young, old = dice.ints("young age", 30, ADULT_DAYS, count), dice.ints("old age", 22000, 33500, count)
    ages = np.where(place < 2, adult, np.choose(others, [young, adult, old]))
    return np.where(state == DEREGISTERED, old, ages)


def _settled(world: World, home: Ints) -> Flags:
    """Who lives in a dwelling that is not let."""
    tenure = world.column("dwelling", "tenure")
    return np.where(home < 0, True, tenure[home] != 2)


def _numbers(division: Ints, born: NDArray[np.datetime64], male: Flags) -> pa.Array:
    years = born.astype("datetime64[Y]")
    months = born.astype("datetime64[M]")
    written = (years.astype(np.int64) + 1970) * 10000 + (months.astype(np.int64) % 12 + 1) * 100 + (born - months.astype("datetime64[D]")).astype(np.int64) + 1
    numbers = (division * 10**8 + written) * 1000 + unique_sequences(division * 10**8 + written, male)
    return joined(pa.array(numbers).cast(pa.string()), picked(tuple(IDENTITY_CHECKS), identity_checks(numbers)))


def _names(dice: Dice, home: Ints, count: int) -> pa.Array:
    """Two of three of a household share the family name."""
    own = dice.ints("family", 0, len(words.FAMILY), count)
    shared = np.where(home >= 0, home * 31 % len(words.FAMILY), own)
    family = np.where(dice.flags("shared name", 0.66, count), shared, own)
    second = picked((*words.GIVEN_SECOND, *[""] * 8), dice.ints("second", 0, len(words.GIVEN_SECOND) + 8, count))
    return joined(picked(words.FAMILY, family), picked(words.GIVEN_FIRST, dice.ints("first", 0, len(words.GIVEN_FIRST), count)), second)


def _moves(world: World, home: Ints, state: Ints) -> dict[str, NDArray[np.generic]]:
    """Whole households move in from elsewhere in the district (9 %) or from outside (2 %) in 2026; who left or died did so then.

    `former` is the dwelling before, `changed_on` the day, `told_on` the day the police knew: null where they never did.
    """
    dice, dwellings = world.dice, world.count("dwelling")
    how = dice.choice("move", {0: 0.89, 1: 0.09, 2: 0.02}, dwellings)
    before = dice.ints("former", 0, dwellings, dwellings)
    moved = np.where(home >= 0, how[home], 0)
    gone = state != LIVES
    former = np.where(gone, dice.ints("gone from", 0, dwellings, len(home)), np.where(moved == 1, before[home], -1))
    on = dice.ints("moved on", offset(day(2, 12)), offset(day(10, 20)), dwellings)[home]
    on = np.where(gone, dice.ints("gone on", offset(day(2, 12)), offset(day(10, 20)), len(home)), on)
    on = np.where(gone | (moved > 0), on, -1)
    told = (on >= 0) & dice.flags("told", 0.55, len(home))
    told_on = np.where(told, on + dice.ints("told after", 4, 30, len(home)), -1)
    return {"former_or_none": former, "newcomer": moved == 2, "changed_on": days_after(FIRST_DAY, on), "told_on": days_after(FIRST_DAY, told_on)}


def _mobiles(dice: Dice, count: int) -> pa.Array:
    """Invented mobile numbers of ordinary prefixes."""
    prefix = picked(("135", "136", "138", "139", "150", "158", "177", "186", "189"), dice.ints("prefix", 0, 9, count))
    return joined(prefix, pa.array(dice.ints("mobile", 10_000_000, 100_000_000, count)).cast(pa.string()))


HOUSEHOLD_SQL = """
create table household as select home as d, count(*) as people from person where home is not null group by home order by home;
create table changed as select distinct home as d from person where home is not null and changed_on is not null order by d
"""
