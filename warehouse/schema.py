"""The tables of the current file, derived from the contracts: claims and golden rows per kind, facts, outcomes, quarantined rows."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

import pyarrow as pa

from contracts.facts import FACTS, MOMENT, claim_schema, golden_schema
from contracts.model import Contracts
from contracts.quarantined import COUNTED

OUTCOME = pa.schema(
    [
        ("source", pa.string()),
        ("delivery", pa.string()),
        ("chunk", pa.int32()),
        ("repair", pa.int16()),
        ("mode", pa.string()),
        ("moment", MOMENT),
        ("area", pa.string()),
        ("type", pa.string()),
        ("outcome", pa.string()),
        ("rows", pa.int32()),
        ("accepted", pa.int32()),
        ("unkeyed", pa.int32()),
        ("quarantined", pa.string()),
        ("flags", pa.string()),
        ("flagged", pa.string()),
        ("recorded_at", MOMENT),
    ]
)
"""One row per raw message: `outcome` is normalised, duplicate, closed, switch, aliases or why it was set aside whole; `quarantined` and `flags` are JSON, reason to count; `flagged` flag to the first rows."""

UNUSED = frozenset({"content", "rank", "flags"})
"""Columns of claims that only the fold reads."""


def tables(contracts: Contracts) -> dict[str, pa.Schema]:
    """Every table of the current file by name."""
    found = {f"claim_{kind.name}": _claims(claim_schema(kind)) for kind in contracts.kinds.values()}
    found |= {f"golden_{kind.name}": golden_schema(kind, contracts.sources(kind.name)) for kind in contracts.kinds.values()}
    return found | FACTS | {"outcome": OUTCOME, "quarantined": COUNTED}


def table_of(ce_type: str) -> str:
    """The table in which messages of a type end: `claim.person` in `claim_person`."""
    return ce_type.replace(".", "_", 1)


def _claims(schema: pa.Schema) -> pa.Schema:
    return pa.schema([field for field in schema if field.name not in UNUSED])


def fingerprint_of(schemas: Mapping[str, pa.Schema]) -> str:
    """A digest that changes with any name or type of any table."""
    return sha256("\n".join(f"{name} {schema}" for name, schema in sorted(schemas.items())).encode()).hexdigest()[:16]
