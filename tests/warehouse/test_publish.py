"""Publishing: readers see the old snapshot or the new one, and what was rebuilt by change equals what is built whole."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from contracts.facts import FACTS
from contracts.ports import Message
from streams.log import EmbeddedLog
from tests.warehouse.samples import AT, NAME_KEY, add, add_households, claims, contracts, facts, golden, message, outcome, spoken, value
from warehouse.build import Builder
from warehouse.catalogue import mart_file, mart_files
from warehouse.engine import run
from warehouse.errors import MartBreaksContract, NoSnapshot, SnapshotOutdated
from warehouse.files import LocalFiles
from warehouse.find import find
from warehouse.hashes import mart_hashes
from warehouse.load import Current
from warehouse.publish import Publisher, pointed, snapshot_path
from warehouse.retention import Retention
from warehouse.search import NAMES, PARTS, TEXTS

OPERATIONS = ("copy", "write", "sync", "protect", "replace", "remove")


class DiskDied(OSError):
    """The n-th operation on the disk failed."""


class FailingFiles(LocalFiles):
    """Fails at the n-th operation, counted from 1; with `after` the operation is done before the failure."""

    def __init__(self, fail_on: int, after: bool) -> None:
        self.fail_on = fail_on
        self.after = after
        self.calls = 0

    def __getattribute__(self, name: str) -> object:
        found = super().__getattribute__(name)
        if name not in OPERATIONS:
            return found

        def operate(*paths: object) -> None:
            self.calls += 1
            if self.calls == self.fail_on and not self.after:
                raise DiskDied(name)
            found(*paths)
            if self.calls == self.fail_on:
                raise DiskDied(name)

        return operate


def residents(path: Path) -> int:
    with duckdb.connect(str(path), read_only=True) as snapshot:
        return int(run(snapshot, "select count(*) from household")[0][0])


def whole_hashes(tmp_path: Path, log: EmbeddedLog, name: str) -> dict[str, str]:
    """The hashes of a snapshot built whole from the log alone."""
    with Current.open(tmp_path / name / "current.duckdb", contracts()) as fresh:
        fresh.load(log)
        return mart_hashes(Publisher(tmp_path / name / "published", NAME_KEY).publish(fresh).path, contracts())


def finding(folder: Path) -> list[object]:
    """What a snapshot knows for finding, but for the blocks it lies in, and what it finds."""
    with duckdb.connect(str(snapshot_path(folder)), read_only=True) as snapshot:
        known: list[object] = [run(snapshot, f"select {columns} from {table} order by all") for columns, table in (("*", NAMES), ("* exclude (block)", TEXTS))]
    return known + [find(folder, text, name_key=NAME_KEY) for text in ("小明", "解放街2号", "3303", "王", "路")]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_whatever_operation_fails_readers_see_the_old_or_the_new_snapshot(tmp_path: Path, log: EmbeddedLog, current: Current, after: bool) -> None:
    """Each disk operation fails once in turn; then the pointer names a whole old or new snapshot, and the next publish gives the new one."""
    folder = tmp_path / "published"
    marts = {"household": mart_files()["household"]}
    add_households(log, current.contracts, [1])
    current.load(log)
    Publisher(folder, NAME_KEY, marts, retention=Retention(count=1)).publish(current)
    for fail_on in range(1, 30):
        add_households(log, current.contracts, [fail_on + 1], at=AT + timedelta(days=fail_on))
        current.load(log)
        files = FailingFiles(fail_on, after)
        try:
            Publisher(folder, NAME_KEY, marts, files, retention=Retention(count=1)).publish(current)
        except DiskDied:
            assert residents(snapshot_path(folder)) in (fail_on, fail_on + 1)
            Publisher(folder, NAME_KEY, marts, retention=Retention(count=1)).publish(current)
        assert residents(snapshot_path(folder)) == fail_on + 1
        assert not list(folder.glob("*unfinished*")) and len(list(folder.glob("*.duckdb"))) == 1
        if files.calls < fail_on:
            break
    assert files.calls >= 9, "the sweep reached the end of a publish"
    whole = whole_hashes(tmp_path, log, "fresh")
    found = mart_hashes(snapshot_path(folder), current.contracts)
    assert found == {name: whole[name] for name in found} and "household" in found


def test_readers_are_not_disturbed(tmp_path: Path, log: EmbeddedLog, current: Current) -> None:
    """Who has a snapshot open keeps its answers while later ones are published and it is retired."""
    publisher = Publisher(tmp_path / "published", NAME_KEY, retention=Retention(count=1))
    add_households(log, current.contracts, [1])
    current.load(log)
    first = publisher.publish(current).path
    with duckdb.connect(str(first), read_only=True) as reader:
        for number in (2, 3):
            add_households(log, current.contracts, [number])
            current.load(log)
            publisher.publish(current)
        assert not first.exists()
        assert run(reader, "select count(*) from household") == [(1,)]


def test_a_snapshot_cannot_be_written(tmp_path: Path, log: EmbeddedLog, current: Current) -> None:
    """Published files have no write permission for anybody."""
    path = Publisher(tmp_path / "published", NAME_KEY).publish(current).path
    assert path.stat().st_mode & 0o222 == 0


@pytest.mark.parametrize("step", [timedelta(days=10), timedelta(minutes=10)], ids=["another day each", "all on one day"])
def test_what_changes_touch_equals_what_is_built_whole(tmp_path: Path, log: EmbeddedLog, current: Current, step: timedelta) -> None:
    """After changes of every sort the snapshot built from the last one has the hashes of one built from the log alone, and finds the same by part of a name or address."""
    publisher = Publisher(tmp_path / "published", NAME_KEY)
    known = current.contracts
    add_households(log, known, range(6))
    current.load(log)
    assert publisher.publish(current).whole
    for number, change in enumerate((moved, renamed, deregistered, gone, visited, claimed, asked, recalled, unfound, told_late, told_earlier, later)):
        change(log, known)
        add(log, "cabin.outcomes", outcome("rental", f"d{number}", 0, AT + timedelta(days=1) + number * step))
        current.load(log)
        published = publisher.publish(current)
        assert not published.whole
        assert mart_hashes(published.path, known) == whole_hashes(tmp_path, log, f"whole{number}"), change.__name__
        assert finding(tmp_path / "published") == finding(tmp_path / f"whole{number}" / "published"), change.__name__


def test_a_snapshot_of_an_earlier_release_is_built_anew(tmp_path: Path, log: EmbeddedLog, current: Current) -> None:
    """Nothing rests on a snapshot that was laid out otherwise; who looks for a name in it is told to publish, and finds it afterwards."""
    publisher = Publisher(tmp_path / "published", NAME_KEY)
    add_households(log, current.contracts, [1])
    current.load(log)
    path = publisher.publish(current).path
    path.chmod(0o600)
    with duckdb.connect(str(path)) as earlier:
        earlier.execute("delete from about where name = 'layout'")
        earlier.execute(f"drop table {PARTS}")
    with pytest.raises(SnapshotOutdated, match=path.stem):
        find(tmp_path / "published", "解放街", name_key=NAME_KEY)
    add_households(log, current.contracts, [2])
    current.load(log)
    assert publisher.publish(current).whole
    assert len(find(tmp_path / "published", "解放街", name_key=NAME_KEY)) == 2


def test_a_mart_is_left_alone_where_nothing_it_rests_on_got_rows(log: EmbeddedLog, current: Current, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On one day an outcome makes anew only what counts outcomes; another day makes anew whatever depends on it."""
    publisher = Publisher(tmp_path / "published", NAME_KEY)
    made: list[str] = []
    really = Builder._make
    monkeypatch.setattr(Builder, "_make", lambda self, file: (made.append(file.name), really(self, file)))
    add_households(log, current.contracts, [1])
    add(log, "cabin.outcomes", outcome("rental", "d0", 0, AT))
    current.load(log)
    publisher.publish(current)
    marts = set(publisher.marts)
    assert set(made) == marts
    for moment, expected in ((AT + timedelta(minutes=1), {"feed_health", "source_fault"}), (AT + timedelta(days=2), marts)):
        made.clear()
        add(log, "cabin.outcomes", outcome("rental", f"d{moment}", 0, moment))
        current.load(log)
        assert not publisher.publish(current).whole
        followed = {name for name, file in publisher.marts.items() if file.follows and "day" not in file.follows.anew}
        assert set(made) == {name for name in expected if name not in followed and not publisher.marts[name].lasting}


