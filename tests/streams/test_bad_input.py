"""Whatever a stranger writes to a topic: it is set aside with its bytes sealed, nothing beside it is harmed, the positions move on, and only the machine's own faults stop a step."""

from __future__ import annotations

import random
from base64 import b64decode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kafka import KafkaAdminClient

from cabin.broker import Broker
from contracts import Contracts
from contracts.normalising import normalising_sql
from contracts.ports import Message
from contracts.read import load
from contracts.topics import CLAIMS, OUTCOMES, QUARANTINE, topics
from streams.local import Normaliser, Ports, pending
from streams.log.embedded import EmbeddedLog
from streams.log.errors import BrokerUnreachable
from streams.log.kafka import KafkaLog
from streams.log.topics import create, delete, plan
from streams.normalise import decode, encode
from streams.normalise.rows import normalise
from streams.raw import RawFollower
from tests.streams.normalise import support
from tests.streams.normalise.support import FEED, PlainSealer, contracts, engine, message, rule, stored
from tests.streams.normalise.test_messages import CLOSED
from vault import Vault

TOPIC = "cabin.raw.sample"
FRAIL = replace(FEED, rules=(*FEED.rules, rule("odd-number", "cast(number as integer) > 0")))
"""A feed whose contract holds a cast that a number without digits breaks."""


def row(at: int, /, **cells: str | None) -> dict[str, Any]:
    """A good row, whose number is one."""
    return support.row(at, **{"number": f"{at}", **cells})


@dataclass
class HalfSealer(PlainSealer):
    """What is sealed now goes under a real vault's key; the hand-made rows were never closed."""

    vault: Any = None

    def delivery_subject(self, delivery: str) -> str:
        return str(self.vault.delivery_subject(delivery))

    def seal(self, subjects: pa.StringArray, clear: pa.StringArray) -> pa.BinaryArray:
        return self.vault.seal(subjects, clear)


@dataclass
class Cabin:
    """A log and what follows its raw topics."""

    log: EmbeddedLog
    sealer: Any
    normaliser: Normaliser

    def land(self, *messages: Message) -> None:
        self.log.append(TOPIC, 0, messages)

    def normalise(self) -> list[dict[str, Any]]:
        """All outcomes there are after one pass of a new follower."""
        ports = Ports(self.log, CONTRACTS, self.sealer)
        follower = RawFollower(ports, self.normaliser)
        follower.adopt([(TOPIC, 0)])
        follower.reach([(TOPIC, 0)])
        assert pending(self.log) == []
        return [orjson.loads(each.message.value) for each in self.log.read(OUTCOMES, 0, 0)]

    def set_aside(self) -> list[dict[str, Any]]:
        return [each for held in self.log.read(QUARANTINE, 0, 0) for each in decode(held.message.value).to_pylist()]

    def opened(self, each: Mapping[str, Any]) -> bytes:
        (clear,) = self.sealer.vault.unseal(pa.array([each["subject"]]), pa.array([each["sealed"]], pa.binary())).to_pylist()
        return b64decode(clear)


def frail() -> Contracts:
    return replace(contracts(), feeds={"sample": FRAIL})


CONTRACTS = frail()


@pytest.fixture
def cabin(tmp_path: Path) -> Iterator[Cabin]:
    with EmbeddedLog.open(tmp_path / "log.sqlite", 1) as log, Vault.open(tmp_path / "vault") as vault:
        sealer = HalfSealer(vault=vault)
        normaliser = Normaliser(Ports(log, CONTRACTS, sealer))
        yield Cabin(log, sealer, normaliser)
        normaliser.close()


def spoiled(**changed: str | None) -> Message:
    good = message([row(2)], chunk=1)
    headers = {**good.headers, **changed}
    return Message(good.value, {name: text for name, text in headers.items() if text is not None})


def invalid_text() -> Message:
    """A table whose text is no UTF-8: an engine that is given it ends."""
    table = decode(message([row(2)], chunk=1).value)
    text = pa.StringArray.from_buffers(1, pa.array([0, 3], pa.int32()).buffers()[1], pa.py_buffer(b"\xff\xfe\xfd"))
    place = table.schema.get_field_index("number")
    return replace(message([row(2)], chunk=1), value=encode(table.set_column(place, "number", text)))


