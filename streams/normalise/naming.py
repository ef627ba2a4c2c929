"""What address feeds say about the names of dwellings: raw messages to `naming` rows, those rows to a proposal of the address alias table."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import pyarrow as pa

from contracts.aliases import CANDIDATES_SQL, Proposal, proposal
from contracts.facts import NAMING
from contracts.model import Contracts
from contracts.normalising import naming_sql
from contracts.ports import Sealer, Stored
from streams.normalise.batches import sorted_messages
from streams.normalise.rows import normalise


def naming(engine: duckdb.DuckDBPyConnection, contracts: Contracts, opener: Sealer, stored: Sequence[Stored]) -> pa.Table:
    """The `naming` rows of raw messages of address feeds; broken rows name nothing."""
    batches = sorted_messages(contracts, opener, stored, {}).batches
    named = [normalise(engine, naming_sql(batch.feed, contracts), batch.rows).facts for batch in batches if batch.form == "rows"]
    return pa.concat_tables([NAMING.empty_table(), *(facts["naming"] for facts in named if facts)])


def proposed(engine: duckdb.DuckDBPyConnection, rows: pa.Table) -> Proposal:
    """The alias table that all `naming` rows together give, whatever their order and however often they come."""
    engine.register("naming", rows)
    try:
        return proposal(engine.execute(CANDIDATES_SQL).fetchall())
    finally:
        engine.unregister("naming")
