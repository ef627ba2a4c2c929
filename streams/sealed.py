"""Bytes that nobody could read, kept where only the vault can read them: they may hold anything."""

from __future__ import annotations

import base64
import hashlib

import orjson
import pyarrow as pa

from contracts.ports import Sealer

LARGEST_BYTES = 22_000_000
"""What fits into a message of the quarantine topic, sealed: a third longer as base64. A topic would have to be altered by hand to hold more."""


def sealed(sealer: Sealer, delivery: str, data: bytes) -> dict[str, object]:
    """The columns `subject` and `sealed` for such bytes: under the key of a delivery's pseudo-subject, as base64.

    Of what is too large for that, `cells` names the size and the digest instead; the bytes stay where they lie.
    """
    if len(data) > LARGEST_BYTES:
        return {"cells": orjson.dumps({"bytes": str(len(data)), "sha256": hashlib.sha256(data).hexdigest()}).decode()}
    subject = sealer.delivery_subject(delivery)
    return {"subject": subject, "sealed": sealer.seal(pa.array([subject]), pa.array([base64.b64encode(data).decode()]))[0].as_py()}
