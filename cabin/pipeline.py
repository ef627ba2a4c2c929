"""The main job in one process: normalise what landed, fold it, load the warehouse, publish a snapshot."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Drained:
    """What one drain did: raw rows normalised, claims folded, golden records changed, and the snapshot now published."""

    rows: int
    claims: int
    changes: int
    snapshot: str
