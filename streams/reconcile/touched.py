"""What a batch of facts touches (reconcile.md, section 6), as one query per kind of fact.

New facts other than claims lie in `new_<fact>`; rows of deliveries that just began or ceased to count are added there, for they act like new ones.
`changed_snapshots` and `changed_deliveries` hold what became complete or void, or stopped being so.
"""

from __future__ import annotations

from contracts.golden.facts import void_steps
from contracts.golden.plan import Plan, Step, text
from contracts.golden.snapshots import complete_steps
from contracts.golden.statement import with_steps
from contracts.partition import partition_sql

RESTIRRED = ("presence", "finding", "verification", "roster", "visit")
"""Fact types whose rows act anew when their delivery begins or ceases to count."""


def _world(plan: Plan) -> list[Step]:
    return [*void_steps(plan.relations), *complete_steps(plan.relations, plan.max_unkeyed)]


def complete_sql(plan: Plan) -> str:
    """All snapshots that are complete now."""
    return with_steps(_world(plan), "select source, area, moment from complete")


def void_sql(plan: Plan) -> str:
    """All deliveries and feeds whose facts do not count now; null in the other column."""
    return with_steps(void_steps(plan.relations), "select null::varchar as source, delivery from void union all select source, null from withdrawn")


def changed_sql(now: str, before: str) -> str:
    """Rows in one relation but not in the other."""
    return f"(select * from {now} except select * from {before}) union all (select * from {before} except select * from {now})"


def restirred_sql(fact: str) -> str:
    """Stored rows of a fact type whose delivery or feed changed its standing; presences also when their delivery was just closed."""
    closed = " or delivery in (select delivery from new_closed)" if fact == "presence" else ""
    return f"""select * from {fact} where delivery in (select delivery from changed_deliveries)
  or source in (select source from changed_deliveries){closed}"""


def touched_sqls(kind: str) -> dict[str, str]:
    """Queries of entities of one kind, by the fact type whose arrival makes them necessary."""
    claims, here = f"claim_{kind}", text(kind)
    return {
        "presence": f"""select entity from new_presence where kind = {here} and entity is not null
  union all select claims.entity from {claims} claims
    semi join (select source, record from new_presence where kind = {here} and record is not null) named
    on named.source = claims.source and named.record = coalesce(claims.record, claims.entity)""",
        "finding": f"select entity from new_finding where kind = {here}",
        # by the finding, never by the verification's own entity: those of rosters reach every partition, and only one of them holds the dwelling
        "verification": f"select finding.entity from finding semi join new_verification on new_verification.version = finding.finding where finding.kind = {here}",
        "snapshots": f"""select distinct claims.entity from {claims} claims join changed_snapshots changed on changed.source = claims.source
    and starts_with(claims.area, changed.area) and changed.moment > case when listed then claims.moment else claims.observed_at end""",
        "deliveries": f"""select entity from {claims} where delivery in (select delivery from changed_deliveries)
  or source in (select source from changed_deliveries)""",
    }


def links_sql(partition: int, partitions: int) -> str:
    """Links that rosters, their verifications and vanished dwellings touch: those listed and every known link of the dwelling."""
    mine = f"{partition_sql('person', partitions)} = {partition}"
    return f"""with dwellings as (
    select dwelling from new_roster
    union select entity from new_verification where kind = 'dwelling' and attribute in ('roster', 'present')
    union select roster.dwelling from roster semi join new_verification on new_verification.version = roster.roster
    union select dwelling from new_visit where event = 'closed' and outcome = 'no_longer_exists'
  )
  select person || '@' || dwelling as entity from new_roster where person is not null and {mine}
  union all select entity from golden_residency semi join dwellings using (dwelling)"""


def homes_sql(partition: int, partitions: int) -> str:
    """Dwellings whose size rosters and their verifications speak about; one that no complete roster names and nobody else knows stays unknown."""
    mine = f"{partition_sql('dwelling', partitions)} = {partition}"
    return f"""select dwelling as entity from new_roster where complete and {mine}
  union all select entity from golden_dwelling where entity in (
    select dwelling from new_roster union select roster.dwelling from roster semi join new_verification on new_verification.version = roster.roster)"""


def siblings_sql() -> str:
    """The other known links of every person one of whose links is touched: records move, and one link is the main residence."""
    return """select entity from golden_residency semi join (select distinct split_part(entity, '@', 1) as person from touched_residency) using (person)"""
