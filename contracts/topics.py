"""Every topic the cabin uses, as design section 5 promises it: partitions, retention, clean-up, flushing, sizes. Pure; `cabin topics` applies it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from contracts.model import Classification, Contracts, Feed

RAW, INBOX, ENTITY = "cabin.raw.", "cabin.inbox.", "cabin.entity."
"""How the topics of a feed or a kind begin."""
CLAIMS, CHANGES, QUARANTINE, OUTCOMES = "cabin.claims", "cabin.changes", "cabin.quarantine", "cabin.outcomes"
DISCREPANCIES, TASKS, ACCESS, RELEASES = "cabin.discrepancies", "cabin.tasks", "cabin.access", "cabin.releases"
LINEAGE = "cabin.lineage"
DERIVED = (CLAIMS, QUARANTINE, OUTCOMES, CHANGES)
"""The topics inside the cabin that hold nothing which the raw topics do not give again."""
DAY = 86_400_000
MESSAGE_BYTES = 16_000_000
"""The largest message: a derived chunk of 50,000 rows stays far below it. Topics, brokers and clients are all given this.
The quarantine may hold twice as much, so that the largest message that nobody can read fits into it sealed."""
REPLICAS, IN_SYNC = 3, 2
"""Copies of every partition where there are as many brokers, and how many must have a message before it is acknowledged: one broker may be away."""
EVER: Mapping[str, str] = {"cleanup.policy": "delete", "retention.ms": "-1", "retention.bytes": "-1"}
AT_ONCE: Mapping[str, str] = {"flush.messages": "1"}
"""Acknowledged means on disk: otherwise an acknowledged message lies in the page cache of its brokers only."""
SOON: Mapping[str, str] = {"flush.ms": "1000"}
"""What can be derived again may lose its last second on a single broker; normalise then repeats the last minute."""
COMPACTED: Mapping[str, str] = {"cleanup.policy": "compact", "delete.retention.ms": str(90 * DAY)}
"""Tombstones outlast the longest absence a subscriber is permitted."""
APPLIED = "applied"
"""The header of a change: up to which claims (the offset after the last) the fold had come."""
RELEASE = "contracts"
"""The header of a change: the fingerprint of the contracts it was folded under. Sources are numbered by them, so under others the same row means something else."""


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic and the settings it must have; what is not named here is the broker's own business."""

    name: str
    partitions: int
    settings: Mapping[str, str] = field(default_factory=dict)


def topics(contracts: Contracts, partitions: int) -> tuple[Topic, ...]:
    """All topics of an installation, in name order; `partitions` is fixed per installation and the same for all of them."""
    declared = {f"{RAW}{feed}": {**EVER, **AT_ONCE} for feed in contracts.feeds}
    declared |= {f"{INBOX}{feed.name}": _kept(DAY // 24) for feed in contracts.feeds.values() if pushed(feed)}
    declared |= {f"{ENTITY}{kind}": dict(COMPACTED) for kind in contracts.kinds}
    declared |= {
        CLAIMS: {**_kept(400 * DAY), **SOON},
        CHANGES: _kept(30 * DAY),
        DISCREPANCIES: _kept(400 * DAY),
        TASKS: _kept(400 * DAY),
        QUARANTINE: {**EVER, **SOON, "max.message.bytes": str(2 * MESSAGE_BYTES)},
        OUTCOMES: {**EVER, **SOON},
        ACCESS: {**EVER, **AT_ONCE},
        RELEASES: {**EVER, **AT_ONCE},
        LINEAGE: _kept(90 * DAY),
    }
    size = {"max.message.bytes": str(MESSAGE_BYTES)}
    return tuple(Topic(name, partitions, {**size, **settings}) for name, settings in sorted(declared.items()))


def pushed(feed: Feed) -> bool:
    """Whether other systems may push rows of this feed into an inbox topic: rows add to what is there, and no full list can be told apart among them."""
    return "increment" in feed.modes and not _personal(feed)


def _kept(milliseconds: int) -> dict[str, str]:
    return {"cleanup.policy": "delete", "retention.ms": str(milliseconds)}


def _personal(feed: Feed) -> bool:
    """Whether a feed may only come in by landing: it names persons or carries what is about them."""
    return any(column.identifier is not None or column.classification is not Classification.PLAIN for column in feed.columns)
