"""A cabin on whose topics strangers wrote: every command still answers, the marts are those of before, and what was set aside can be read up."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow as pa
import pytest

from contracts.ports import Message
from contracts.topics import CHANGES, CLAIMS, OUTCOMES, QUARANTINE
from streams.log import EmbeddedLog
from streams.normalise import encode
from tests.cabin.kit import cabin, done, hashes, standing

TABLE = encode(pa.table({"rows": [1]}))
STRANGE = [
    Message(b"\x00\xff", {}),
    Message(b"{}", {"ce_type": "outcome", "raw_topic": "cabin.raw.rental", "raw_partition": "0", "raw_offset": "x"}),
    Message(b"[]", {"ce_type": "outcome", "raw_topic": "cabin.raw.rental", "raw_partition": "0", "raw_offset": "999", "outcome": "normalised", "ce_id": "?"}),
    Message(b'{"rows": "many", "moment": 7}', {"ce_type": "outcome", "rows": "many", "aliases": "?"}),
    Message(b'{"target": []}', {"ce_type": "switch"}),
    Message(b'{"source": "rental"}', {"ce_type": "delivery.closed", "ce_id": "x", "ce_time": "soon"}),
    Message(b'{"version": "x"}', {"ce_type": "aliases", "version": "99", "ce_time": "2026-01-01T00:00:00.000"}),
    *(
        Message(value, {"ce_type": name, "rows": "-1"})
        for value in (b"nonsense", TABLE)
        for name in ("quarantined", "set_aside", "golden.person", "claim.person")
    ),
    *(Message(value, {"ce_type": "raw.rows", "feed": "rental", "delivery": "x", "chunk": "0", "rows": "1", "ce_id": "x/0"}) for value in (b"nonsense", TABLE)),
]
APART = ("steps", "snapshot")


@pytest.fixture(scope="module")
def spoiled(small_cabin: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Such messages at the end of every topic that is read, also of that of addresses."""
    data = tmp_path_factory.mktemp("strangers") / "data"
    shutil.copytree(small_cabin, data)
    with EmbeddedLog.open(data / "log.sqlite") as log:
        for topic in ("cabin.raw.rental", "cabin.raw.std_address", CLAIMS, CHANGES, OUTCOMES, QUARANTINE):
            for partition in range(log.partitions):
                log.append(topic, partition, STRANGE)
    return data


def test_the_marts_are_those_of_before(spoiled: Path, small_cabin: Path) -> None:
    """Running normalises, folds and loads past all of it; twice, because the second run begins after it; landing still knows what it landed."""
    for _ in range(2):
        ran = done(spoiled, "--json", "run").document
        assert ran["rows"] == 0
    assert hashes(spoiled) == hashes(small_cabin)


def test_status_counts_what_it_counted(spoiled: Path, small_cabin: Path) -> None:
    """No account is broken, nothing is left to do, and every count is that of before."""
    done(spoiled, "run")
    now, before = standing(spoiled), standing(small_cabin)
    assert {name: value for name, value in now.items() if name not in APART} == {name: value for name, value in before.items() if name not in APART}
    assert {step["step"]: step["messages"] for step in now["steps"] if step["messages"]} == {}


def test_what_was_set_aside_is_listed_in_words(spoiled: Path) -> None:
    """Of raw topics and of claims, with its place and a reason in both languages; one can be shown."""
    done(spoiled, "run")
    listed = done(spoiled, "--json", "quarantine", "list", "--limit", "500").document["rows"]
    places = {row["delivery"].rsplit("/", 1)[0] for row in listed if row["delivery"].startswith("cabin.raw.")} | {
        row["delivery"] for row in listed if row["feed"] == CLAIMS
    }
    assert places == {f"{topic}/{partition}" for topic in ("cabin.raw.rental", "cabin.raw.std_address", CLAIMS) for partition in range(2)}
    one = next(row for row in listed if row["delivery"].startswith("cabin.raw.rental"))
    for lang, words in (("en", "the message cannot be read"), ("zh", "消息无法读取")):
        assert words in cabin(spoiled, "quarantine", "show", one["delivery"], str(one["row"]), lang=lang).out