PERSON, HOME_2 = f"p{2:024x}", "330302006071/解放街/2"


def moved(log: EmbeddedLog, known: object) -> None:
    """A person's main residence becomes another dwelling."""
    link = {
        "person": PERSON,
        "dwelling": "330302006071/解放街/4",
        "present": True,
        "main": True,
        "residence_status": "1",
        "version": 2,
        **spoken("rental", "d9", 1),
    }
    old = {"person": PERSON, "dwelling": HOME_2, "present": True, "main": False, "residence_status": "2", "version": 2, **spoken("ps_resident", "d1", 2)}
    rows = [{"entity": f"{each['person']}@{each['dwelling']}", **each, **value("present", "rental", 1)} for each in (link, old)]
    add(log, "cabin.changes", message("golden.residency", golden(contracts(), "residency", rows)))


def renamed(log: EmbeddedLog, known: object) -> None:
    """A person's name changes: the household shows it although no link changed."""
    add(log, "cabin.changes", message("golden.person", golden(contracts(), "person", [{"entity": PERSON, "name": "李四", "present": True, "version": 3}])))


def deregistered(log: EmbeddedLog, known: object) -> None:
    """A deregistration that takes effect only weeks later, then nothing else about that person."""
    day = (AT + timedelta(days=55)).date()
    add(
        log,
        "cabin.changes",
        message("golden.person", golden(contracts(), "person", [{"entity": f"p{4:024x}", "name": "王五", "deregistered_on": day, "version": 4}])),
    )


