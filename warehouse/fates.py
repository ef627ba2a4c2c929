"""The relation `fate`: what every visit said about an entity, as marts show it, and what became of it.

It is compiled for chosen kinds only: planning the statement of a kind that nobody visited costs more than all the rest of a small change.
"""

from __future__ import annotations

from collections.abc import Iterable

from contracts.golden import Relations, fates_sql
from contracts.model import Contracts, Kind
from warehouse.masks import told_sql
from warehouse.wide import wide_name

VISITED_SQL = "select kind from finding union select unnest(['residency', 'dwelling']) from roster union select 'residency' from visit where outcome = 'no_longer_exists' order by kind"
"""The kinds of which a visit said anything."""
REACHED_SQL = """select distinct kind from finding semi join reached using (kind, entity)
union select 'dwelling' from reached where kind = 'dwelling' and entity in (select dwelling from roster)
union select 'residency' from reached
where kind = 'residency' and substr(entity, instr(entity, '@') + 1) in (select dwelling from roster union select dwelling from visit where outcome = 'no_longer_exists')
order by kind"""
"""The kinds of which a visit said anything about a reached entity."""
EMPTY_SQL = """select null::varchar as kind, null::varchar as entity, null::varchar as attribute, null::varchar as finding, null::varchar as outcome, null::varchar as value,
  null::varchar as actor, null::varchar as evidence, null::timestamp_ms as observed_at, null::varchar as source, null::varchar as delivery, null::integer as "row", null::varchar as state where false"""
GONE_LINKS = "dwelling in (select dwelling from roster union select dwelling from visit where outcome = 'no_longer_exists')"


def fate_sql(contracts: Contracts, kinds: Iterable[str], *, reached: bool = False) -> str:
    """One row per entity that counts, or is in `reached`, attribute, version of a finding and origin; `state` is its fate, where it speaks `holds` or `spent`."""
    return "\nunion all\n".join(_fate_sql(contracts, contracts.kinds[name], reached) for name in kinds if name in contracts.kinds) or EMPTY_SQL


def fate_reads(contracts: Contracts) -> tuple[str, ...]:
    return ("finding", "roster", "verification", "visit", "switch", "closed", *(wide_name(kind) for kind in contracts.kinds))


def _fate_sql(contracts: Contracts, kind: Kind, reached: bool) -> str:
    wide = wide_name(kind.name)
    touched = f"(select distinct entity from finding where kind = '{kind.name}' and entity is not null)"
    if kind.name == "residency":
        touched = f"(select entity from {wide} where {GONE_LINKS} union select entity from finding where kind = 'residency' and entity is not null)"
    if kind.name == "dwelling":
        touched = "(select dwelling as entity from roster where complete union select entity from finding where kind = 'dwelling' and entity is not null)"
    if reached:
        touched = f"(select entity from {touched} where entity in (select entity from reached where kind = '{kind.name}'))"
    speaking = " ".join(f"when '{unit.name}' then \"{unit.name}__finding\"" for unit in kind.units)
    facts = fates_sql(kind, contracts, Relations(f"claim_{kind.name}", touched))
    return f"""select '{kind.name}' as kind, told.entity, told.attribute, told.finding, told.outcome, {told_sql(kind, "told.attribute", "told.value")} as value,
  told.actor, told.evidence, told.observed_at, told.source, told.delivery, told."row",
  case when fate <> 'speaks' then fate when (case told.attribute {speaking} end) = told.finding then 'holds' else 'spent' end as state
from ({facts}) as told join {wide} as shown on shown.entity = told.entity"""
