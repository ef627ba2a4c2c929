"""What other systems push lands exactly once, whatever form it has and wherever a try ends; what cannot be landed is set aside and holds nothing up."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from kafka import KafkaAdminClient

from cabin.broker import Broker
from cabin.clock import BeijingClock
from contracts.ports import Log, Message, Stored
from contracts.read import load
from contracts.topics import CLAIMS, OUTCOMES, QUARANTINE, topics
from streams.aside import aside_to
from streams.errors import DeliveryInProgress, SpoolUnwritable
from streams.inbox import InboxFollower
from streams.landing import Landing, Sizes, continue_spools, engine_of, newest_vault
from streams.landing.model import SetAside
from streams.local import Normaliser, Ports
from streams.log import EmbeddedLog
from streams.log.errors import LogMoved
from streams.log.kafka import KafkaLog
from streams.log.topics import create, delete, plan
from streams.normalise import decode, encode
from streams.raw import RawFollower
from tests.streams.landing.faults import FailingLog, Fuse, Killed, Way
from vault import Vault

CONTRACTS = load()
FEED = CONTRACTS.feeds["fire_hazard"]
INBOX, RAW = "cabin.inbox.fire_hazard", "cabin.raw.fire_hazard"
PLACE = (INBOX, 0)
PARTITIONS = 2
DECLARED = topics(CONTRACTS, PARTITIONS)


def hazard(number: int, **more: object) -> dict[str, object]:
    """One inspection as the fire brigade's system writes it."""
    return {"检查编号": f"JC{number:06d}", "检查日期": "2026-02-03", "对象类型": "3", "地址": f"五马街道解放街{number}号", "隐患数": number, **more}


def pushed(*rows: dict[str, object], how: str = "lines") -> Message:
    """Rows as one message of a form."""
    texts = [json.dumps(row, ensure_ascii=False) for row in rows]
    value = {"one": texts[0], "lines": "\n".join(texts), "array": f"[{','.join(texts)}]"}.get(how, "").encode()
    return Message(encode(pa.Table.from_pylist(list(rows))) if how == "table" else value, {})


FORMS = [pushed(hazard(1), how="one"), pushed(hazard(2), hazard(3)), pushed(hazard(4), hazard(5), how="table"), pushed(hazard(6), how="array")]
"""Six rows in the four forms."""


@dataclass
class Cabin:
    """One log and vault; every call of `landed` is another process."""

    log: Log
    vault: Vault
    spool: Path
    normaliser: Normaliser
    lock_seconds: float = 5
    told: list[SetAside] = field(default_factory=list)
    """What is said of messages that were set aside."""

    def push(self, *messages: Message) -> None:
        self.log.append(*PLACE, messages)

    def handed(self) -> Sequence[Stored]:
        return self.log.read(*PLACE, 0)

    def follower(self, log: Log | None = None) -> InboxFollower:
        through = log or self.log
        sizes = Sizes(message_rows=2, append_bytes=1, lock_seconds=self.lock_seconds)
        landing = Landing(through, self.vault, BeijingClock(), CONTRACTS, self.spool, sizes=sizes, engine=ENGINE, set_aside=self.told.append)
        return InboxFollower(landing, aside_to(through, self.vault))

    def landed(self, log: Log | None = None) -> int:
        """A new owner takes the partition over and lands what he is handed; the number of messages."""
        follower = self.follower(log)
        follower.adopt([PLACE])
        return follower.take(self.handed())

    def claimed(self) -> list[str]:
        """The numbers of all inspections that became claims, each as often as it did."""
        follower, places = RawFollower(Ports(self.log, CONTRACTS, self.vault), self.normaliser), [(RAW, partition) for partition in range(PARTITIONS)]
        follower.adopt(places)
        follower.reach(places)
        found = [each for partition in range(PARTITIONS) for each in self.log.read(CLAIMS, partition, 0)]
        return sorted(
            row["entity"].rpartition(":")[2]
            for each in found
            if each.message.headers["ce_type"] == "claim.event"
            for row in decode(each.message.value).to_pylist()
        )

    def set_aside(self) -> list[tuple[int, str, bytes]]:
        """Offset, reason and bytes of what was set aside."""
        rows = [row for partition in range(PARTITIONS) for each in self.log.read(QUARANTINE, partition, 0) for row in decode(each.message.value).to_pylist()]
        clear = self.vault.unseal(pa.array([row["subject"] for row in rows], pa.string()), pa.array([row["sealed"] for row in rows], pa.binary())).to_pylist()
        return [(row["row"], row["reason"], b64decode(text)) for row, text in zip(rows, clear, strict=True) if row["source"] == INBOX]

    def continued(self) -> int:
        """Landings that a gateway ends on this machine when it starts."""
        return len(continue_spools(self.follower()._landing))

    def deliveries(self) -> int:
        return sum(each["ce_type"] == "delivery.closed" for partition in range(PARTITIONS) for _, each in self.log.headers(RAW, partition, 0))


