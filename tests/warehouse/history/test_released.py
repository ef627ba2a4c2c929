"""Releases of contracts are recorded once, and what was believed under earlier ones can be asked."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from pathlib import Path

import pytest

import contracts.read
from cabin.releasing import record_release
from contracts.aliases import Aliases
from contracts.model import Contracts
from contracts.ports import Message
from contracts.read import load, texts
from contracts.releases import contracts_of, marts_of, name_of, parts_of, release_table
from contracts.topics import RELEASES
from streams.log import EmbeddedLog
from streams.reconcile.batches import encoded
from tests.warehouse.history.kit import appended
from warehouse.catalogue import mart_files, mart_texts
from warehouse.errors import NotReleasedThen, ReleaseUnreadable
from warehouse.hashes import mart_hashes
from warehouse.history import AsOf, Cut, Means, released_at

AT = datetime(2026, 6, 30, 12)
HOME = Path(contracts.read.__file__).parent


class Still:
    """A clock that stands."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        return self._at


def test_a_release_is_recorded_once_and_gives_the_same_contracts(small_cabin: Path, tmp_path: Path) -> None:
    """Running again under the same contracts adds nothing; what was recorded are exactly the contracts and marts in force; a later release tells only the texts that are new."""
    data = shutil.copytree(small_cabin, tmp_path / "data")
    with EmbeddedLog.open(data / "log.sqlite") as log:
        assert log.end(RELEASES, 0) == 1  # its run recorded them
        assert record_release(log, data, Still(AT)) is None
        (data / "feeds").mkdir()
        shutil.copy(HOME / "codes" / "sex.csv", data / "feeds" / "extra.csv")
        second = record_release(log, data, Still(AT + timedelta(days=400)))
        assert second is not None and log.end(RELEASES, 0) == 2
        assert log.headers(RELEASES, 0, 1)[0][1]["release"] == second
        assert len(log.read(RELEASES, 0, 1)[0].message.value) * 3 < len(log.read(RELEASES, 0, 0)[0].message.value)
        shutil.rmtree(data / "feeds")
        appended(tmp_path / "history", load(), log)
    release = released_at(tmp_path / "history", load(), AT + timedelta(days=399))
    assert release.contracts.fingerprint == load().fingerprint and release.marts == mart_files()
    assert "extra" in released_at(tmp_path / "history", load(), AT + timedelta(days=400)).contracts.code_lists
    with pytest.raises(NotReleasedThen):
        released_at(tmp_path / "history", load(), datetime(2020, 1, 1))


def test_what_is_recorded_is_what_is_read() -> None:
    """Rows of a release give its texts back, whatever their order was; its name changes with any of them and with nothing else."""
    parts = parts_of(texts(), mart_texts(), Aliases(3, ()))
    assert contracts_of(parts) == load() and marts_of(parts) == mart_texts()
    assert name_of(parts) == name_of(reversed(parts))
    assert len({name_of(parts), name_of(parts_of(texts(), mart_texts(), Aliases(4, ()))), name_of(parts[1:])}) == 3


def test_beliefs_under_earlier_contracts_follow_them(small_cabin: Path, known: Contracts, tmp_path: Path) -> None:
    """Where an earlier release had another freshness, its contracts are those of then, and the marts made under them are not those of now."""
    earlier = tmp_path / "contracts"
    shutil.copytree(HOME, earlier, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    file = earlier / "entities" / "residency.yaml"
    file.write_text(file.read_text().replace("cabin.freshness_days, value: 90", "cabin.freshness_days, value: 1"))
    then = load(earlier)
    assert then.kinds["residency"] != known.kinds["residency"]
    with EmbeddedLog.open(small_cabin / "log.sqlite") as log, EmbeddedLog.open(tmp_path / "log.sqlite", log.partitions) as other:
        for topic in (topic for topic in log.topics() if topic != RELEASES):
            for partition in range(log.partitions):
                stored = log.read(topic, partition, 0, 1_000_000_000)
                other.append(topic, partition, [each.message for each in stored])
        for moment, folder in ((AT, earlier), (AT + timedelta(days=1), None)):
            table = release_table(parts_of(texts(folder), mart_texts(), Aliases()), moment, frozenset())
            other.append(RELEASES, 0, [Message(encoded(table), {"ce_type": "release", "rows": str(table.num_rows)})])
        appended(tmp_path / "history", known, other)
    release = released_at(tmp_path / "history", known, AT + timedelta(hours=1))
    assert release.contracts == then and release.recorded_at == AT
    made = {}
    for name, held in (("then", release.contracts), ("now", known)):
        with AsOf.open(tmp_path / "history", held, Cut(), Means(threads=1, memory_mb=700)) as asof:
            asof.marts(tmp_path / f"{name}.duckdb", "key", files_of=release.marts)
        made[name] = mart_hashes(tmp_path / f"{name}.duckdb", held)
    assert made["then"] != made["now"]


def test_a_release_that_nobody_reads_any_more_is_told(log: EmbeddedLog, known: Contracts, tmp_path: Path) -> None:
    """One sentence with its name, never a traceback."""
    with EmbeddedLog.open(tmp_path / "log.sqlite", log.partitions) as other:
        parts = [each._replace(text="a: [") if each.name == "person.yaml" else each for each in parts_of(texts(), mart_texts(), Aliases())]
        table = release_table(parts, AT, frozenset())
        other.append(RELEASES, 0, [Message(encoded(table), {"ce_type": "release", "rows": str(table.num_rows)})])
        appended(tmp_path / "history", known, other)
    with pytest.raises(ReleaseUnreadable):
        released_at(tmp_path / "history", known, AT)
