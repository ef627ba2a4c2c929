"""What the log says about deliveries, outcomes and people's decisions: read from headers and small JSON messages, never from state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from cabin.accounts import Accounts, Counts
from contracts.partition import partition_of
from contracts.ports import Clock, Log, Message, Stored
from contracts.topics import ACCESS, OUTCOMES, RAW
from streams.landing.messages import CLOSING
from streams.normalise import note_of
from streams.outcomes import told_of as place_of


def closings(log: Log) -> Iterator[dict[str, Any]]:
    """Every `delivery.closed` on the raw topics, copies left out, in log order."""
    seen: set[str] = set()
    for name, fact in _raw_facts(log, CLOSING):
        if name not in seen:
            seen.add(name)
            yield fact


def switched_off(log: Log) -> set[str]:
    """Feeds withdrawn and deliveries recalled at present."""
    latest: dict[str, tuple[int, bool]] = {}
    for _, fact in _raw_facts(log, "switch"):
        latest[fact["target"]] = max(latest.get(fact["target"], (0, False)), (fact["sequence"], fact["on"]))
    return {target for target, (_, on) in latest.items() if on}


def accounts(log: Log) -> Accounts:
    """What the whole log says of deliveries and outcomes."""
    found = Accounts()
    for name, fact in _raw_facts(log, CLOSING):
        found.closed(name, fact)
    for partition in range(log.partitions):
        for stored in messages(log, OUTCOMES, partition):
            if told_of(log.generation, stored.message.headers):
                found.outcome(stored.message.headers, outcome_in(stored.message.value))
    return found


def outcome_in(value: bytes) -> Any:
    """What an outcome says; None where it cannot be read."""
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        return None


def told_of(generation: str, headers: Mapping[str, str]) -> bool:
    """Whether an outcome is one of a raw message, told since the derived topics are what they are: an earlier one tells of what is gone."""
    return place_of(headers) is not None and headers.get("generation", generation) == generation


def fact_at(log: Log, topic: str, partition: int, offset: int) -> dict[str, Any] | None:
    """The one fact in JSON that a raw message is; None where it cannot be read as one, which normalising sets aside."""
    message = log.read(topic, partition, offset, limit_bytes=1)[0].message
    note = note_of(message.headers["ce_type"], message.value)
    return None if note is None else note[0]


def messages(log: Log, topic: str, partition: int, start: int = 0) -> Iterator[Stored]:
    """Every message from `start` to the end as it is now."""
    offset, end = start, log.end(topic, partition)
    while offset < end:
        read = log.read(topic, partition, offset)
        if not read:
            return  # what was left there is gone or never became part of the log
        yield from read
        offset = read[-1].position.offset + 1


def counts(log: Log) -> list[Counts]:
    """The accounts by feed, in name order."""
    return accounts(log).counts()


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
    """Puts one reveal or export into the access ledger: who, what, why, when; never a value."""
    now = clock.now().isoformat(timespec="milliseconds")
    headers = {"ce_id": f"access/{now}", "ce_source": "cabin/reveal", "ce_type": "access", "ce_time": now, "content-type": "application/json", "rows": "1"}
    log.append(ACCESS, 0, [Message(orjson.dumps({**entry, "recorded_at": now}), headers)])


def accesses(log: Log) -> list[dict[str, Any]]:
    """Every entry of the access ledger, oldest first."""
    return [orjson.loads(stored.message.value) for stored in messages(log, ACCESS, 0)]


def _raw_facts(log: Log, ce_type: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Name and content of every raw message of a type that is one fact in JSON."""
    for topic in log.topics():
        if topic.startswith(RAW):
            for partition in range(log.partitions):
                for offset, headers in log.headers(topic, partition, 0):
                    fact = fact_at(log, topic, partition, offset) if headers["ce_type"] == ce_type else None
                    if fact is not None:
                        yield headers["ce_id"], fact


def broken_accounts(log: Log) -> list[str]:
    """Deliveries whose accounts do not balance."""
    return accounts(log).broken()
