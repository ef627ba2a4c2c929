"""Step 3: of the counting claims the newest per record, then the newest per source, which speaks.

Most entities have one claim per source; only the *crowded* ones are ranked, so that an ordinary claim costs one hash lookup.
"""

from __future__ import annotations

from contracts.golden.plan import Plan, Step, name, text

ORDER = 'observed_at desc, "rank" desc nulls last, withdraws desc, content desc, source, delivery, "row"'
"""The order key, newest first: at one moment a withdrawal is newer than a statement; among equals the smallest origin."""


def mine_steps(plan: Plan) -> list[Step]:
    """`keyed(entity, n)` numbers the touched entities; `mine` (or the step that would be the same) holds their claims, numbered by entity (`n`), `scope` and source (`i`).

    `stood` is the moment a snapshot must beat: the own snapshot's of listed rows, observed_at of others.
    """
    scope = "min(n) over (partition by split_part(entity, '@', 1))" if plan.links else "n"
    numbers = " ".join(f"when {text(source)} then {number}" for number, source in enumerate(plan.sources))
    return [
        (
            "keyed",
            f"select entity, n, {scope} as scope from (select entity, row_number() over () as n from (select distinct entity from {plan.relations.touched}))",
        ),
        (
            "mine" if plan.repaired else _unrepaired(plan),
            f"""select keyed.n, keyed.scope, {f"(case source {numbers} end)::tinyint" if numbers else "0"} as i,
    case when listed then moment else observed_at end as stood, listed and not own_time as bare,
    claims.* replace (coalesce(record, entity) as record, case when listed then least(observed_at, moment) else observed_at end as observed_at)
  from {plan.relations.claims} claims join keyed using (entity){plan.voided}""",
        ),
    ]


def repaired_steps(plan: Plan) -> list[Step]:
    """`current`: `mine` without what a repair or a newer contract version of the same origin replaced; `raised` holds the replacing versions. No steps where nothing was repaired.

    A claim and a presence of one origin replace each other too: a row quarantined under one version may be accepted under the next.
    """
    if not plan.repaired:
        return []
    return [
        ("versions", "select source, min(contract_version) as base from mine group by source"),
        (
            "raised",
            f"""select source, delivery, "row", entity, max((contract_version, repair)) as best from (
    select source, delivery, "row", entity, contract_version, repair from mine
    union all select source, delivery, "row", entity, contract_version, repair from {plan.relations.presence} where kind = {text(plan.kind.name)}
  ) left join versions using (source) where repair > 0 or contract_version > base or base is null group by all""",
        ),
        (_unrepaired(plan), f"select * from mine anti join raised on {replaced_sql('mine')}"),
    ]


def _unrepaired(plan: Plan) -> str:
    """The step that holds what no repair replaced: all that counts, where no list ends any of it."""
    return "current" if plan.ended else "counting"


def replaced_sql(row: str) -> str:
    """Whether a row of `raised` has a higher version of the origin of `row`."""
    return f"""raised.source = {row}.source and raised.delivery = {row}.delivery and raised."row" = {row}."row"
    and (raised.entity = {row}.entity or raised.entity is null or {row}.entity is null) and raised.best > ({row}.contract_version, {row}.repair)"""


def spoken_steps(plan: Plan) -> list[Step]:
    """From `counting` to `spoken`: at most one statement per entity and source that deals in whole records."""
    return [
        ("crowded", "select scope, i from counting group by all having count(*) > 1"),
        (
            "newest",
            f"""select * from counting semi join crowded using (scope, i)
  qualify row_number() over (partition by scope, i, record order by {ORDER}) = 1""",
        ),
        (
            "spoken",
            f"""select * from counting anti join crowded using (scope, i) where not withdraws
  union all select * from newest where not withdraws qualify row_number() over (partition by n, i order by {ORDER}) = 1""",
        ),
        *(_partial_step(plan, number) for number in sorted(plan.partial)),
    ]


def _partial_step(plan: Plan, number: int) -> Step:
    """`partial<i>`: per entity and unit the newest non-blank tuple of a feed that speaks per attribute."""
    columns = []
    for unit in (unit for unit in plan.units if number in plan.speakers(unit)):
        said = " or ".join(f"{name(member.name)} is not null" for member in unit.members)
        filled = [(name(member.name), name("v", member.name)) for member in unit.members]
        filled += [(column, name(column, unit.name)) for column in ("observed_at", "bare", "rank", "content", "delivery", "row", "record")]
        columns += [f"first({name(column.strip(chr(34)))} order by {ORDER}) filter (where {said}) as {alias}" for column, alias in filled]
    lasting = f"""select counting.* from counting join (select scope, record, n as home from newest where i = {number} and not withdraws
      union all select scope, record, n from counting anti join crowded using (scope, i) where i = {number} and not withdraws) homes using (scope, record)
    where i = {number} and counting.n = homes.home and not withdraws
      and not exists (select 1 from counting later where later.i = {number} and later.withdraws and later.scope = counting.scope and later.record = counting.record
        and (later.observed_at, coalesce(later."rank", -1)) >= (counting.observed_at, coalesce(counting."rank", -1)))"""
    return f"partial{number}", f"select n, {', '.join(columns)} from ({lasting}) group by n"
