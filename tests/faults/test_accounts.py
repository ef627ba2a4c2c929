"""The control of the accounts themselves: a recorded log from which something was taken, or to which something was added, must not pass."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from streams.log import EmbeddedLog
from tests.cabin.kit import done
from tests.faults import accounts
from tests.faults.deliveries import Delivery
from tests.faults.doors import COUNTS, Acknowledged
from tests.faults.flow import Ledger
from tests.faults.reading import Record


@dataclass(frozen=True, slots=True)
class Recorded:
    """A log as it was recorded, and what the senders were told."""

    raw: Sequence[Record]
    outcomes: Sequence[Record]
    quarantine: Sequence[Record]
    claims: Sequence[Record]
    ledger: Ledger

    def findings(self, sound: Recorded) -> list[str]:
        facts = accounts.facts_of(self.claims), accounts.facts_of(sound.claims)
        return [*accounts.check(self.raw, self.outcomes, self.quarantine, self.ledger), *accounts.facts_equal(*facts, expired=False)]


@pytest.fixture(scope="module")
def recorded(small_cabin: Path, deliveries: Path, tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    """The small set, landed and run, with one recall."""
    data = shutil.copytree(small_cabin, tmp_path_factory.mktemp("recorded") / "data")
    ledger = Ledger()
    for told in done(data, "--json", "land", "auto", str(deliveries)).document["landed"]:
        rows = json.loads((deliveries / f"{told['file']}.manifest.json").read_text()).get("rows") or _lines(deliveries / told["file"])
        delivery = Delivery(deliveries / told["file"], told["feed"], told["mode"], rows)
        ledger.note(Acknowledged(delivery, told["delivery"], {name: told[name] for name in COUNTS}))
    recalled = next(iter(ledger.deliveries))
    done(data, "feed", "recall", recalled, "--reason", "演练")
    ledger.recalled[recalled] = True
    done(data, "run")
    with EmbeddedLog.open(data / "log.sqlite") as log:
        topics = {topic: _records(log, topic) for topic in log.topics()}
    raw = [record for topic, records in topics.items() if topic.startswith("cabin.raw.") for record in records]
    return Recorded(raw, topics["cabin.outcomes"], topics["cabin.quarantine"], topics["cabin.claims"], ledger)


def test_a_sound_log_passes(recorded: Recorded) -> None:
    """Nothing is found, also where a message was appended and normalised twice, as happens to whoever dies before it is acknowledged."""
    assert recorded.findings(recorded) == []
    again = replace(
        recorded, outcomes=[*recorded.outcomes, recorded.outcomes[0]], claims=[*recorded.claims, *recorded.claims], quarantine=[*recorded.quarantine] * 2
    )
    assert again.findings(recorded) == []


def first(records: Sequence[Record], ce_type: str) -> Record:
    return next(each for each in records if each.headers["ce_type"] == ce_type)


def without(records: Sequence[Record], gone: Record) -> list[Record]:
    return [each for each in records if each is not gone]


def changed(record: Record, **fields: object) -> Record:
    """The same message with other values in its JSON."""
    return replace(record, value=json.dumps({**record.document(), **fields}).encode())


def doubled(told: Recorded) -> Record:
    """An outcome told a second time, as if more had been accepted."""
    outcome = next(each for each in told.outcomes if each.document()["accepted"])
    return changed(outcome, rows=outcome.document()["rows"] + 1, accepted=outcome.document()["accepted"] + 1)


SPOILT: dict[str, Callable[[Recorded], Recorded]] = {
    "rows dropped from raw": lambda told: replace(told, raw=without(told.raw, first(told.raw, "raw.rows"))),
    "closing dropped from raw": lambda told: replace(told, raw=without(told.raw, first(told.raw, "delivery.closed"))),
    "decision dropped from raw": lambda told: replace(told, raw=without(told.raw, first(told.raw, "switch"))),
    "copy on raw that differs": lambda told: replace(told, raw=[*told.raw, replace(first(told.raw, "raw.rows"), offset=99, value=b"other")]),
    "closing with other counts": lambda told: replace(
        told, raw=[changed(each, landed=0) if each.headers["ce_type"] == "delivery.closed" else each for each in told.raw]
    ),
    "delivery never landed": lambda told: replace(told, raw=[each for each in told.raw if each.headers.get("delivery") != next(iter(told.ledger.deliveries))]),
    "delivery nobody sent": lambda told: replace(told, ledger=Ledger(dict(list(told.ledger.deliveries.items())[1:]), {}, told.ledger.recalled)),
    "outcome dropped": lambda told: replace(told, outcomes=told.outcomes[1:]),
    "outcome told twice differently": lambda told: replace(told, outcomes=[*told.outcomes, doubled(told)]),
    "outcome of nothing": lambda told: replace(
        told, outcomes=[*told.outcomes, replace(told.outcomes[0], headers={**told.outcomes[0].headers, "raw_offset": "99"})]
    ),
    "quarantined row dropped": lambda told: replace(told, quarantine=told.quarantine[1:]),
    "facts dropped": lambda told: replace(told, claims=without(told.claims, first(told.claims, "claim.person"))),
    "facts of another partition": lambda told: replace(told, claims=[replace(each, partition=7) for each in told.claims]),
}


@pytest.mark.parametrize("spoilt", SPOILT)
def test_a_spoilt_log_is_found(recorded: Recorded, spoilt: str) -> None:
    """Whatever is dropped, doubled with other numbers, or invented: at least one sentence says so."""
    assert SPOILT[spoilt](recorded).findings(recorded), spoilt


def _records(log: EmbeddedLog, topic: str) -> list[Record]:
    return [
        Record(topic, partition, each.position.offset, "", each.message.value, dict(each.message.headers))
        for partition in range(log.partitions)
        for each in log.read(topic, partition, 0)
    ]


def _lines(file: Path) -> int:
    return len(file.read_bytes().splitlines())
