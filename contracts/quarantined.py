"""The shape of what was set aside, on `cabin.quarantine` and, as far as marts count it, in the warehouse."""

from __future__ import annotations

import pyarrow as pa

from contracts.facts import MOMENT

COUNTED = pa.schema(
    [
        ("source", pa.string()),
        ("delivery", pa.string()),
        ("row", pa.int32()),
        ("chunk", pa.int32()),
        ("recorded_at", MOMENT),
        ("reason", pa.string()),
        ("column", pa.string()),
    ]
)
"""Which row was set aside and why; what marts count."""

QUARANTINED = pa.schema([*COUNTED, ("cells", pa.string()), ("subject", pa.string()), ("sealed", pa.binary())])
"""A row that broke a promise: `cells` is the JSON of its plain cells, the personal ones stay in `sealed` under `subject`'s key.
A message that is set aside whole is one row with number 0, its bytes in `sealed` as base64 (see `streams.sealed`)."""
