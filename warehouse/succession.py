"""Division codes over time: which code took the place of a withdrawn one, and for which records it speaks.

The division table names no successor. It is the one division of the same name under the same parent that came into use on the day on which the other went out of use; where there are several, or none, a code
has no successor. A code that is given to another division later means that one from then on: what was observed before speaks of the first.
"""

from __future__ import annotations

from contracts.golden import Relations
from contracts.golden.facts import void_steps
from contracts.golden.statement import with_steps
from contracts.model import Contracts

NEEDED = frozenset({"kind", "name", "parent_id", "from_on", "to_on"})
"""What contracts must know of places; under others no code has a successor."""
STEPS = 10
"""So many successions in a row are followed."""


def succession_reads(contracts: Contracts) -> tuple[str, ...]:
    """The tables that `succession_sql` reads."""
    return ("claim_place", "switch", "closed") if _known(contracts) else ()


def succession_sql(contracts: Contracts) -> str:
    """`code`, `successor` (the last of a chain), `since`, `until`: what was observed from `since` (null: ever) to before `until` (null: for ever) under the code now lies in its successor. One row per
    code and time that it was withdrawn, from the division claims that count; claims beyond a cut are not among them, on either axis."""
    if not _known(contracts):
        return "select null::varchar as code, null::varchar as successor, null::date as since, null::date as until where false"
    steps = [
        *void_steps(Relations.of("place")),
        (
            "counted",
            """select * from claim_place anti join void using (delivery) anti join withdrawn using (source) where kind = 'division' and name is not null
  qualify rank() over (partition by source, delivery, "row" order by contract_version desc, repair desc) = 1""",
        ),
        (
            "period",
            """select distinct entity as code, name, coalesce(parent_id, '') as parent, from_on, to_on from (
    select * from counted qualify row_number() over (partition by source, record, from_on order by observed_at desc, withdraws desc, moment desc, delivery, "row") = 1)""",
        ),
        (
            "hop",
            """select gone.code, gone.to_on, min(next.code) as successor
  from period as gone join period as next on next.name = gone.name and next.parent = gone.parent and next.from_on = gone.to_on and next.code <> gone.code
  group by gone.code, gone.to_on having count(distinct next.code) = 1""",
        ),
        (
            "chain",
            f"""select code, to_on, successor, to_on as at, 1 as steps from hop
  union select chain.code, chain.to_on, hop.successor, hop.to_on, chain.steps + 1 from chain join hop on hop.code = chain.successor and hop.to_on > chain.at where chain.steps < {STEPS}""",
        ),
        ("ended", "select code, to_on, successor from chain qualify row_number() over (partition by code, to_on order by steps desc) = 1"),
        (
            "reused",
            """select ended.code, ended.to_on, ended.successor, min(later.from_on) as until
  from ended left join period as later on later.code = ended.code and later.from_on >= ended.to_on group by all""",
        ),
    ]
    return with_steps(
        steps,
        "select code, successor, lag(until) over (partition by code order by to_on) as since, until from reused qualify code <> successor order by code, since nulls first",
    )


def _known(contracts: Contracts) -> bool:
    return "place" in contracts.kinds and {each.name for each in contracts.kinds["place"].attributes} >= NEEDED


def resolved_sql(rows: str, name: str = "succession") -> str:
    """The area of `rows` as it is called now; to be used with `joined_sql`."""
    return f"coalesce({name}.successor || substr({rows}.area, length({name}.code) + 1), {rows}.area)"


def joined_sql(rows: str, name: str = "succession") -> str:
    """The join that finds the successor of the area of `rows`, a village with or without a grid behind it, or a division above."""
    return f"""left join {name} on {name}.code = left({rows}.area, 12)
  and coalesce({rows}.observed_at >= {name}.since, true) and coalesce({rows}.observed_at < {name}.until, true)"""
