"""Villages as published, and invented roads, estates, hamlets, buildings and dwellings in them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cabin.demo import words
from cabin.demo.dice import Ints
from cabin.demo.divisions import townships, villages
from cabin.demo.world import World
from cabin.demo.writing import WRITING_SQL

PEOPLE_PER_DWELLING = 2.5
ROAD, ESTATE, HAMLET = 0, 1, 2
FLOORS = np.array([(6, 7, 6, 5), (6, 11, 18, 26), (3, 3, 2, 4)])
PER_FLOOR = np.array([(2, 2, 3, 2), (2, 2, 4, 4), (1, 1, 1, 1)])
UNITS = np.array([(1, 2, 3, 4), (1, 2, 1, 2), (1, 1, 1, 1)])
USES = {1: 0.865, 2: 0.045, 3: 0.05, 4: 0.015, 5: 0.02, 9: 0.005}
TENURES = {1: 0.62, 2: 0.31, 3: 0.04, 9: 0.03}
WEST, SOUTH, WIDTH_DEG, HEIGHT_DEG = 120.47, 27.96, 0.24, 0.12


def add_places(world: World) -> None:
    """Adds village, complex and dwelling."""
    _add_villages(world)
    _add_complexes(world)
    _add_dwellings(world)
    world.con.execute(WRITING_SQL)
    world.con.execute(DOORS_SQL)


def joined(*parts: pa.Array | str) -> pa.Array:
    """Texts written one behind the other, row by row."""
    return pc.binary_join_element_wise(*parts, "")


def picked(choices: tuple[str, ...], places: Ints) -> pa.Array:
    """The choice at each place, counted round and round."""
    return pa.array(choices).take(pa.array(places % len(choices)))


def _add_villages(world: World) -> None:
    names = {each.code: each.name for each in townships()}
    found = villages()
    codes = [each.code for each in found]
    urban = np.array([int(code[9:]) < 200 for code in codes])
    chance = world.dice.of("village")
    share = np.where(urban, 1.6, 0.7) * chance.gamma(4, 0.25, len(codes))
    world.add(
        "village",
        {
            "v": np.arange(len(codes)),
            "code": pa.array(codes),
            "name": pa.array([each.name for each in found]),
            "township": pa.array([code[:9] for code in codes]),
            "township_name": pa.array([names[code[:9]] for code in codes]),
            "urban": urban,
            "share": share / share.sum(),
            "lon": WEST + WIDTH_DEG * chance.random(len(codes)),
            "lat": SOUTH + HEIGHT_DEG * chance.random(len(codes)),
        },
    )


def _add_complexes(world: World) -> None:
    """A complex is one road number, one estate or one hamlet; at least two in every village."""
    wanted = np.maximum(2, np.round(world.column("village", "share") * world.people / PEOPLE_PER_DWELLING)).astype(np.int64)
    many = np.maximum(1, -(-wanted // np.clip(wanted // 4, 12, 160)))
    village = np.repeat(np.arange(len(many)), many)
    nth = np.arange(len(village)) - np.repeat(np.cumsum(many) - many, many)
    size = wanted[village] // many[village] + (nth < wanted[village] % many[village])
    dice, count = world.dice, len(village)
    urban = world.column("village", "urban")[village]
    kind = np.where(urban, dice.choice("complex kind", {ROAD: 0.5, ESTATE: 0.5}, count), dice.choice("hamlet", {HAMLET: 0.85, ESTATE: 0.15}, count))
    shape = dice.ints("complex shape", 0, 4, count)
    world.add(
        "complex",
        {
            "c": np.arange(count),
            "v": village,
            "kind": kind,
            "size": size,
            "road": _road_names(dice.ints("road", 0, 10**6, len(many))[village] + nth * 7),
            "estate": _estate_names(dice.ints("estate", 0, 10**6, len(many))[village] + nth * 13),
            "hamlet": _hamlet_names(dice.ints("hamlets", 0, 10**6, len(many))[village] + nth * 5),
            "number": dice.ints("road number", 1, 399, count),
            "floors": FLOORS[kind, shape],
            "per_floor": PER_FLOOR[kind, shape],
            "units": UNITS[kind, shape],
            "built_year": dice.ints("built", 1984, 2024, count),
            "lon": world.column("village", "lon")[village] + dice.of("complex lon").normal(0, 0.003, count),
            "lat": world.column("village", "lat")[village] + dice.of("complex lat").normal(0, 0.003, count),
        },
    )


def _road_names(places: Ints) -> pa.Array:
    first, second = len(words.ROAD_FIRST), len(words.ROAD_SECOND)
    return joined(picked(words.ROAD_FIRST, places), picked(words.ROAD_SECOND, places // first), picked(words.ROAD_SUFFIX, places // first // second))


def _estate_names(places: Ints) -> pa.Array:
    first = len(words.ESTATE_FIRST)
    return joined(picked(words.ESTATE_FIRST, places), picked(words.ESTATE_FIRST, places // first + 11), picked(words.ESTATE_SECOND, places // 3))


def _hamlet_names(places: Ints) -> pa.Array:
    return joined(picked(words.HAMLET_FIRST, places), picked(words.HAMLET_SECOND, places // len(words.HAMLET_FIRST)), "自然村")


def _add_dwellings(world: World) -> None:
    size = world.column("complex", "size")
    complex_ = np.repeat(np.arange(len(size)), size)
    nth = np.arange(len(complex_)) - np.repeat(np.cumsum(size) - size, size)
    per_floor, floors, units = (world.column("complex", name)[complex_] for name in ("per_floor", "floors", "units"))
    floor = nth // per_floor % floors + 1
    stair = nth // (per_floor * floors)
    dice, count = world.dice, len(complex_)
    tenure = dice.choice("tenure", TENURES, count)
    use = dice.choice("use", USES, count)
    use[(use == 3) & (tenure != 2)] = 1
    rooms = dice.choice("rooms", {1: 0.12, 2: 0.38, 3: 0.36, 4: 0.14}, count)
    world.add(
        "dwelling",
        {
            "d": np.arange(count),
            "c": complex_,
            "floor": floor,
            "room": floor * 100 + nth % per_floor + 1,
            "unit": stair % units + 1,
            "building": stair // units + 1,
            "area_cm2": (rooms * 24 + dice.ints("area", 8, 30, count)) * 100 + dice.ints("area fine", 0, 100, count),
            "rooms": rooms,
            "use": use,
            "tenure": tenure,
            "vacant": (vacant := dice.flags("vacant", 0.06, count)),
            "gone": vacant & dice.flags("gone", 0.04, count),
        },
    )


DOORS_SQL = """
create table door as
select *, address_key(kind, code, basic, number, building, unit, room) as key, 'DZ-' || code[4:] || '-' || lpad(d::varchar, 6, '0') as address_code from (
select d, v, code, township, village.name as village_name, township_name, kind, built_year, floors, village.lon + (complex.lon - village.lon) as lon,
    complex.lat as lat,
  case kind when 0 then road when 1 then estate else hamlet end as basic,
  case kind when 0 then estate when 1 then estate else hamlet end as estate,
  case kind when 0 then number when 2 then building end as number,
  case when kind <> 2 then building end as building, case when kind <> 2 then unit end as unit, floor, room
from dwelling join complex using (c) join village using (v) order by d);
create or replace table dwelling as select * exclude (floor, room, unit, building) from dwelling order by d
"""