def gone(log: EmbeddedLog, known: object) -> None:
    """Every claim about a dwelling and its link stopped counting."""
    add_households(log, contracts(), [3], version=5, alive=False)


def visited(log: EmbeddedLog, known: object) -> None:
    """A finding corrects the use of a dwelling, against a feed."""
    where = {"source": "visit", "delivery": "d7", "row": 1}
    finding = {"finding": "v1:use#0", "base": "v1:use", "kind": "dwelling", "entity": HOME_2, "attribute": "use", "outcome": "corrected", "value": "1"}
    made = {"observed_at": AT + timedelta(days=40), "recorded_at": AT + timedelta(days=40, hours=1)}
    differs = [
        {"attribute": "use", "source": "rental", "record": "c1", "claimed": "3", "golden": "1", "judged": True, "observed_at": AT, "delivery": "d8", "row": 4}
    ]
    row = {
        "entity": HOME_2,
        "use": "1",
        "use__status": "corrected",
        "use__source": "visit",
        "use__finding": "v1:use#0",
        "use__agree": 0,
        "use__differ": 4,
        "differs": differs,
    }
    add(log, "cabin.claims", message("finding", facts("finding", [{**finding, **where, **made}])))
    add(log, "cabin.claims", message("visit", facts("visit", [{"visit": "v1", "dwelling": HOME_2, "event": "closed", "outcome": "done", **where, **made}])))
    add(
        log,
        "cabin.changes",
        message("golden.dwelling", golden(contracts(), "dwelling", [{**row, "area": "330302006071", "version": 6, **spoken("rental", "d8", 4)}])),
    )


def claimed(log: EmbeddedLog, known: object) -> None:
    """An old claim arrives late and moves the beginning of a discrepancy, without any golden change."""
    rows = [
        {"entity": HOME_2, "source": "rental", "delivery": "d8", "row": 4, "observed_at": AT, "recorded_at": AT + timedelta(days=3), "use": "3"},
        {
            "entity": HOME_2,
            "source": "rental",
            "delivery": "d6",
            "row": 4,
            "observed_at": AT - timedelta(days=9),
            "recorded_at": AT + timedelta(days=50),
            "use": "3",
        },
    ]
    add(log, "cabin.claims", message("claim.dwelling", claims(contracts(), "dwelling", rows)))


def asked(log: EmbeddedLog, known: object) -> None:
    """A visit asks to correct a name; no golden value changes."""
    person = f"p{5:024x}"
    request = {"request": "v2:name#0", "base": "v2:name", "counter": 0, "kind": "person", "entity": person, "attribute": "name", "outcome": "corrected"}
    made = {"value": "欧阳明", "observed_at": AT, "recorded_at": AT + timedelta(days=60), "source": "visit", "delivery": "d20", "row": 1}
    add(log, "cabin.claims", message("request", facts("request", [{**request, **made}])))


