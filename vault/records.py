"""One token as stored: a record of 112 bytes, and the conversions between tokens as text and as bytes, all vectorised.

| field | bytes | content |
|---|---|---|
| prefix | 1 | `p` identity number, `t` phone, `d` delivery |
| token | 12 | random; for `d` the delivery's own id |
| lookup | 16 | first half of the HMAC-SHA256 of prefix and normalised number |
| wrapped | 16 | the token's key, wrapped; all zero once destroyed |
| nonce, number | 16 + 32 | the number, sealed in counter mode; all zero once destroyed |
| check | 8 | a sum over the words before it: shows a record torn by a power cut |
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

RECORD = np.dtype(
    [
        ("prefix", "u1"),
        ("filler", "u1", 3),
        ("token", "u1", 12),
        ("lookup", "u1", 16),
        ("wrapped", "u1", 16),
        ("nonce", "u1", 16),
        ("number", "u1", 32),
        ("size", "u1"),
        ("filler2", "u1", 7),
        ("check", "<u8"),
    ]
)
WORDS = RECORD.itemsize // 8
NUMBER_BYTES = 32
TOKEN_TEXT = 25
DELIVERY_TEXT = 14
HEX = np.frombuffer(b"0123456789abcdef", np.uint8)
Records = npt.NDArray[np.void]
Bytes = npt.NDArray[np.uint8]


def checks(records: Records) -> npt.NDArray[np.uint64]:
    """The check word of each record: an odd-weighted sum of its other words, never 0, so that a run of zeros is no record."""
    words = records.view("<u8").reshape(len(records), WORDS)[:, : WORDS - 1]
    weights = (np.arange(1, WORDS, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)) | np.uint64(1)
    total: npt.NDArray[np.uint64] = (words * weights).sum(axis=1, dtype=np.uint64) | np.uint64(1)
    return total


def valid(records: Records) -> int:
    """How many records, from the first on, are whole."""
    good = checks(records) == records["check"]
    return len(records) if good.all() else int(np.argmin(good))


def token_texts(records: Records) -> pa.StringArray:
    """The tokens as text: `p` or `t` and 24 hex digits. Delivery tokens are never read in batches."""
    count = len(records)
    text = np.empty((count, TOKEN_TEXT), np.uint8)
    text[:, 0] = records["prefix"]
    text[:, 1::2] = HEX[records["token"] >> 4]
    text[:, 2::2] = HEX[records["token"] & 15]
    offsets = np.arange(0, (count + 1) * TOKEN_TEXT, TOKEN_TEXT, dtype=np.int32)
    return pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(text))


def token_bytes(tokens: pa.StringArray) -> Bytes:
    """The 12 bytes of each token, shape (n, 12), for tokens without nulls; a text that is no token becomes twelve zeros, which no token has."""
    count = len(tokens)
    found = np.zeros((count, 12), np.uint8)
    offsets = np.frombuffer(tokens.buffers()[1], np.int32, count + 1, tokens.offset * 4).astype(np.int64)
    data = np.frombuffer(tokens.buffers()[2] or b"", np.uint8)
    lengths = np.diff(offsets)
    hexed = np.flatnonzero(lengths == TOKEN_TEXT)
    if len(hexed):
        text = data[offsets[hexed][:, None] + np.arange(1, TOKEN_TEXT)]
        digits = np.where(text >= ord("a"), text - (ord("a") - 10), text - ord("0")).astype(np.uint8)
        found[hexed] = digits[:, 0::2] << 4 | digits[:, 1::2]
    named = np.flatnonzero(lengths == DELIVERY_TEXT)
    if len(named):
        found[named] = data[offsets[named][:, None] + np.arange(2, DELIVERY_TEXT)]
    return found
