"""How right each department alone is, and how right the golden record is, against the planted truth.

What a source says is read from the golden tables themselves: where it agrees, the golden value; where it differs, the value it claims.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from contracts.facts import SQL_TYPES
from contracts.golden.basis import shown_sql
from contracts.model import Attribute, Contracts, Kind

Tokens = Callable[[pa.StringArray], pa.StringArray]
MOST_PERSONS = 40_000
"""Persons are asked for by number one batch at a time; above this many every n-th is taken."""
OLD_ENOUGH = "2012-01-01"
"""Who was born later is under 14 and no person in the cabin."""
GOLDEN = "golden"
SHAPE = pa.schema(
    [("kind", pa.string()), ("attribute", pa.string()), ("source", pa.string()), ("truths", pa.int64()), ("said", pa.int64()), ("right", pa.int64())]
)


def accuracy(truth: Path, golden: duckdb.DuckDBPyConnection, contracts: Contracts, tokens: Tokens) -> pa.Table:
    """One row per kind, attribute and source that can speak of it (`golden`: the golden record): of `truths` entities it speaks about `said` and is `right` about so many.

    `golden`: a connection with the tables `golden_<kind>`; temporary tables are made in it. `tokens`: subject tokens of identity numbers, null where
    unknown; only sampled numbers are asked for, and none leaves memory. For `present` the truths are all entities that are true or claimed; `main` of residency
    is where a person lives: the golden main residence, or the present link a source spoke of last.
    """
    found = [kind for kind in contracts.kinds.values() if (truth / f"{kind.name}.parquet").exists()]
    tables = [_judged(truth, golden, contracts, kind, tokens) for kind in found]
    return pa.concat_tables([SHAPE.empty_table(), *tables])


def judged_sql(kind: Kind, says: Mapping[str, frozenset[str]], attributes: tuple[Attribute, ...]) -> str:
    """Counts per attribute and source over the table `planted` (the truth, with `entity`) and the kind's golden table. `says`: what each source can speak of."""
    sources = tuple(says)
    counts = []
    for attribute in attributes:
        for place, source in [(None, GOLDEN), *((place, source) for place, source in enumerate(sources) if attribute.name in says[source])]:
            said = f'g."{attribute.name}"' if place is None else _claimed_sql(attribute, place, source)
            truth = f'planted."{attribute.name}"::{SQL_TYPES[attribute.type]}'
            truth = f"coalesce({truth}, false)" if attribute.name == "present" else truth
            counts.append(
                f"select '{kind.name}' as kind, '{attribute.name}' as attribute, '{source}' as source, {truth} as truth, {said} as said, planted.entity is not null as known from {{both}}"
            )
    rows = "full outer" if any(attribute.name == "present" for attribute in attributes) else "left"
    both = f"planted {rows} join {shown_sql(kind, sources, f'golden_{kind.name} where alive{_sampled(kind)}')} as g on g.entity = planted.entity"
    parts = [
        f"select kind, attribute, source, count(*) filter (where {_counted(part)}) as truths, count(*) filter (where said is not null and {_counted(part)}) as said, "
        f"count(*) filter (where said = truth and {_counted(part)}) as right from ({part.format(both=both)}) group by all"
        for part in counts
    ]
    return "\nunion all ".join(parts)


def main_sql(kind: Kind, sources: tuple[str, ...]) -> str:
    """Where a sampled person lives: the golden main residence, and for a source the present link it spoke of last, against the true home."""
    present = next(attribute for attribute in kind.attributes if attribute.name == "present")
    chosen = [f"select '{GOLDEN}' as source, person, dwelling as said from golden_{kind.name} where main"]
    chosen += [
        f"""select '{source}', person, max_by(dwelling, ("{source}__observed_at", dwelling)) from {shown_sql(kind, sources, f"golden_{kind.name}")} as g where {_claimed_sql(present, place, source)} group by person"""
        for place, source in enumerate(sources)
    ]
    return f"""
select '{kind.name}' as kind, 'main' as attribute, source, count(*) as truths, count(said) as said, count(*) filter (where said = planted.dwelling) as right
from (select split_part(entity, '@', 1) as person, dwelling from planted) as planted cross join (select unnest({[GOLDEN, *sources]}) as source)
left join ({" union all ".join(chosen)}) using (person, source) group by source
"""


def _counted(part: str) -> str:
    return "true" if "'present' as attribute" in part else "truth is not null and known"


def _claimed_sql(attribute: Attribute, place: int, source: str) -> str:
    """What one source says of an attribute: the golden value if its bit of `agree` is set, the discrepancy's value if that of `differ` is."""
    differs = f"list_filter(g.differs, lambda x: x.attribute = '{attribute.name}' and x.source = '{source}')[1].claimed"
    return (
        f'case when g."{attribute.name}__agree" >> {place} & 1 = 1 then g."{attribute.name}" '
        f'when g."{attribute.name}__differ" >> {place} & 1 = 1 then try_cast({differs} as {SQL_TYPES[attribute.type]}) end'
    )


def _sampled(kind: Kind) -> str:
    """Links are judged for the sampled persons only."""
    return " and person in (select token from sampled)" if kind.name == "residency" else ""


def _judged(truth: Path, golden: duckdb.DuckDBPyConnection, contracts: Contracts, kind: Kind, tokens: Tokens) -> pa.Table:
    planted = pq.read_table(truth / f"{kind.name}.parquet")
    if "number" in planted.column_names:
        planted = _with_tokens(golden, truth, planted, tokens)
    golden.register("planted", planted)
    judged = tuple(attribute for attribute in kind.attributes if attribute.name in planted.column_names and attribute.group is None)
    try:
        says = {source: contracts.says(source, kind.name) for source in contracts.sources(kind.name)}
        statement = judged_sql(kind, says, judged)
        if kind.name == "residency":
            statement += f"\nunion all {main_sql(kind, contracts.sources(kind.name))}"
        return golden.sql(statement).to_arrow_table().cast(SHAPE)
    finally:
        golden.unregister("planted")


def _with_tokens(golden: duckdb.DuckDBPyConnection, truth: Path, planted: pa.Table, tokens: Tokens) -> pa.Table:
    """The sampled persons' rows with `entity` instead of the number; the table `sampled` keeps their tokens."""
    golden.register("people", pq.read_table(truth / "person.parquet", columns=["number", "born"]))
    golden.register("given", planted)
    numbers = golden.sql(
        f"select number from (select number, row_number() over () as n, count(*) over () as many from people where born < date '{OLD_ENOUGH}')"
        f" where n % greatest(1, many // {MOST_PERSONS}) = 0 order by n"
    ).to_arrow_table()
    known = pa.table({"number": numbers["number"], "token": tokens(numbers["number"].combine_chunks())})
    golden.register("known", known)
    try:
        golden.execute("create or replace temp table sampled as select token from known where token is not null")
        entity = "token || '@' || dwelling" if "dwelling" in planted.column_names else "token"
        return golden.sql(f"select {entity} as entity, given.* exclude (number) from given join known using (number) where token is not null").to_arrow_table()
    finally:
        for name in ("people", "given", "known"):
            golden.unregister(name)
