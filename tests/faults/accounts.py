"""The accounts of design section 5, counted independently: set equality over what the topics hold, in plain Python.

Every check gives findings as sentences without any row's content; none means all is well.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import duckdb
import pyarrow as pa

from tests.faults.flow import Ledger
from tests.faults.reading import Record

Name = tuple[str, str, str]
"""Delivery, chunk and repair: what names a raw message, however often it lies on the log."""
SHOWN = 5


def check(raw: Sequence[Record], outcomes: Sequence[Record], quarantine: Sequence[Record], ledger: Ledger) -> list[str]:
    """All accounts of deliveries and raw messages against each other and against what was acknowledged."""
    return [
        *deliveries(raw, ledger),
        *decisions(raw, ledger),
        *copies(raw),
        *outcome_of_each(raw, outcomes),
        *rows_of_each(raw, outcomes),
        *quarantined(outcomes, quarantine),
    ]


def deliveries(raw: Sequence[Record], ledger: Ledger) -> Iterator[str]:
    """Exactly the acknowledged deliveries are closed, with the counts their senders were told, the rows their files hold and all their chunks."""
    closed = {each.headers["delivery"]: each.document() for each in raw if each.headers["ce_type"] == "delivery.closed"}
    yield from _unequal("acknowledged deliveries", ledger.deliveries, closed, "closed on raw")
    chunks: dict[str, set[int]] = defaultdict(set)
    rows: dict[str, dict[int, int]] = defaultdict(dict)
    for each in raw:
        if "chunk" in each.headers:
            chunks[each.headers["delivery"]].add(int(each.headers["chunk"]))
            if each.headers["ce_type"] == "raw.rows":
                rows[each.headers["delivery"]][int(each.headers["chunk"])] = int(each.headers["rows"])
    for name in ledger.deliveries.keys() & closed.keys():
        told, fact = ledger.deliveries[name], closed[name]
        if any(fact[count] != told.counts[count] for count in told.counts):
            yield f"{name}: the log says other counts than its sender was told"
        if fact["delivered"] != fact["refused"] + fact["reduced"] + fact["layout"] + fact["landed"]:
            yield f"{name}: delivered is not refused + reduced + layout + landed"
        if fact["delivered"] - fact["layout"] != told.delivery.rows:
            yield f"{name}: {told.delivery.rows} rows lie in the file, {fact['delivered'] - fact['layout']} were delivered"
        if chunks[name] != set(range(fact["chunks"] + 1)):
            yield f"{name}: chunks are missing or too many"
        if sum(rows[name].values()) != fact["landed"]:
            yield f"{name}: {fact['landed']} rows landed, {sum(rows[name].values())} lie on raw"


def decisions(raw: Sequence[Record], ledger: Ledger) -> Iterator[str]:
    """The last decision about each delivery is the one that was acknowledged last."""
    last: dict[str, tuple[int, bool]] = {}
    for each in raw:
        if each.headers["ce_type"] == "switch":
            fact = each.document()
            last[fact["target"]] = max(last.get(fact["target"], (0, False)), (fact["sequence"], fact["on"]))
    yield from _unequal("decisions acknowledged", set(ledger.recalled.items()), {(target, on) for target, (_, on) in last.items()}, "on raw")


def copies(raw: Sequence[Record]) -> Iterator[str]:
    """Copies of one raw message are equal."""
    values: dict[str, set[bytes | None]] = defaultdict(set)
    for each in raw:
        values[each.headers["ce_id"]].add(each.value)
    for name, found in values.items():
        if len(found) > 1:
            yield f"raw message {name} has copies that differ"


def outcome_of_each(raw: Sequence[Record], outcomes: Sequence[Record]) -> Iterator[str]:
    """Every place on raw has an outcome, and no outcome is about anything else."""
    about = {(each.headers["raw_topic"], int(each.headers["raw_partition"]), int(each.headers["raw_offset"])) for each in outcomes}
    yield from _unequal("raw messages", {each.place for each in raw}, about, "with an outcome")


def rows_of_each(raw: Sequence[Record], outcomes: Sequence[Record]) -> Iterator[str]:
    """Per distinct raw message: landed = accepted + quarantined, told once or told the same."""
    landed = {name_of(each): int(each.headers["rows"]) for each in raw if each.headers["ce_type"] == "raw.rows"}
    told: dict[Name, set[str]] = defaultdict(set)
    sums: dict[Name, int] = {}
    for each in outcomes:
        fact = each.document()
        if fact["type"] == "raw.rows" and fact["outcome"] != "duplicate":
            told[name_of(each)].add(repr(sorted(fact.items())))
            sums[name_of(each)] = fact["accepted"] + sum(fact["quarantined"].values())
            if fact["rows"] != sums[name_of(each)]:
                yield f"raw message {'/'.join(name_of(each))}: rows are not accepted + quarantined"
    yield from _unequal("raw messages with rows", set(landed.items()), set(sums.items()), "accepted + quarantined")
    yield from (f"raw message {'/'.join(name)} has outcomes that differ" for name, found in told.items() if len(found) > 1)


def quarantined(outcomes: Sequence[Record], quarantine: Sequence[Record]) -> Iterator[str]:
    """Per delivery as many distinct rows lie in quarantine as outcomes say."""
    said: dict[Name, int] = {}
    for each in outcomes:
        fact = each.document()
        if fact["type"] == "raw.rows" and fact["outcome"] != "duplicate":
            said[name_of(each)] = sum(fact["quarantined"].values())
    by_delivery: dict[str, int] = defaultdict(int)
    for name, count in said.items():
        by_delivery[name[0]] += count
    lie: dict[str, set[Any]] = defaultdict(set)
    for each in quarantine:
        for row in each.rows():
            lie[row["delivery"]].add((row["row"], row.get("repair")))
    found = {(delivery, len(rows)) for delivery, rows in lie.items()}
    yield from _unequal("deliveries with quarantined rows", {(delivery, count) for delivery, count in by_delivery.items() if count}, found, "in quarantine")


def facts_of(claims: Iterable[Record]) -> dict[tuple[int, str], set[str]]:
    """The distinct facts of a topic of claims, by partition and fact type, each as the digest of its text."""
    found: dict[tuple[int, str], set[str]] = defaultdict(set)
    with duckdb.connect() as engine:
        for each in claims:
            with pa.ipc.open_stream(each.value) as stream:
                engine.register("facts", stream.read_all())
            found[each.partition, each.headers["ce_type"]] |= {row[0] for row in engine.execute("select md5(to_json(facts)::varchar) from facts").fetchall()}
    return found


def facts_equal(found: Mapping[tuple[int, str], set[str]], expected: Mapping[tuple[int, str], set[str]], expired: bool) -> Iterator[str]:
    """The topic of claims holds the facts of the reference, each at least once; with its beginning `expired`, no others."""
    for place in sorted(found.keys() | expected.keys()):
        invented, lost = found.get(place, set()) - expected.get(place, set()), expected.get(place, set()) - found.get(place, set())
        if invented:
            yield f"claims {place}: {len(invented)} facts that the reference does not know"
        if lost and not expired:
            yield f"claims {place}: {len(lost)} facts are missing"


def name_of(record: Record) -> Name:
    return record.headers["delivery"], record.headers["chunk"], record.headers.get("repair", "0")


def _unequal(what: str, expected: Iterable[Any], found: Iterable[Any], where: str) -> Iterator[str]:
    wanted, there = set(expected), set(found)
    if wanted != there:
        missing, besides = sorted(map(str, wanted - there)), sorted(map(str, there - wanted))
        yield f"{what} ({len(wanted)}) against {where} ({len(there)}): missing {len(missing)} {missing[:SHOWN]}, besides {len(besides)} {besides[:SHOWN]}"