ENGINE = engine_of(CONTRACTS)


@pytest.fixture(scope="module")
def normaliser() -> Iterator[Normaliser]:
    made: Any = Normaliser(Ports(Two(), CONTRACTS, None))  # type: ignore[arg-type]
    yield made
    made.close()


class Two:
    """All that a normaliser asks of a log."""

    partitions = PARTITIONS


@pytest.fixture
def cabin(tmp_path: Path, normaliser: Normaliser) -> Iterator[Cabin]:
    with EmbeddedLog.open(tmp_path / "log.sqlite", PARTITIONS) as log, Vault.open(tmp_path / "vault") as vault:
        normaliser._ports = Ports(log, CONTRACTS, vault)
        yield Cabin(log, vault, tmp_path / "spool", normaliser)


def numbers(*of: int) -> list[str]:
    return [f"JC{number:06d}" for number in of]


def test_every_form_lands_once_as_one_delivery(cabin: Cabin) -> None:
    """One object, lines, an array and a table handed over together are one delivery; handed over again, to the same owner or to another, nothing is added."""
    cabin.push(*FORMS)
    follower = cabin.follower()
    follower.adopt([PLACE])
    assert (follower.take(cabin.handed()), follower.take(cabin.handed()), cabin.landed()) == (4, 0, 0)
    assert cabin.deliveries() == 1 and cabin.claimed() == numbers(1, 2, 3, 4, 5, 6)
    cabin.push(pushed(hazard(7)))
    assert cabin.landed() == 1 and cabin.claimed() == numbers(1, 2, 3, 4, 5, 6, 7)


def test_what_was_never_handed_over_is_read(cabin: Cabin) -> None:
    """A hole before a handed message is filled, and what lies behind it is found without being handed over."""
    cabin.push(*FORMS)
    follower = cabin.follower()
    follower.adopt([PLACE])
    assert follower.take(cabin.handed()[2:3]) == 3 and follower.behind([PLACE]) == [PLACE]
    assert follower.reach([PLACE]) == 1 and follower.behind([PLACE]) == []
    assert cabin.claimed() == numbers(1, 2, 3, 4, 5, 6)


@pytest.mark.parametrize("way", ["error", "killed before", "killed after"])
@pytest.mark.parametrize("at", range(1, 12))
def test_whoever_dies_in_between_is_continued(cabin: Cabin, at: int, way: Way) -> None:
    """Whichever append is the last, with more pushed meanwhile and a spool left behind: the next owner, here or on another machine, ends it, and every row is claimed once."""
    cabin.push(*FORMS[:2], Message(b"nonsense", {}), *FORMS[2:])
    died(cabin, Fuse(at, way))
    cabin.push(pushed(hazard(7)))
    elsewhere = replace(cabin, spool=cabin.spool.with_name("another machine")) if at % 2 else cabin
    elsewhere.landed()
    assert (cabin.landed(), cabin.continued()) == (0, 0)
    assert cabin.claimed() == numbers(1, 2, 3, 4, 5, 6, 7)
    assert set(cabin.set_aside()) == {(2, "undecodable", b"nonsense")}


CALLS = 27
"""So often a landing asks something of the log."""


class Pausing:
    """A log whose user is paused before its `at`-th call, while `meanwhile` happens."""

    def __init__(self, log: Log, at: int, meanwhile: Callable[[], object]) -> None:
        self._log, self._left, self._meanwhile = log, at, meanwhile

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._log, name)
        if not callable(found):
            return found
        self._left -= 1
        if self._left == 0:
            self._meanwhile()
        return found


