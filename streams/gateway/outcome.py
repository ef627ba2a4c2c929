"""What became of a delivery, from the log alone: the account of its landing, and how far normalising has come with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

from contracts.model import Feed
from contracts.partition import partition_of
from contracts.ports import Log
from contracts.topics import OUTCOMES
from streams.landing.land import report_of
from streams.landing.model import Report
from streams.landing.on_log import closing_message, on_log
from streams.normalise import known_key


@dataclass(frozen=True, slots=True)
class Outcome:
    """`report`: what landed. `rows`: landed rows with an outcome, = accepted + quarantined; `reasons` counts the quarantined by reason, `flags` accepted rows by soft rule or mending."""

    report: Report
    rows: int = 0
    accepted: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    flags: dict[str, int] = field(default_factory=dict)

    @property
    def normalised(self) -> bool:
        return self.rows == self.report.landed

    def document(self) -> dict[str, object]:
        """As answered."""
        settled = {"normalised": self.normalised, "normalised_rows": self.rows, "accepted": self.accepted, "quarantined": sum(self.reasons.values())}
        landed = {name: value for name, value in self.report.document().items() if name != "already_landed"}
        return {**landed, **settled, "reasons": self.reasons, "flags": self.flags}


def outcome_of(log: Log, feed: Feed, delivery: str) -> Outcome | None:
    """The outcome; None where the log has no such delivery, or not all of it yet."""
    present = on_log(log, feed, delivery)
    if present.closed is None:
        return None
    report = report_of(closing_message(log, feed, delivery, present.closed), already_landed=True)
    rows = accepted = 0
    reasons: Counter[str] = Counter()
    flags: Counter[str] = Counter()
    for each in _outcomes(log, delivery):
        flags.update(each.get("flags") or {})
        if each["type"] == "raw.rows":
            rows += each["rows"]
            accepted += each["accepted"]
            reasons.update(each["quarantined"])
    return Outcome(report, rows, accepted, dict(sorted(reasons.items())), dict(sorted(flags.items())))


def _outcomes(log: Log, delivery: str) -> Iterator[dict[str, Any]]:
    """One outcome per raw message of the delivery: a worker that crashed tells some again, and a copy's own outcome counts for nothing.

    A delivery lies on one raw partition, and its outcomes on that of the same number.
    """
    partition, offset = partition_of(delivery, log.partitions), 0
    end, seen = log.end(OUTCOMES, partition), set[str]()
    while offset < end:
        read = log.read(OUTCOMES, partition, offset)
        for headers, value in ((stored.message.headers, stored.message.value) for stored in read):
            if headers.get("delivery") == delivery and headers.get("outcome", "duplicate") != "duplicate" and known_key(headers) not in seen:
                seen.add(known_key(headers))
                yield orjson.loads(value)
        offset = read[-1].position.offset + 1
