"""What the log says about deliveries, outcomes and people's decisions: read from headers and small JSON messages, never from state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from contracts.partition import partition_of
from contracts.ports import Clock, Log, Message
from contracts.topics import CLAIMS, OUTCOMES, RAW

ACCESS = "cabin.access"


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows of one feed, from delivery to quarantine, and raw rows not normalised yet; `reasons` counts quarantined rows, `flags` accepted rows by soft rule or mending."""

    feed: str
    deliveries: int = 0
    delivered: int = 0
    refused: int = 0
    reduced: int = 0
    layout: int = 0
    landed: int = 0
    normalised: int = 0
    accepted: int = 0
    quarantined: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)
    flags: Mapping[str, int] = field(default_factory=dict)

    @property
    def behind(self) -> int:
        return self.landed - self.normalised


def closings(log: Log) -> Iterator[dict[str, Any]]:
    """Every `delivery.closed` on the raw topics, copies left out, in log order."""
    seen: set[str] = set()
    for name, fact in _raw_facts(log, "delivery.closed"):
        if name not in seen:
            seen.add(name)
            yield fact


def switched_off(log: Log) -> set[str]:
    """Feeds withdrawn and deliveries recalled at present."""
    latest: dict[str, tuple[int, bool]] = {}
    for _, fact in _raw_facts(log, "switch"):
        latest[fact["target"]] = max(latest.get(fact["target"], (0, False)), (fact["sequence"], fact["on"]))
    return {target for target, (_, on) in latest.items() if on}


def outcomes(log: Log) -> Iterator[dict[str, Any]]:
    """Every outcome."""
    for partition in range(log.partitions):
        offset, end = 0, log.end(OUTCOMES, partition)
        while offset < end:
            read = log.read(OUTCOMES, partition, offset)
            yield from (orjson.loads(stored.message.value) for stored in read)
            offset = read[-1].position.offset + 1


def counts(log: Log) -> list[Counts]:
    """The accounts by feed, in name order."""
    sums: dict[str, dict[str, int]] = {}
    reasons: dict[str, dict[str, int]] = {}
    flags: dict[str, dict[str, int]] = {}
    for closed in closings(log):
        of_feed = sums.setdefault(closed["source"], {})
        _add(of_feed, {"deliveries": 1, **{name: closed[name] for name in ("delivered", "refused", "reduced", "layout", "landed")}})
    for outcome in outcomes(log):
        if outcome.get("flags"):
            _add(flags.setdefault(outcome["feed"], {}), outcome["flags"])
        if outcome["type"] == "raw.rows" and outcome["outcome"] != "duplicate":
            _add(sums.setdefault(outcome["feed"], {}), {"normalised": outcome["rows"], "accepted": outcome["accepted"]})
            _add(sums[outcome["feed"]], {"quarantined": sum(outcome["quarantined"].values())})
            _add(reasons.setdefault(outcome["feed"], {}), outcome["quarantined"])
    return [Counts(feed, **of_feed, reasons=reasons.get(feed, {}), flags=flags.get(feed, {})) for feed, of_feed in sorted(sums.items())]


def claims_after(log: Log, positions: Mapping[int, int]) -> tuple[int, int]:
    """Claims on the log, and those among them at or after the given next offsets by partition."""
    total = behind = 0
    for partition in range(log.partitions):
        for offset, headers in log.headers(CLAIMS, partition, 0):
            if headers["ce_type"].startswith("claim."):
                total += int(headers["rows"])
                behind += int(headers["rows"]) if offset >= positions.get(partition, 0) else 0
    return total, behind


def decide(log: Log, clock: Clock, feed: str, fact: Mapping[str, Any]) -> dict[str, Any]:
    """Puts a person's decision about a feed or a delivery on the log; the latest one per target holds. Returns the fact with its sequence."""
    topic, partition = RAW + feed, partition_of(str(fact["target"]), log.partitions)
    sequence = 1 + sum(headers["ce_type"] == "switch" for _, headers in log.headers(topic, partition, 0))
    now = clock.now().isoformat(timespec="milliseconds")
    whole = {**fact, "sequence": sequence, "recorded_at": now}
    headers = {
        "ce_id": f"switch/{fact['target']}/{sequence}",
        "ce_source": "cabin/feed",
        "ce_type": "switch",
        "ce_time": now,
        "content-type": "application/json",
        "feed": feed,
        "rows": "0",
    }
    log.append(topic, partition, [Message(orjson.dumps(whole), headers, str(fact["target"]).encode())])
    return whole


def record_access(log: Log, clock: Clock, entry: Mapping[str, Any]) -> None:
    """Puts one reveal into the access ledger: who, what, why, when; never the value."""
    now = clock.now().isoformat(timespec="milliseconds")
    headers = {"ce_id": f"access/{now}", "ce_source": "cabin/reveal", "ce_type": "access", "ce_time": now, "content-type": "application/json", "rows": "1"}
    log.append(ACCESS, 0, [Message(orjson.dumps({**entry, "recorded_at": now}), headers)])


def accesses(log: Log) -> list[dict[str, Any]]:
    """Every entry of the access ledger, oldest first."""
    found: list[dict[str, Any]] = []
    offset, end = 0, log.end(ACCESS, 0)
    while offset < end:
        read = log.read(ACCESS, 0, offset)
        found += [orjson.loads(stored.message.value) for stored in read]
        offset = read[-1].position.offset + 1
    return found


def _add(sums: dict[str, int], more: Mapping[str, int]) -> None:
    for name, value in more.items():
        sums[name] = sums.get(name, 0) + value


def _raw_facts(log: Log, ce_type: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Name and content of every raw message of a type that is one fact in JSON."""
    for topic in log.topics():
        if topic.startswith(RAW):
            for partition in range(log.partitions):
                for offset, headers in log.headers(topic, partition, 0):
                    if headers["ce_type"] == ce_type:
                        yield headers["ce_id"], orjson.loads(log.read(topic, partition, offset, limit_bytes=1)[0].message.value)


def broken_accounts(log: Log) -> list[str]:
    """Deliveries that do not satisfy: delivered = refused + reduced + layout + landed, and, once normalised, landed = accepted + quarantined."""
    settled: dict[str, list[int]] = {}
    for outcome in outcomes(log):
        if outcome["type"] == "raw.rows" and outcome["outcome"] != "duplicate":
            sums = settled.setdefault(outcome["delivery"], [0, 0])
            sums[0] += outcome["rows"]
            sums[1] += outcome["accepted"] + sum(outcome["quarantined"].values())
    broken = {delivery for delivery, (rows, found) in settled.items() if rows != found}
    for closed in closings(log):
        rows = settled.get(closed["delivery"], [closed["landed"]])[0]
        if closed["delivered"] != closed["refused"] + closed["reduced"] + closed["layout"] + closed["landed"] or rows > closed["landed"]:
            broken.add(closed["delivery"])
    return sorted(broken)