@pytest.mark.parametrize(
    ("bad", "reason", "counted"),
    [
        (spoiled(chunk="one"), "unreadable-headers", False),
        (spoiled(chunk="9" * 5000), "unreadable-headers", False),
        (spoiled(rows="²"), "unreadable-headers", False),
        (spoiled(repair="x"), "unreadable-headers", False),
        (spoiled(repair="70000"), "unreadable-headers", False),
        (spoiled(moment="yesterday"), "unreadable-headers", False),
        (spoiled(mode="guess"), "unreadable-headers", False),
        (spoiled(delivery=None), "unreadable-headers", False),
        (spoiled(feed=None), "unreadable-headers", False),
        (spoiled(feed="unheard"), "unknown-feed", True),
        (spoiled(ce_dataschema="sample/3"), "unknown-contract-version", True),
        (spoiled(ce_dataschema="sample"), "unknown-contract-version", True),
        (spoiled(rows="7"), "undecodable", True),
        (spoiled(ce_type=None), "undecodable", False),
        (replace(spoiled(), value=b"nonsense"), "undecodable", True),
        (replace(spoiled(), value=b""), "undecodable", True),
        (replace(spoiled(), value=message([row(2)]).value[:-200]), "undecodable", True),
        (invalid_text(), "undecodable", True),
        (replace(spoiled(), value=encode(pa.table({"row": [2]}))), "wrong-schema", True),
        (replace(spoiled(), value=encode(pa.table({"other": [2]}))), "wrong-schema", True),
        (replace(spoiled(), value=encode(pa.table({"row": [2], "sex": [{"a": 1}]}))), "wrong-schema", True),
        (Message(b"{}", {}), "undecodable", False),
        (Message(b"{}", {"ce_type": "delivery.closed"}), "undecodable", False),
        (Message(b'{"target": 7}', {"ce_type": "switch", "chunk": "x"}), "undecodable", False),
    ],
)
def test_what_nobody_can_read_is_set_aside_sealed(cabin: Cabin, bad: Message, reason: str, counted: bool) -> None:
    """It has an outcome with a stable reason and is kept byte for byte under seal; its rows count only where it says whose they are; its neighbours are accepted."""
    cabin.land(message([row(1)], chunk=0), bad, message([row(3)], chunk=2))
    told = cabin.normalise()
    assert [each["outcome"] for each in told] == ["normalised", reason, "normalised"]
    assert told[1]["rows"] == sum(told[1]["quarantined"].values()) == (int(bad.headers["rows"]) if counted else 0)
    (kept,) = cabin.set_aside()
    assert (kept["reason"], kept["row"]) == (reason, 0)
    assert cabin.opened(kept) == bad.value and (not bad.value or bad.value not in kept["sealed"])


@pytest.mark.parametrize(("time", "right"), [("soon", False), ("9999-12-31T23:00:00-05:00", False), ("2024-05-10T01:00:00Z", True), (None, False)])
def test_a_message_without_a_time_is_dated_by_the_log_and_set_aside(cabin: Cabin, time: str | None, right: bool) -> None:
    """Whoever asks for the time of a message gets one, in the form of all others; rows are accepted only where it is their own."""
    cabin.land(spoiled(ce_time=time))
    (told,) = cabin.normalise()
    assert cabin.log.headers(OUTCOMES, 0, 0)[0][1]["ce_time"] == ("2024-05-10T09:00:00.000" if right else "1970-01-01T08:00:00.000")
    assert told["outcome"] == ("normalised" if right else "undecodable")


def test_a_message_that_says_too_little_takes_no_other_ones_place(cabin: Cabin) -> None:
    """A stranger's message with the name of a real one, in the same step or before it: the real one is accepted."""
    cabin.land(spoiled(repair="x", ce_time="2000-01-01T00:00:00"), spoiled(chunk="x"), spoiled())
    assert [each["outcome"] for each in cabin.normalise()] == ["unreadable-headers", "unreadable-headers", "normalised"]
    cabin.land(spoiled(), spoiled(repair="x"))
    assert [each["outcome"] for each in cabin.normalise()][3:] == ["duplicate", "unreadable-headers"]


