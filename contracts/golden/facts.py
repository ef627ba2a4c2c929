"""Step 1: what counts at all - recalls, withdrawn feeds, superseded deliveries, and the highest version of each origin."""

from __future__ import annotations

from contracts.golden.plan import VOIDED, Relations, Step


def void_steps(relations: Relations) -> list[Step]:
    """`void(delivery)` and `withdrawn(source)`: whose facts do not count."""
    return [
        (
            "switched",
            f'select "switch", target from {relations.switch} group by all having max("sequence" * 2 + "on"::integer) % 2 = 1',
        ),
        ("withdrawn", """select target as source from switched where "switch" = 'withdraw'"""),
        (
            "void",
            f"""select target as delivery from switched where "switch" = 'recall'
  union select unnest(supersedes) from {relations.closed} anti join withdrawn using (source)
    where delivery not in (select target from switched where "switch" = 'recall')""",
        ),
    ]


def counting_sql(relation: str, where: str, per: str, voided: str = VOIDED) -> str:
    """Rows of a fact relation that count, each of the highest (contract version, repair) per origin and `per`; duplicates remain. `voided`: see `Plan.voided`."""
    return f"""select * from {relation}{voided}
  where {where}
  qualify rank() over (partition by source, delivery, "row", {per} order by contract_version desc, repair desc) = 1"""
