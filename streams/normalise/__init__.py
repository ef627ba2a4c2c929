"""PURE: raw messages to claims and other facts, quarantined rows and outcomes. No clock, no randomness, no IO but the engine handed in.

Read `rows.py` (a table of raw rows to facts), `wire.py` (messages to tables and back), then `messages.py` (one big step over many messages);
`naming.py` is what the address alias table is made from.
The SQL comes from `contracts.normalising`; nothing here knows a feed.
"""

from streams.normalise.batches import known_key
from streams.normalise.messages import Derived, normalise_messages
from streams.normalise.naming import naming, proposed
from streams.normalise.notes import note_of
from streams.normalise.rows import Normalised, normalise
from streams.normalise.wire import decode, encode

__all__ = ["Derived", "Normalised", "decode", "encode", "known_key", "naming", "normalise", "normalise_messages", "note_of", "proposed"]
