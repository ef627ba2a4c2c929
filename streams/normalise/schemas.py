"""The shape of what is counted, and the type of what is set aside."""

from __future__ import annotations

import pyarrow as pa

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
        ("flagged", pa.string()),
    ]
)
"""Per raw message: rows = accepted + the numbers in `quarantined` (JSON, reason to count). `unkeyed`: quarantined without readable entity or record. `flags`: JSON, warning to count of accepted rows; `flagged`: the first of them."""

SET_ASIDE = "set_aside"
"""The type of messages that hold what is no row of a delivery: no account and no mart counts it."""