def test_a_poison_row_is_found_and_the_others_are_accepted(cabin: Cabin) -> None:
    """A row on which the statement fails is quarantined with its cells, plain and sealed; the accounts of every message hold."""
    rows = [row(at, number="not-a-number" if at in (3, 8) else "1") for at in range(1, 11)]
    cabin.land(message(rows[:5], chunk=0), message(rows[5:], chunk=1), message([row(11, number="not-a-number")], chunk=2))
    told = cabin.normalise()
    assert [(each["rows"], each["accepted"], each["quarantined"]) for each in told] == [(5, 4, {"poison": 1}), (5, 4, {"poison": 1}), (1, 0, {"poison": 1})]
    kept = {each["row"]: each for each in cabin.set_aside()}
    assert kept.keys() == {3, 8, 11} and {each["reason"] for each in kept.values()} == {"poison"}
    assert orjson.loads(kept[3]["cells"])["number"] == "not-a-number" and "full_name" not in orjson.loads(kept[3]["cells"])
    assert (kept[3]["subject"], kept[3]["sealed"]) == (rows[2]["subject"], rows[2]["sealed"])
    claims = [
        each
        for stored in cabin.log.read(CLAIMS, 0, 0)
        if stored.message.headers["ce_type"] == "claim.person"
        for each in decode(stored.message.value).to_pylist()
    ]
    assert sorted(each["row"] for each in claims) == [1, 2, 4, 5, 6, 7, 9, 10]


def test_halving_gives_what_one_statement_gives() -> None:
    """Beside a poison row the facts, quarantined rows and accounts of all others are those they have without it, repeated rows included."""
    rows = [row(at, sex="x" if at % 4 == 0 else "1") for at in range(1, 13)]
    poison = row(13, number="not-a-number")
    con, statements = engine(), normalising_sql(FRAIL, CONTRACTS)

    def of(*given: list[dict[str, Any]]) -> Any:
        listed = [{"delivery": "d", "chunk": 0, "repair": 0, "mode": "increment", "opened": each["sealed"].decode(), **each} for part in given for each in part]
        return normalise(
            con, statements, pa.Table.from_pylist([{name: each.get(name) for name in statements.schema.names} for each in listed], statements.schema)
        )

    alone, beside = of(rows, rows[:3]), of(rows[:7], [poison], rows[7:], rows[:3])
    for name, table in alone.facts.items():
        assert sorted(map(repr, table.to_pylist())) == sorted(map(repr, beside.facts[name].to_pylist()))
    assert sorted(each["row"] for each in beside.quarantined.to_pylist()) == [4, 8, 12, 13]
    (before,), (after,) = alone.accounts.to_pylist(), beside.accounts.to_pylist()
    assert (after["rows"], after["accepted"]) == (before["rows"] + 1, before["accepted"])
    assert orjson.loads(after["quarantined"]) == {**orjson.loads(before["quarantined"]), "poison": 1}


def test_a_fault_of_the_machine_is_raised_and_quarantines_nothing() -> None:
    """An engine that runs out of memory says so; no row is blamed, and after it has memory again all are accepted."""
    con, statements = engine(), normalising_sql(FRAIL, CONTRACTS)
    listed = [{"delivery": "d", "chunk": 0, "repair": 0, "mode": "increment", "opened": "{}", **row(at)} for at in range(1, 30_000)]
    rows = pa.Table.from_pylist([{name: each.get(name) for name in statements.schema.names} for each in listed], statements.schema)
    con.execute("set memory_limit = '4MB'")
    with pytest.raises(duckdb.OutOfMemoryException):
        normalise(con, statements, rows)
    con.execute("set memory_limit = '1GB'")
    assert normalise(con, statements, rows).quarantined.num_rows == 0


header_names = st.sampled_from(
    ["ce_id", "ce_type", "ce_time", "ce_dataschema", "feed", "delivery", "chunk", "rows", "repair", "moment", "mode", "area", "vault_sequence", "version"]
)
header_texts = st.one_of(
    st.sampled_from(["raw.rows", "raw.minors", "delivery.closed", "switch", "aliases", "sample", "sample/9", "0", "1", "-1", ""]), st.text(max_size=12)
)
values = st.one_of(
    st.binary(max_size=40), st.sampled_from([b"{}", b"[]", b'{"version": 1, "pairs": 3}', message([row(1)]).value, encode(pa.table({"row": [1]}))])
)
strange = st.builds(Message, values, st.dictionaries(header_names, header_texts))


