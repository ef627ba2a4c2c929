"""The planted truth, kept apart from the deliveries: what each department and the golden record should have said on the last day.

One Parquet file per kind; columns are named as the attributes of the kind's contract. `entity` is the golden entity id where it holds no identity
number; persons and the person's end of a residency are named by their number.
"""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq

from cabin.demo import words
from cabin.demo.devices import OWNERS
from cabin.demo.police import RELATION, RESIDENCE_TYPE
from cabin.demo.world import World

PLANTED = 1_000
VENUE_KINDS = ("catering", "lodging", "entertainment", "bathing", "internet_cafe", "retail", "market", "other")
EVENT_KINDS = ("dispute", "hazard", "service_request")
EVENT_CATEGORIES = ("neighbour", "property_management", "parking", "fumes", "noise", "relocation", "labour", "project", "consumer", "personal", "other")
EVENT_STAGES = ("assessed", "dispatched", "fed_back", "verified", "returned")


def write_truth(world: World, folder: Path) -> None:
    """One Parquet file per kind, and the planted identifiers and names a leak scan looks for (`value`, 1,000 each, fewer in small districts)."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, query in queries().items():
        pq.write_table(world.con.sql(query).to_arrow_table(), folder / f"{name}.parquet", compression="zstd")


def queries() -> dict[str, str]:
    """The select behind each file of the truth folder."""
    return {
        "person": PERSON_SQL,
        "dwelling": DWELLING_SQL,
        "residency": RESIDENCY_SQL,
        "business": business_sql(),
        "venue": venue_sql(),
        "event": event_sql(),
        "thing": thing_sql(),
        "place": PLACE_SQL,
        "planted_identifiers": f"select number as value from person where state = 0 and doc_type = 10 order by luck, p limit {PLANTED}",
        "planted_names": f"select name as value from person where state = 0 group by name order by min(luck), name limit {PLANTED}",
    }


PERSON_SQL = """
select number, born, name, case when male then '1' else '2' end as sex, year(born)::bigint as birth_year, doc_type::varchar as doc_type, case state when 2
    then changed_on end as deregistered_on
from person where doc_type <> 30 order by p
"""
DWELLING_SQL = """
select key as entity, not gone as present, use::varchar as use, tenure::varchar as tenure, case when vacant then 'vacant' else 'occupied' end as occupancy,
  (area_cm2 / 100)::decimal(18, 6) as floor_area_m2, floor as storey, built_year,
  case when coalesce(people, 0) < 3 then coalesce(people, 0)::varchar when people < 6 then '3-5' else '6+' end as people_band
from door join dwelling using (d) left join household using (d) order by d
"""
RESIDENCY_SQL = f"""
select person.number, born, key as dwelling, true as present, ({RESIDENCE_TYPE})::varchar as residence_type, case when registered_here then '1' else '2'
    end as residence_status,
  ({RELATION})::varchar as relation_to_owner, coalesce(changed_on, from_on) as from_on
from person join door on door.d = home join dwelling on dwelling.d = home where doc_type <> 30 order by p
"""
PLACE_SQL = "select code as entity, name, case length(code) when 6 then '3303' when 9 then code[1:6] else code[1:9] end as parent_id from division order by n"


def business_sql() -> str:
    classes = _list(tuple(letter + code for _, letter, code in words.TRADES))
    return f"""
select uscc as entity, business.name, status::varchar as status, ['company', 'branch', 'sole_trader', 'cooperative'][business.kind] as entity_kind,
    {classes}[trade + 1] as industry_code,
  home.key as registered_address, work.key as operating_address, established_on
from business join door as home on home.d = registered join door as work on work.d = operating order by b
"""


def venue_sql() -> str:
    return f"""
select case when licensed then licence else venue.name || '@' || key end as entity, venue.name, {_list(VENUE_KINDS)}[venue.kind + 1] as kind,
    uscc as operator_uscc, capacity,
  ['open', 'closed', 'gone'][state + 1] as open_status, key as address
from venue join business using (b) join door using (d) order by n
"""


def event_sql() -> str:
    number = "strftime(date '2026-01-02' + day::int, '%Y%m%d') || '-' || lpad(e::varchar, 6, '0')"
    return f"""
select 'grid_event:SJ' || {number} as entity, {_list(EVENT_KINDS)}[event.kind + 1] as kind, {_list(EVENT_CATEGORIES)}[category + 1] as category, key as address,
  {_list(EVENT_STAGES)}[stage + 1] as stage, priority::varchar as priority, parties as parties_count
from event join door using (d) order by e
"""


def thing_sql() -> str:
    owners = "['public', 'unit', 'private', 'rural'][owner + 1]"
    return f"""
select {owners} || ':SB' || ['GG', 'NB', 'SH', 'NC'][owner + 1] || lpad(serial::varchar, 5, '0') as entity, {owners} as ownership,
  ['working', 'faulty', 'removed'][state + 1] as status, built_on as installed_on, code || '/' || basic || case when kind <> 1 then '/' || number else ''
      end as address
from device join door using (d) where owner < {len(OWNERS)} order by n
"""


def _list(values: tuple[str, ...]) -> str:
    return "[" + ", ".join(f"'{value}'" for value in values) + "]"