@pytest.mark.parametrize("at", range(1, CALLS + 1))
def test_an_owner_who_was_paused_lands_nothing_twice(cabin: Cabin, at: int) -> None:
    """Whatever he was about to ask of the log when another took over, landed all of it with more that was pushed meanwhile, and pushed on: every row is claimed once,
    and whichever of the two goes on lands what comes later."""
    cabin.push(*FORMS[:2], Message(b"nonsense", {}))

    def taken_over() -> None:
        cabin.push(*FORMS[2:])
        assert elsewhere.landed() >= 2
        cabin.push(pushed(hazard(7)))

    elsewhere = replace(cabin, spool=cabin.spool.with_name("another machine"))
    paused = cabin.follower(Pausing(cabin.log, at, taken_over))  # type: ignore[arg-type]
    paused.adopt([PLACE])
    paused.take(cabin.handed()[:3])
    while paused.behind([PLACE]):
        paused.reach([PLACE])
    cabin.push(pushed(hazard(8)))
    assert elsewhere.landed() == 1
    assert cabin.claimed() == numbers(1, 2, 3, 4, 5, 6, 7, 8)
    assert set(cabin.set_aside()) == {(2, "undecodable", b"nonsense")} and paused.behind([PLACE]) == [PLACE]


@pytest.mark.parametrize("at", [9, 15, 19])
def test_two_owners_on_one_machine_do_not_take_each_others_file(cabin: Cabin, at: int) -> None:
    """Who is in the middle of landing keeps the range, and the rows lie in one file: the other is refused for now, sets nothing aside, and what he finds later is all landed."""
    cabin.push(*FORMS[:2], Message(b"nonsense", {}))

    def refused() -> None:
        with pytest.raises(DeliveryInProgress):
            replace(cabin, lock_seconds=0).landed()

    paused = cabin.follower(Pausing(cabin.log, at, refused))  # type: ignore[arg-type]
    paused.adopt([PLACE])
    paused.take(cabin.handed())
    cabin.push(pushed(hazard(4)))
    assert cabin.landed() == 1 and cabin.claimed() == numbers(1, 2, 3, 4)
    assert set(cabin.set_aside()) == {(2, "undecodable", b"nonsense")} and list(cabin.spool.glob("*.jsonl")) == []


def died(cabin: Cabin, fuse: Fuse) -> None:
    """An owner whose log fails."""
    with pytest.raises((Killed, SpoolUnwritable, OSError)):
        cabin.landed(FailingLog(cabin.log, fuse))  # type: ignore[arg-type]
    assert fuse.blown


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (b"nonsense", "undecodable"),
        (b"[]", "undecodable"),
        (b"7", "undecodable"),
        (b'{"a": 1}\n[2]', "undecodable"),
        (b"\xff\xff\xff\xff\x00\x01", "undecodable"),
        (pushed(hazard(9, 对象代码=["a", "b"])).value, "broken-json"),
    ],
)
def test_a_bad_message_is_set_aside_alone(cabin: Cabin, bad: bytes, reason: str) -> None:
    """Among good ones it is found by halving and kept sealed with the reason; the others land, the position moves on, and it is said once how many of how many that were."""
    cabin.push(*FORMS[:3], Message(bad, {"content-type": "application/json"}), FORMS[3])
    assert (cabin.landed(), cabin.landed()) == (5, 0)
    assert cabin.set_aside() == [(3, reason, bad)]
    assert [(each.feed, each.messages, each.reasons) for each in cabin.told] == [("fire_hazard", 5, {reason: 1})]
    assert cabin.claimed() == numbers(1, 2, 3, 4, 5, 6)


def test_rows_of_something_else_are_set_aside(cabin: Cabin) -> None:
    """A message that names none of the contract's columns, alone; what comes after it lands."""
    cabin.push(Message(b'{"other": 1}', {}))
    assert cabin.landed() == 1
    cabin.push(*FORMS)
    assert cabin.landed() == 4 and cabin.claimed() == numbers(1, 2, 3, 4, 5, 6)
    assert cabin.set_aside() == [(0, "missing-column", b'{"other": 1}')]


