"""The fold: facts of one claims partition into golden records, kept in one DuckDB file per partition.

Read `follower` (the loop over the log) and `batches` (its messages), `state` (one transaction per settle), `touched` (what a fact concerns), `tables`, `prune` (what may be forgotten);
then `outbox` and `announcer` (what is published, what subscribers are told) and `told` (what a state remembers of it). What a golden record is, `contracts.golden` says; nothing here decides about values. Knows no clock and no broker's client.
"""

from streams.reconcile.batches import Aside
from streams.reconcile.errors import HistoryNeeded, LogTruncated, StateInUse
from streams.reconcile.fold import fold
from streams.reconcile.follower import Folded, Follower
from streams.reconcile.state import State

__all__ = ["Aside", "Folded", "Follower", "HistoryNeeded", "LogTruncated", "State", "StateInUse", "fold"]
