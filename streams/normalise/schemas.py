"""The shapes of what is set aside and of what is counted."""

from __future__ import annotations

import pyarrow as pa

from contracts.facts import MOMENT

QUARANTINED = pa.schema(
    [
        ("source", pa.string()),
        ("delivery", pa.string()),
        ("row", pa.int32()),
        ("chunk", pa.int32()),
        ("recorded_at", MOMENT),
        ("reason", pa.string()),
        ("column", pa.string()),
        ("cells", pa.string()),
        ("subject", pa.string()),
        ("sealed", pa.binary()),
    ]
)
"""A row that broke a promise: `cells` is the JSON of its plain cells, the personal ones stay in `sealed` under `subject`'s key.
A message that is set aside whole is one row with number 0, its bytes in `sealed` as base64 (see `streams.sealed`)."""

ACCOUNTS = pa.schema(
    [
        ("delivery", pa.string()),
        ("chunk", pa.int32()),
        ("repair", pa.int16()),
        ("rows", pa.int32()),
        ("accepted", pa.int32()),
        ("unkeyed", pa.int32()),
        ("quarantined", pa.string()),
        ("flags", pa.string()),
    ]
)
"""Per raw message: rows = accepted + the numbers in `quarantined` (JSON, reason to count). `unkeyed`: quarantined without readable entity or record."""

SET_ASIDE = "set_aside"
"""The type of messages that hold what is no row of a delivery: no account and no mart counts it."""
