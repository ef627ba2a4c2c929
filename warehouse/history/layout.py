"""Which tables history has, what names a row of each, and in which bucket it lies. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from contracts.facts import FACTS, RELEASE, SQL_OF_ARROW, claim_schema
from contracts.model import Contracts
from contracts.partition import partition_key, partition_sql
from contracts.quarantined import COUNTED
from warehouse.schema import OUTCOME

BUCKETS = 8
"""Into how many files by key a table is divided at least; what is asked of one entity is read from one of them."""
MIXED = -1
"""The bucket of a file with few rows, which may belong into any: dividing them would make many files of next to nothing."""
SPLIT_ROWS = 40_000
"""From so many rows on a table's rows are divided by bucket."""
ORIGIN = ("entity", "delivery", "row", "contract_version", "repair")
"""What names a claim: entity and origin, with the version of each."""
FILED_UNDER = {"finding": "entity", "request": "entity", "verification": "entity", "presence": "entity", "roster": "dwelling", "visit": "dwelling"}
"""Facts by the entity they speak of; the others concern all and lie in bucket 0."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of history. `key`: the column it is filed under and ordered by, None where rows concern all; `identity`: the columns that name a row;
    `split_rows`: so many rows are divided by bucket."""

    name: str
    schema: pa.Schema
    key: str | None
    identity: tuple[str, ...]
    split_rows: int = SPLIT_ROWS

    @property
    def bucket(self) -> str:
        """SQL: the bucket of a row."""
        return "0" if self.key is None else f"coalesce({partition_sql(quoted(self.key), BUCKETS)}, 0)"

    def divided(self, rows: int) -> bool:
        """Whether so many rows lie in files by bucket."""
        return self.key is not None and rows >= self.split_rows

    def sql_type(self, column: str) -> str:
        return SQL_OF_ARROW[str(self.schema.field(column).type)]

    @property
    def columns(self) -> str:
        return ", ".join(quoted(name) for name in self.schema.names)

    @property
    def order(self) -> str:
        """SQL: rows about one entity lie together, so that a reader of one entity skips the rest; the rest of the order makes files reproducible."""
        first = [] if self.key is None else [self.key]
        return ", ".join(quoted(name) for name in dict.fromkeys([*first, *self.identity]))


def history_tables(contracts: Contracts, split_rows: int = SPLIT_ROWS) -> Mapping[str, Table]:
    """Every table by name: `claim_<kind>`, the other facts, `outcome`, `quarantined` and `release`."""
    claims = {f"claim_{kind.name}": (claim_schema(kind), partition_key(kind.name), ORIGIN) for kind in contracts.kinds.values()}
    facts = {name: (schema, FILED_UNDER.get(name), tuple(schema.names)) for name, schema in FACTS.items()}
    told = {name: (schema, None, tuple(schema.names)) for name, schema in (("outcome", OUTCOME), ("quarantined", COUNTED), ("release", RELEASE))}
    return {name: Table(name, *rest, split_rows) for name, rest in {**claims, **facts, **told}.items()}


def quoted(name: str) -> str:
    return f'"{name}"'
