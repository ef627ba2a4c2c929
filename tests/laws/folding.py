"""Running the real statement and the real state over the facts of the laws."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pyarrow as pa

from contracts.engine import prepare
from contracts.facts import FACTS, claim_schema
from contracts.golden import Heard, Relations, golden_sql, heard_sql, known_sql
from contracts.model import Contracts
from contracts.partition import Share, partition_of
from contracts.topics import CHANGES
from streams.normalise.split import split
from streams.reconcile import HistoryNeeded, State
from tests.laws.reference import golden
from tests.laws.tables import expected_rows, golden_rows, tables

PARTS, FEW = 40, 3
"""So small a part of the entities is asked about by itself, so often: of all together everything has happened to somebody."""
Golden = dict[str, dict[str, dict[str, Any]]]
"""Per kind and entity the plain golden row."""
Fact = tuple[str, pa.Table]


@dataclass(frozen=True, slots=True)
class Way:
    """One way for facts to reach golden records. `repeats`: the share of facts that come twice."""

    partitions: int = 1
    settles: int = 1
    repeats: float = 0.0
    pruned: bool = True
    restarts: bool = False

    def __str__(self) -> str:
        words = [f"{self.partitions} partitions", f"{self.settles} settles", "pruned" if self.pruned else "unpruned"]
        return ", ".join(words + (["repeated"] if self.repeats else []) + (["restarted"] if self.restarts else []))


def by_reference(contracts: Contracts, facts: Iterable[Any]) -> Golden:
    return {kind.name: expected_rows(contracts, kind, golden(kind, contracts, facts)) for kind in contracts.kinds.values()}


def by_statement(contracts: Contracts, facts: Iterable[Any]) -> Golden:
    """The statement over all facts at once, without a state; compiled for those who speak only, it must give the same rows, of all and of a few at a time."""
    with duckdb.connect() as con:
        prepare(con, contracts, threads=1)
        given = tables(facts)
        shapes = {**FACTS, **{f"claim.{kind.name}": claim_schema(kind) for kind in contracts.kinds.values()}}
        for name, schema in shapes.items():
            con.register("given", given.get(name, schema.empty_table()))
            con.execute(f"create table {name.replace('.', '_')} as from given")
        rows: Golden = {}
        for kind in contracts.kinds.values():
            relations = Relations.of(kind.name)
            con.execute(f"create table {relations.touched} as {known_sql(kind, relations)}")
            heard = Heard.of(con.execute(heard_sql(kind, relations)).fetchall())
            told, narrowed = (golden_rows(contracts, kind, con.sql(golden_sql(kind, contracts, relations, who)).to_arrow_table()) for who in (None, heard))
            assert told == narrowed, f"{kind.name}: those who speak change what is golden"
            rows[kind.name] = told
            for few in range(FEW):
                con.execute(
                    f"create or replace table {relations.touched} as select entity from ({known_sql(kind, relations)}) where hash(split_part(entity, '@', 1)) % {PARTS} = {few}"
                )
                heard = Heard.of(con.execute(heard_sql(kind, relations)).fetchall())
                some = golden_rows(contracts, kind, con.sql(golden_sql(kind, contracts, relations, heard)).to_arrow_table())
                assert some == {entity: told[entity] for entity in some}, f"{kind.name}: what is heard of a few changes what is golden"
        return rows


def by_state(contracts: Contracts, facts: Sequence[Any], way: Way, chance: Random, folder: Path, state: type[State] = State) -> Golden:
    """The incremental fold over the facts in some order and in some batches."""
    return by_batches(contracts, arranged(facts, way, chance), way, chance, folder, state)


def by_batches(contracts: Contracts, given: Sequence[Sequence[Any]], way: Way, chance: Random, folder: Path, state: type[State] = State) -> Golden:
    """The fold over batches as given; every partition publishes, and what it published must be what it holds."""
    batches = [tables(batch) for batch in given]
    with duckdb.connect() as engine:
        parts = [
            {(name, number): part for name, table in batch.items() for number, part in split(engine, name, table, way.partitions).items()} for batch in batches
        ]
    found: Golden = {kind: {} for kind in contracts.kinds}
    for number in range(way.partitions):
        mine = [[(name, table) for (name, owner), table in part.items() if owner == number] for part in parts]
        held = folded(contracts, mine, number, way, chance, folder, state)
        for kind, rows in held.items():
            assert not found[kind].keys() & rows.keys(), "two partitions hold one entity"
            found[kind] |= rows
    return found


def arranged(facts: Sequence[Any], way: Way, chance: Random) -> list[list[Any]]:
    """Shuffled, some repeated, cut into as many batches as the way asks for."""
    given = list(facts) + [fact for fact in facts if chance.random() < way.repeats]
    chance.shuffle(given)
    cuts = sorted(chance.randint(0, len(given)) for _ in range(way.settles - 1))
    return [given[start:stop] for start, stop in zip([0, *cuts], [*cuts, len(given)], strict=True)]


def folded(contracts: Contracts, batches: Sequence[list[Fact]], number: int, way: Way, chance: Random, folder: Path, shape: type[State]) -> Golden:
    """One partition's golden rows after all batches; folded anew without pruning where it asks for what it forgot, as the loop over the log does."""
    path = folder / f"p{number}.duckdb" if way.restarts else Path(":memory:")
    state = shape.open(path, contracts, Share(number, way.partitions), pruned=way.pruned)
    published: dict[str, list[pa.Table]] = {kind: [state.golden(kind)] for kind in contracts.kinds}
    offset = 0
    while offset < len(batches):
        try:
            state.settle(batches[offset], offset + 1)
            offset += 1
        except HistoryNeeded:
            state.discard(pruned=False)
            offset = 0
        for kind, rows in state.outbox():
            published[kind].append(rows)
        if not way.restarts or chance.random() < 0.7:
            state.clear_outbox(CHANGES, 0)
        if way.restarts:
            state.close()
            state = shape.open(path, contracts, Share(number, way.partitions), pruned=way.pruned)
            assert state.applied == offset
    with state:
        for kind in contracts.kinds:
            entities = state.golden(kind)["entity"].to_pylist()
            assert {partition_of(entity.split("@")[0], way.partitions) for entity in entities} <= {number}, (
                "a row of another partition, though it be a tombstone"
            )
        held = {kind: golden_rows(contracts, contracts.kinds[kind], state.golden(kind)) for kind in contracts.kinds}
    path.unlink(missing_ok=True)
    kept = {kind: golden_rows(contracts, contracts.kinds[kind], last_versions(parts)) for kind, parts in published.items()}
    assert held == kept, "what was published last is not what the state holds"
    return held


def last_versions(parts: Sequence[pa.Table]) -> pa.Table:
    """Of everything published the last row of each entity, as a subscriber keeps it."""
    published = pa.concat_tables(parts)
    with duckdb.connect() as con:
        con.register("published", published)
        return (
            con.sql("select * from published qualify row_number() over (partition by entity order by version desc) = 1").to_arrow_table().cast(published.schema)
        )
