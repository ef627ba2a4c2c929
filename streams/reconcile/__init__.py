"""The fold: facts of one claims partition into golden records, kept in one DuckDB file per partition.

Read `fold` (the loop over the log), `state` (one transaction per settle), `touched` (what a fact concerns), `tables`, `prune` (what may be forgotten).
What a golden record is, `contracts.golden` says; nothing here decides about values. Knows no clock and no broker.
"""

from streams.reconcile.errors import HistoryNeeded, LogTruncated, StateInUse
from streams.reconcile.fold import CHANGES, CLAIMS, Folded, fold
from streams.reconcile.state import State

__all__ = ["CHANGES", "CLAIMS", "Folded", "HistoryNeeded", "LogTruncated", "State", "StateInUse", "fold"]