def recalled(log: EmbeddedLog, known: object) -> None:
    """The delivery that held the request is recalled; no golden value changes."""
    switch = {"switch": "recall", "target": "d20", "on": True, "sequence": 1, "recorded_at": AT + timedelta(days=70)}
    add(log, "cabin.claims", message("switch", pa.Table.from_pylist([switch], FACTS["switch"])))


def unfound(log: EmbeddedLog, known: object) -> None:
    """The delivery of a finding is recalled, and its golden record was changed and published before that was loaded: the loader reads claims before changes."""
    switch = {"switch": "recall", "target": "d7", "on": True, "sequence": 1, "recorded_at": AT + timedelta(days=75)}
    add(log, "cabin.claims", message("switch", pa.Table.from_pylist([switch], FACTS["switch"])))


def told_late(log: EmbeddedLog, known: object) -> None:
    """A delivery is told of after its rows were folded and published; no golden value changes."""
    add(log, "cabin.claims", message("chunk", facts("chunk", [{**CHUNK, "chunk": 1, "recorded_at": AT}])))


def told_earlier(log: EmbeddedLog, known: object) -> None:
    """It turns out to have begun in an earlier week."""
    add(log, "cabin.claims", message("chunk", facts("chunk", [{**CHUNK, "chunk": 0, "recorded_at": AT - timedelta(days=8)}])))


CHUNK = {"source": "ps_resident", "delivery": "d1", "rows": 6, "accepted": 6, "unkeyed": 0}


def later(log: EmbeddedLog, known: object) -> None:
    """Nothing but time: freshness and deregistrations move on."""


def test_a_mart_that_breaks_its_contract_is_not_published(tmp_path: Path, log: EmbeddedLog, current: Current) -> None:
    """The old snapshot stays, nothing unfinished is left behind by the next publish, and the sentence names mart and column."""
    folder = tmp_path / "published"
    publisher = Publisher(folder, NAME_KEY)
    first = publisher.publish(current).snapshot
    broken = {"household": mart_file("household", "-- One.\n-- Grain: dwelling. Reads: moment. Consumers: x.\nselect 1 as dwelling from moment")}
    with pytest.raises(MartBreaksContract, match=r"household.*dwelling"):
        dataclasses.replace(publisher, marts={**mart_files(), **broken}).publish(current, whole=True)
    assert pointed(folder) == first
    publisher.publish(current)
    assert not list(folder.glob("*unfinished*"))


def test_a_snapshot_names_the_versions_it_depends_on(tmp_path: Path, log: EmbeddedLog, current: Current) -> None:
    """Moment, contracts, marts, the alias table, log generation and positions stand in `about`."""
    add_households(log, current.contracts, [1])
    told = outcome("ps_resident", "aaaaaaaaaaaa", 0, AT)
    add(log, "cabin.outcomes", Message(told.value, {**told.headers, "aliases": "7"}))
    current.load(log)
    path = Publisher(tmp_path / "published", NAME_KEY).publish(current).path
    with duckdb.connect(str(path), read_only=True) as snapshot:
        about = dict(run(snapshot, "select name, value from about"))
    assert about["contracts"] == current.contracts.fingerprint and about["generation"] == log.generation
    assert about["moment"] == "2026-09-01T09:00:00.000" and '"cabin.changes": [0, 3]' in about["positions"]
    assert about["aliases"] == "7"
    assert set(about) == {"aliases", "moment", "contracts", "contract_versions", "marts", "layout", "generation", "positions"}


def test_the_moment_may_be_named(tmp_path: Path, log: EmbeddedLog, current: Current) -> None:
    """A reader's own moment decides what is stale."""
    add_households(log, current.contracts, [1])
    current.load(log)
    publisher = Publisher(tmp_path / "published", NAME_KEY)
    stale = []
    for days in (1, 400):
        with duckdb.connect(str(publisher.publish(current, moment=AT + timedelta(days=days)).path), read_only=True) as snapshot:
            stale += run(snapshot, "select stale from entity_current where kind = 'person'")
            stale += run(snapshot, "select stale from entity_value where attribute = 'name'")
    assert stale == [(0,), (False,), (1,), (True,)]


def test_without_a_snapshot_the_sentence_says_so(tmp_path: Path) -> None:
    """An empty folder has no snapshot to read."""
    with pytest.raises(NoSnapshot):
        snapshot_path(tmp_path)