@settings(max_examples=40)
@given(st.lists(strange, max_size=6))
def test_any_bytes_under_any_headers_are_accounted_for(tmp_path_factory: pytest.TempPathFactory, found: list[Message]) -> None:
    """Every message of a raw topic gets an outcome, whatever it is, and a good one beside it is accepted."""
    with EmbeddedLog.open(tmp_path_factory.mktemp("strange") / "log.sqlite", 1) as log:
        log.append(TOPIC, 0, [*found, message([row(9)], delivery="gooddelivery")])
        RawFollower(Ports(log, CONTRACTS, PlainSealer()), SHARED).reach([(TOPIC, 0)])
        outcomes = [orjson.loads(each.message.value) for each in log.read(OUTCOMES, 0, 0)]
        assert len(outcomes) == len(found) + 1 and outcomes[-1]["accepted"] == 1
        assert all(each["rows"] == each["accepted"] + sum(each["quarantined"].values()) for each in outcomes if each["outcome"] != "duplicate")
        assert pending(log) == []


class OnePartition:
    """All that a normaliser asks of a log."""

    partitions = 1


SHARED = Normaliser(Ports(OnePartition(), CONTRACTS, PlainSealer()))  # type: ignore[arg-type]
"""One engine for the laws."""


def test_no_damage_of_a_table_ends_the_process() -> None:
    """A table with one byte changed is read or set aside; nothing of it ends an engine."""
    good = message([row(at) for at in range(1, 4)])
    for place in range(0, len(good.value), 11):
        damaged = bytes([*good.value[:place], good.value[place] ^ 0x55, *good.value[place + 1 :]])
        derived = SHARED.derive_of(stored(replace(good, value=damaged)), {})
        assert len(derived.outcomes[0]) == 1


def test_a_message_of_20_megabytes_holds_nothing_up(broker: Broker, tmp_path: Path) -> None:
    """A broker refuses it, because topics take 16; where somebody gave a topic another limit, it is set aside whole like any other, and what follows is read."""
    topic, large = "cabin.raw.rental", replace(spoiled(feed="rental"), value=random.Random(7).randbytes(20_000_000))
    closing = Message(orjson.dumps(CLOSED | {"source": "rental"}), {"ce_type": "delivery.closed", "ce_id": "d/1", "ce_time": "2024-05-10T09:00:00.000"})
    declared = topics(load(), 2)
    (raw,) = [each for each in declared if each.name == topic]
    admin = KafkaAdminClient(bootstrap_servers=broker.address)
    try:
        delete(admin, [topic, CLAIMS, OUTCOMES, QUARANTINE])
        create(admin, plan(admin, declared).missing)
        with KafkaLog.open(broker.address, declared) as log, pytest.raises(BrokerUnreachable, match="TooLarge"):
            log.append(topic, 0, [large])
        delete(admin, [topic])
        create(admin, [replace(raw, settings={**raw.settings, "max.message.bytes": "30000000"})])
        with KafkaLog.open(broker.address, declared) as log, Vault.open(tmp_path / "vault") as vault:
            assert [each.offset for each in log.append(topic, 0, [large, closing])] == [0, 1]
            normaliser = Normaliser(Ports(log, load(), vault))
            RawFollower(Ports(log, load(), vault), normaliser).reach([(topic, 0)])
            normaliser.close()
            assert [headers["outcome"] for _, headers in log.headers(OUTCOMES, 0, 0)] == ["undecodable", "closed"]
            (kept,) = [each for part in range(2) for held in log.read(QUARANTINE, part, 0) for each in decode(held.message.value).to_pylist()]
            (clear,) = vault.unseal(pa.array([kept["subject"]]), pa.array([kept["sealed"]], pa.binary())).to_pylist()
            assert b64decode(clear) == large.value
    finally:
        delete(admin, [topic, QUARANTINE])
        create(admin, plan(admin, declared).missing)
        admin.close()
