"""The quarantine desk of a cabin on a real broker: rows are mended, redriven and rejected while a worker runs, and each becomes golden once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from kafka import KafkaAdminClient

from cabin.broker import Broker
from cabin.clock import BeijingClock
from cabin.desk import RawRows
from contracts.read import load
from contracts.topics import RAW, topics
from quality.desk.redrive import redriven
from quality.desk.work import Desk
from streams.log.topics import create, delete, partitions_of
from tests.cabin.kit import cabin, done
from tests.cabin.test_workers import OnBroker
from tests.quality.desk.kit import HEADER, Dying, check
from vault import Vault

PATTERN = ("--feed", "fire_hazard", "--broken", "object-unknown")
MEND = (*PATTERN, "--on", "object_kind", "--map", "饭店=3")


@pytest.fixture
def there(broker: Broker, tmp_path: Path) -> Iterator[OnBroker]:
    """A cabin of its own over two partitions; the broker has no topic before and after."""
    with closing(KafkaAdminClient(bootstrap_servers=broker.address)) as admin:
        delete(admin, [name for name in partitions_of(admin) if name.startswith("cabin.")])
        create(admin, topics(load(), 2))
        (tmp_path / "data").mkdir()
        yield OnBroker(tmp_path / "data", broker, 2, ())
        delete(admin, [name for name in partitions_of(admin) if name.startswith("cabin.")])


def delivered(there: OnBroker, start: int) -> None:
    """Three checks: one sound, one of a kind that can be mended, one that cannot."""
    file = there.data.parent / f"{start}.csv"
    file.write_text("\n".join([HEADER, check(start), check(start + 1, "饭店"), check(start + 2, "车库"), ""]), encoding="utf-8")
    done(there.data, "land", "fire_hazard", str(file), **there.settings)


def states(there: OnBroker) -> Counter[str]:
    """How many of the rows ever quarantined are in each state."""
    listed = done(there.data, "--json", "quarantine", "list", "--state", "all", **there.settings).document["rows"]
    return Counter(str(row["state"]) for row in listed)


def interrupted(there: OnBroker, step: str) -> None:
    """A redrive of which the acknowledgement of its last repair never comes."""
    with there.log() as log, Vault.open(there.data / "vault") as vault:
        dying = Dying(log, 3, after=True)  # type: ignore[arg-type]
        raw = RawRows(there.data / "desk", dying, vault, load())  # type: ignore[arg-type]
        desk = Desk(there.data / "desk", dying, vault, BeijingClock(), load(), raw, "officer")  # type: ignore[arg-type]
        with closing(raw), pytest.raises(OSError, match="acknowledgement lost"):
            redriven(desk, step)


def repairs(there: OnBroker) -> Counter[str]:
    """How often each repair message lies on the raw topic."""
    with there.log() as log:
        found = [headers for partition in range(2) for _, headers in log.headers(f"{RAW}fire_hazard", partition, 0)]
    return Counter(headers["ce_id"] for headers in found if headers.get("repair", "0") != "0")


def golden(there: OnBroker) -> list[str]:
    """The checks that readers see, once the worker's answers are loaded."""
    done(there.data, "loader", "--once", **there.settings)
    rows = done(there.data, "--json", "sql", "select entity from event_current order by all", **there.settings).document["rows"]
    return [row["entity"].rpartition(":")[2] for row in rows]


def test_rows_are_mended_redriven_and_rejected_beside_a_worker(there: OnBroker) -> None:
    """Two deliveries with bad rows: a fix that leaves rows failing is refused with the count; a redrive that dies goes on and sends nothing twice; the rest is rejected.
    Every mended row becomes golden once, rejected ones do not, and ever quarantined = open + redriven + rejected."""
    for start in (1, 11):
        delivered(there, start)
    with there.workers(1):
        there.await_(lambda: states(there) == {"open": 4})
        refused = cabin(there.data, "--json", "quarantine", "fix", *MEND, "--go", "--reason", "the form says 饭店", **there.settings)
        assert (refused.code, refused.document["error"]["code"], repairs(there)) == (1, "fix-would-fail", Counter())
        assert (refused.document["accepted"], refused.document["failing"]) == (2, 2)
        plan = done(there.data, "--json", "quarantine", "fix", *MEND, "--only-sound", "--later", "--reason", "the form says 饭店", **there.settings)
        interrupted(there, plan.document["step"])
        assert len(repairs(there)) == 2
        assert done(there.data, "--json", "quarantine", "redrive", **there.settings).document["step"] == plan.document["step"]
        assert sorted(repairs(there).values()) == [1, 1]
        assert "no redrive was interrupted" in done(there.data, "quarantine", "redrive", **there.settings).out
        done(there.data, "quarantine", "reject", *PATTERN, "--reason", "garages are no venues", **there.settings)
        there.await_(lambda: golden(there) == [f"JC{number:06d}" for number in (1, 2, 11, 12)])
    assert states(there) == {"redriven": 2, "rejected": 2}
    account = done(there.data, "--json", "quarantine", "counts", **there.settings).document["account"]
    assert [(each["ever"], each["open"], each["redriven"], each["rejected"]) for each in account] == [(4, 0, 2, 2)]
    assert done(there.data, "--json", "status", **there.settings).document["broken_accounts"] == []
    assert done(there.data, "doctor", **there.settings).code == 0
