"""The planted truth, kept apart from the deliveries: what each department and the golden record should have said on the last day."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from cabin.demo.police import RELATION, RESIDENCE_TYPE
from cabin.demo.world import World

PLANTED = 1_000

TABLES = {
    "person": """select number, name, case when male then '1' else '2' end as sex, year(born) as birth_year, doc_type::varchar as doc_type, state,
        case state when 2 then changed_on end as deregistered_on, mobile from person order by p""",
    "dwelling": """select key as entity, code as division, use::varchar as use, tenure::varchar as tenure, case when vacant then 'vacant' else 'occupied' end as occupancy,
        (area_cm2 / 100)::decimal(9, 2) as floor_area_m2, built_year, door.floor as storey, people, not gone as present
        from door join dwelling using (d) left join (select home as d, count(*) as people from person where home is not null group by home) using (d) order by d""",
    "residency": """select number, key as dwelling, residence_type::varchar as residence_type, case when registered_here then '1' else '2' end as residence_status,
        relation::varchar as relation_to_owner, case when changed_on is null then from_on else changed_on end as from_on, born
        from (select person.*, door.key, {residence_type} as residence_type, {relation} as relation from person join door on door.d = home join dwelling on dwelling.d = home) order by p""",
    "planted_identifiers": "select number as value from person where state = 0 and doc_type = 10 order by luck, p limit {planted}",
    "planted_names": "select name as value from person where length(name) = 3 and state = 0 group by name order by min(luck), name limit {planted}",
}


def write_truth(world: World, folder: Path) -> None:
    """One Parquet file per kind and the planted identifiers and names a leak scan looks for."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, query in TABLES.items():
        table: pa.Table = world.con.sql(query.format(residence_type=RESIDENCE_TYPE, relation=RELATION, planted=PLANTED)).to_arrow_table()
        pq.write_table(table, folder / f"{name}.parquet", compression="zstd")