def test_nothing_of_what_is_banned_is_kept(cabin: Cabin) -> None:
    """A banned column sets its message aside without its bytes; a banned value refuses its row, as in any delivery; neither is in any file."""
    secret, number = "指纹A8F3C1", "330302197001010014"
    cabin.push(pushed(hazard(1)), pushed(hazard(2, 指纹=secret)), pushed(hazard(3, 对象名称=f"饭店{number}")))
    assert cabin.landed() == 3
    assert cabin.set_aside() == [(1, "banned-column", b"")] and cabin.claimed() == numbers(1)
    left = b"".join(file.read_bytes() for file in cabin.spool.parent.rglob("*") if file.is_file() and not file.name.startswith("log.sqlite"))
    assert secret.encode() not in left and number.encode() not in left and list(cabin.spool.glob("*")) == []


def test_the_same_rows_pushed_again_pass(cabin: Cabin) -> None:
    """What a system pushes twice adds nothing, and is passed once and for all: later messages land."""
    cabin.push(pushed(hazard(1)))
    cabin.landed()
    cabin.push(pushed(hazard(1)))
    assert (cabin.landed(), cabin.landed()) == (1, 0)
    cabin.push(pushed(hazard(2)))
    assert cabin.landed() == 1 and cabin.claimed() == numbers(1, 2)


USED = (INBOX, RAW, CLAIMS, OUTCOMES, QUARANTINE)


def made_anew(broker: Broker, names: Sequence[str]) -> None:
    """These topics, empty, with ids of their own."""
    admin = KafkaAdminClient(bootstrap_servers=broker.address)
    delete(admin, names)
    create(admin, plan(admin, DECLARED).missing)
    admin.close()


@pytest.fixture
def on_broker(broker: Broker, tmp_path: Path, normaliser: Normaliser) -> Iterator[Cabin]:
    made_anew(broker, USED)
    with KafkaLog.open(broker.address, DECLARED) as log, Vault.open(tmp_path / "vault") as vault:
        vault.subjects(pa.array([f"{number:018d}" for number in range(newest_vault(log) or 0)], pa.string()))
        normaliser._ports = Ports(log, CONTRACTS, vault)
        yield Cabin(log, vault, tmp_path / "spool", normaliser)


def test_on_a_broker_every_row_is_claimed_once(broker: Broker, on_broker: Cabin) -> None:
    """The forms, one bad message among them, an owner killed between the first append and the closing, another that is handed everything twice, and one who was
    paused when he was about to take the messages."""
    cabin = on_broker
    cabin.push(*FORMS[:2], Message(b"nonsense", {}), *FORMS[2:])
    died(cabin, Fuse(3, "killed before"))
    cabin.push(pushed(hazard(7)))

    def taken_over() -> None:
        cabin.push(pushed(hazard(8)))
        with KafkaLog.open(broker.address, DECLARED) as other:
            follower = replace(cabin, log=other, spool=cabin.spool.with_name("another machine")).follower()
            follower.adopt([PLACE])
            handed = cabin.handed()
            follower.take(handed[2:])
            follower.take(handed)

    paused = Pausing(cabin.log, 2, lambda: None)
    follower = cabin.follower(paused)  # type: ignore[arg-type]
    follower.adopt([PLACE])
    paused._left, paused._meanwhile = 2, taken_over
    assert follower.take(cabin.handed()[5:]) == 0 and cabin.landed() == 0
    assert cabin.claimed() == numbers(1, 2, 3, 4, 5, 6, 7, 8)
    assert cabin.set_aside() == [(2, "undecodable", b"nonsense")]


def test_a_topic_made_anew_is_landed_from_its_beginning(broker: Broker, on_broker: Cabin) -> None:
    """Messages that lie where others of the topic before it lay are landed; who owned that one is told, and lands nothing of this."""
    cabin = on_broker
    follower = cabin.follower()
    follower.adopt([PLACE])
    cabin.push(*FORMS)
    assert follower.take(cabin.handed()) == 4
    made_anew(broker, [INBOX])
    cabin.push(*(pushed(hazard(number)) for number in range(7, 13)))
    with pytest.raises(LogMoved):
        follower.take(cabin.handed())
    assert cabin.landed() == 6 and cabin.landed() == 0
    assert cabin.claimed() == numbers(*range(1, 13))
