"""One big step over many raw messages: facts per partition, quarantined rows and one outcome per message, ready to be appended.

The edge appends `claims` first, then `quarantine`, and `outcomes` last: what has an outcome is never read again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import duckdb
import orjson
import pyarrow as pa

from contracts.aliases import UNALIASED, Aliases
from contracts.facts import CHUNK
from contracts.ipc import number_of
from contracts.model import Contracts
from contracts.normalising import ALIASES
from contracts.ports import Message, Position, Sealer, Stored
from contracts.quarantined import QUARANTINED
from contracts.topics import RAW
from streams.normalise.batches import FOREIGN, OUTCOME, Sorted, foreign, sorted_messages
from streams.normalise.notes import INBOX_NOTES, KEPT, NOTES, aliases_of, note_of
from streams.normalise.remembered import Carried, statements_of
from streams.normalise.rows import normalise
from streams.normalise.schemas import SET_ASIDE
from streams.normalise.sound import UNDECODABLE, attributable, kept_headers
from streams.normalise.split import split
from streams.normalise.wire import DERIVER, FORMS, JSON, Made, derived, facts_table, moment_of, span
from streams.sealed import sealed

LAST = tuple(fact for fact, _ in NOTES.values())
NO_ROWS = {"rows": 0, "accepted": 0, "unkeyed": 0, "quarantined": {}, "flags": {}, "flagged": {}}


@dataclass(frozen=True, slots=True)
class Derived:
    """Messages to append by partition: of `cabin.claims`, of `cabin.quarantine` (that of the delivery), of `cabin.outcomes` (that of the raw message)."""

    claims: dict[int, list[Message]] = field(default_factory=dict)
    quarantine: dict[int, list[Message]] = field(default_factory=dict)
    outcomes: dict[int, list[Message]] = field(default_factory=dict)


@dataclass(slots=True)
class _Gathered:
    """What the parts of a step add up to."""

    facts: dict[str, list[pa.Table]] = field(default_factory=dict)
    quarantined: list[pa.Table] = field(default_factory=list)
    strange: dict[Position, pa.Table] = field(default_factory=dict)
    outcomes: dict[Position, dict[str, Any]] = field(default_factory=dict)

    def add(self, fact: str, table: pa.Table) -> None:
        if table.num_rows:
            self.facts.setdefault(fact, []).append(table)


def normalise_messages(
    engine: duckdb.DuckDBPyConnection,
    contracts: Contracts,
    opener: Sealer,
    stored: Sequence[Stored],
    partitions: int,
    known: Mapping[str, str] | None = None,
    aliases: Aliases = UNALIASED,
) -> Derived:
    """What the raw messages `stored` derive to, whatever their feeds. A message that cannot be read is quarantined whole, a copy only gets its outcome.

    `engine` was prepared with the macros of `contracts`; `known` holds the `ce_time` of each message that has an outcome, by `known_key`. Every message
    made names the version of `aliases` in its header `aliases`.
    """
    if not stored:
        return Derived()
    parts = sorted_messages(contracts, opener, stored, known or {})
    gathered = _Gathered()
    with _aliased(engine, aliases):
        _normalise_rows(engine, contracts, parts, gathered, bool(aliases.pairs))
    for each, reason in [*parts.unsound, *_pass_on(parts.others, gathered)]:
        _set_aside(each, reason, opener, gathered)
    for each in parts.copies:
        gathered.outcomes[each.position] = {"outcome": "duplicate", **NO_ROWS, "rows": _rows(each)}
    made = Made(span(stored), max(each.message.headers["ce_time"] for each in stored), aliases.version)
    return Derived(
        claims=_claims(engine, gathered, partitions, made),
        quarantine=_quarantine(engine, gathered, partitions, made),
        outcomes=_outcomes(stored, gathered, made),
    )


def _normalise_rows(engine: duckdb.DuckDBPyConnection, contracts: Contracts, parts: Sorted, gathered: _Gathered, aliased: bool) -> None:
    for batch in parts.batches:
        normalised = normalise(engine, statements_of(Carried(batch.feed, contracts), batch.form, aliased), batch.rows)
        for fact, table in normalised.facts.items():
            gathered.add(fact, table)
        if normalised.quarantined.num_rows:
            gathered.quarantined.append(normalised.quarantined)
        accounts = {(each["delivery"], each["chunk"], each["repair"]): each for each in normalised.accounts.to_pylist()}
        outcomes = [(each, _account(each, accounts)) for each in batch.stored]
        gathered.outcomes.update((each.position, outcome) for each, outcome in outcomes)
        gathered.add("chunk", facts_table_of_chunks(outcomes))


@contextmanager
def _aliased(engine: duckdb.DuckDBPyConnection, aliases: Aliases) -> Iterator[None]:
    """The alias table as a relation of the engine, where it has rows."""
    if not aliases.pairs:
        yield
        return
    engine.register(ALIASES, aliases.table())
    try:
        yield
    finally:
        engine.unregister(ALIASES)


def _account(each: Stored, accounts: Mapping[tuple[str, int, int], Mapping[str, Any]]) -> dict[str, Any]:
    headers = each.message.headers
    found = accounts.get((headers["delivery"], int(headers["chunk"]), int(headers.get("repair", "0"))))
    if found is None:
        return {"outcome": "normalised", **NO_ROWS}
    numbers = {name: found[name] for name in ("rows", "accepted", "unkeyed")}
    return {"outcome": "normalised", **numbers, **{name: orjson.loads(found[name]) for name in ("quarantined", "flags", "flagged")}}


def facts_table_of_chunks(outcomes: Iterable[tuple[Stored, Mapping[str, Any]]]) -> pa.Table:
    """One `chunk` fact per first-hand message; a repair changes no snapshot's accounts."""
    return facts_table(
        CHUNK,
        [
            {
                "source": each.message.headers["feed"],
                "delivery": each.message.headers["delivery"],
                "chunk": int(each.message.headers["chunk"]),
                "recorded_at": each.message.headers["ce_time"],
                **{name: outcome[name] for name in ("rows", "accepted", "unkeyed")},
            }
            for each, outcome in outcomes
            if each.message.headers.get("repair", "0") == "0"
        ],
    )


