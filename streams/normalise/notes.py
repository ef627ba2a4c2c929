"""Raw messages that are one fact in JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
import pyarrow as pa

from contracts.aliases import Aliases
from contracts.facts import CLOSED, SWITCH
from streams.normalise.wire import facts_table

NOTES = {"delivery.closed": ("closed", CLOSED), "switch": ("switch", SWITCH)}
"""Their `ce_type`, the fact's and its shape; they are passed on to every partition."""
ALIASES, TAKEN, PASSED = "aliases", "inbox.taken", "inbox.passed"
INBOX_NOTES = frozenset({TAKEN, PASSED})
KEPT = frozenset({ALIASES}) | INBOX_NOTES
"""Raw messages that are read where they lie and concern no row: a released alias table is applied before rows become facts, notes say who lands what of an inbox."""
NEEDED = {
    "closed": frozenset({"source", "delivery", "mode", "delivered", "refused", "reduced", "layout", "landed", "chunks", "recorded_at"}),
    "switch": frozenset({"switch", "target", "on", "sequence", "recorded_at"}),
}
"""What such a fact cannot do without."""
LARGEST_SEQUENCE = 1 << 53
"""The fold computes with sequences; no person decides as often."""


def note_of(ce_type: str, value: bytes) -> tuple[dict[str, Any], pa.Table] | None:
    """The fact as it was written and in its shape; None where the message is none."""
    if ce_type not in NOTES:
        return None
    fact, schema = NOTES[ce_type]
    try:
        written = orjson.loads(value)
        if not isinstance(written, Mapping) or any(written.get(name) is None for name in NEEDED[fact]):
            return None
        if not 0 <= int(written.get("sequence") or 0) < LARGEST_SEQUENCE:
            return None
        return dict(written), facts_table(schema, [written])
    except (ValueError, TypeError, OverflowError, pa.ArrowInvalid, pa.ArrowTypeError):
        return None


def aliases_of(value: bytes) -> Aliases | None:
    """A released version of the alias table; None where a stranger's message only says to be one."""
    try:
        written = orjson.loads(value)
        pairs = tuple((old, new) for old, new in written["pairs"])
    except (ValueError, TypeError, KeyError):
        return None
    sound = isinstance(written.get("version"), int) and all(isinstance(name, str) for pair in pairs for name in pair)
    return Aliases(written["version"], pairs) if sound else None
