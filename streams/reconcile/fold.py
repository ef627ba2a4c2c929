"""The fold over a log in one call: a follower that reads up to the end as it is now."""

from __future__ import annotations

from contracts.ports import Log
from streams.reconcile.batches import Aside
from streams.reconcile.follower import SETTLE_ROWS, Folded, Follower
from streams.reconcile.state import State


def fold(log: Log, state: State, aside: Aside, *, settle_rows: int = SETTLE_ROWS) -> Folded:
    """Bring the state up to the log's end as seen now, then publish every golden row that changed.

    Facts are settled about `settle_rows` rows at a time; what is no fact goes to `aside`. Raises: `LogTruncated`.
    """
    return Follower(log, state, aside, settle_rows=settle_rows).reach()