def _pass_on(others: Sequence[Stored], gathered: _Gathered) -> list[tuple[Stored, str]]:
    """Facts in JSON become facts for all; returns the messages that are none."""
    strange: list[tuple[Stored, str]] = []
    for each in others:
        ce_type = each.message.headers["ce_type"]
        if ce_type in INBOX_NOTES or (ce_type in KEPT and aliases_of(each.message.value) is not None):
            gathered.outcomes[each.position] = {"outcome": ce_type, **NO_ROWS}
        elif (note := note_of(ce_type, each.message.value)) is None:
            strange.append((each, UNDECODABLE))
        else:
            fact = NOTES[ce_type][0]
            gathered.add(fact, note[1])
            gathered.outcomes[each.position] = {"outcome": fact, **NO_ROWS}
    return strange


def _set_aside(each: Stored, reason: str, sealer: Sealer, gathered: _Gathered) -> None:
    """The message whole into quarantine, its bytes sealed. Its rows count as quarantined where it says whose they are; else it is named by its place, and counts for nothing."""
    headers, position = each.message.headers, each.position
    counted = headers["ce_type"] in FORMS and attributable(headers)
    kept, place = kept_headers(headers) if counted else {}, f"{position.topic}/{position.partition}/{position.offset}"
    row = {
        "source": kept.get("feed") or position.topic.removeprefix(RAW),
        "delivery": kept.get("delivery") or place,
        "row": 0,
        "chunk": number_of(kept.get("chunk")),
        "recorded_at": moment_of(headers["ce_time"]),
        "reason": reason,
        **sealed(sealer, kept.get("delivery") or place, each.message.value),
    }
    table = pa.Table.from_pylist([row], QUARANTINED)
    if counted:
        gathered.quarantined.append(table)
    else:
        gathered.strange[position] = table
    rows = _rows(each) if counted else 0
    outcome = {"outcome": reason, **NO_ROWS, "rows": rows, "unkeyed": rows, "quarantined": {reason: rows} if rows else {}}
    gathered.outcomes[position] = outcome
    if rows:
        gathered.add("chunk", facts_table_of_chunks([(each, outcome)]))


def _rows(each: Stored) -> int:
    return number_of(each.message.headers.get("rows")) or 0


def _claims(engine: duckdb.DuckDBPyConnection, gathered: _Gathered, partitions: int, made: Made) -> dict[int, list[Message]]:
    """Closings and switches come last, so that no partition withdraws before it has the rows."""
    messages: dict[int, list[Message]] = {}
    for fact in sorted(gathered.facts, key=lambda fact: (fact in LAST, fact)):
        parts = split(engine, fact, pa.concat_tables(gathered.facts[fact]), partitions)
        encoded: dict[int, list[Message]] = {}
        for partition, part in parts.items():
            same = next((other for other in encoded if parts[other] is part), None)
            encoded[partition] = encoded[same] if same is not None else list(derived(fact, part, made))
            messages.setdefault(partition, []).extend(encoded[partition])
    return messages


def _quarantine(engine: duckdb.DuckDBPyConnection, gathered: _Gathered, partitions: int, made: Made) -> dict[int, list[Message]]:
    messages: dict[int, list[Message]] = {}
    for kind, tables in (("quarantined", gathered.quarantined), (SET_ASIDE, list(gathered.strange.values()))):
        for partition, part in (split(engine, "quarantined", pa.concat_tables(tables), partitions) if tables else {}).items():
            messages.setdefault(partition, []).extend(derived(kind, part, made))
    return messages


def _outcomes(stored: Sequence[Stored], gathered: _Gathered, made: Made) -> dict[int, list[Message]]:
    messages: dict[int, list[Message]] = {}
    for each in stored:
        messages.setdefault(each.position.partition, []).append(_outcome(each, gathered.outcomes[each.position], each.position in gathered.strange, made))
    return messages


def _outcome(each: Stored, outcome: Mapping[str, Any], strange: bool, made: Made) -> Message:
    """What became of one raw message; headers tell its name and position, so that normalising knows where to go on. Of a strange one nothing more is repeated."""
    raw, position = each.message.headers, each.position
    kept = {} if strange else {"feed": position.topic.removeprefix(RAW), **kept_headers(raw)}
    value = {**({"type": "unknown"} if strange else {**kept, "type": raw["ce_type"], "recorded_at": raw["ce_time"]}), **outcome}
    headers = {
        "ce_id": raw["ce_id"],
        "ce_source": DERIVER,
        "ce_type": OUTCOME,
        "ce_time": raw["ce_time"],
        "content-type": JSON,
        "aliases": str(made.aliases),
        "outcome": str(outcome["outcome"]),
        "raw_topic": position.topic,
        "raw_partition": str(position.partition),
        "raw_offset": str(position.offset),
        **kept,
        **({"repair": FOREIGN} if foreign(raw) else {}),
    }
    return Message(orjson.dumps(value, option=orjson.OPT_SORT_KEYS), headers)
