"""The tables of a state file: one per fact type, claims and golden rows per kind, and one row of positions. No keys, no indexes."""

from __future__ import annotations

import pyarrow as pa

from contracts.facts import FACTS, claim_schema, golden_schema
from contracts.model import Contracts

FORMAT = 8
"""Grows when the tables of a state change their meaning; part of what must match for a state to be kept."""

META = """create table meta (
  fingerprint varchar, partition integer, partitions integer, prune boolean,
  generation varchar, applied bigint, digest varchar, version bigint, published bigint, forgotten bigint)"""
SNAPSHOTS_SEEN = "create table complete_seen (source varchar, area varchar, moment timestamp_ms)"
ENDS = "create table ends (topic varchar, after bigint)"
VOID_SEEN = "create table void_seen (source varchar, delivery varchar)"


def stored(contracts: Contracts) -> dict[str, pa.Schema]:
    """Table names and shapes: `presence`, ..., `claim_<kind>`, `golden_<kind>` (with a digest of the row)."""
    claims = {f"claim_{kind.name}": claim_schema(kind) for kind in contracts.kinds.values()}
    golden = {
        f"golden_{kind.name}": golden_schema(kind, contracts.sources(kind.name)).append(pa.field("digest", pa.uint64())) for kind in contracts.kinds.values()
    }
    return {**FACTS, **claims, **golden}


def table_of(fact: str) -> str:
    """The table of a fact type: `claim.person` lies in `claim_person`."""
    return fact.replace(".", "_")


def columns(schema: pa.Schema) -> str:
    """The quoted column list of a shape."""
    return ", ".join(f'"{name}"' for name in schema.names)
