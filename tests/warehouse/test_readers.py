"""Readers beside a publisher: each finds a whole snapshot, whatever is published, retired or damaged meanwhile."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from streams.log import EmbeddedLog
from tests.warehouse.publishing import households_of, one_more, publisher, started
from warehouse import snapshots
from warehouse.errors import NoSnapshot, NoSuchSnapshot, SnapshotUnreadable
from warehouse.load import Current
from warehouse.publish import pointed, snapshot_path
from warehouse.snapshots import named_snapshot, open_published

PUBLISHES = 6


def test_readers_under_load_see_whole_snapshots_only(tmp_path: Path, log: EmbeddedLog, current: Current) -> None:
    """Two processes ask without pause while snapshots are published and retired: in each one all tables agree with the positions it names, none is older than the one before,
    the last is the last, and the first, held open all the time, never changes."""
    one_more(log, current)
    publisher(tmp_path).publish(current)
    readers = [started("read", tmp_path) for _ in range(2)]
    for _ in range(PUBLISHES):
        one_more(log, current)
        publisher(tmp_path).publish(current)
    for out, err in [reader.communicate() for reader in readers]:
        assert err == ""
        told = json.loads(out)
        assert (told["seen"][0], told["seen"][-1]) == (1, PUBLISHES + 1) and told["reads"] > len(told["seen"]) > 2, told


def test_a_reader_whose_snapshot_is_retired_before_it_opens_it_gets_the_later_one(
    tmp_path: Path, log: EmbeddedLog, current: Current, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between asking for the name and opening the file another snapshot may be published and this one be gone."""
    one_more(log, current)
    publisher(tmp_path).publish(current)
    late = iter([snapshot_path(tmp_path / "published")])
    one_more(log, current)
    publisher(tmp_path).publish(current)
    monkeypatch.setattr(snapshots, "snapshot_path", lambda folder: next(late, None) or snapshot_path(folder))
    opened = open_published(tmp_path / "published")
    with opened.connection as snapshot:
        assert (opened.name, households_of(snapshot)) == ("000002", 2)


def test_a_damaged_snapshot_is_told_and_the_next_one_does_not_rest_on_it(tmp_path: Path, log: EmbeddedLog, current: Current) -> None:
    """A sentence names it; publishing builds everything anew."""
    one_more(log, current)
    path = publisher(tmp_path).publish(current).path
    path.chmod(0o640)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(SnapshotUnreadable, match="000001"):
        open_published(tmp_path / "published")
    assert publisher(tmp_path).publish(current).whole
    with open_published(tmp_path / "published").connection as snapshot:
        assert households_of(snapshot) == 1


def test_snapshots_have_names(tmp_path: Path, log: EmbeddedLog, current: Current) -> None:
    """Its number, `current`, or a path; another name is refused with those there are."""
    folder = tmp_path / "published"
    with pytest.raises(NoSnapshot):
        named_snapshot(folder, "current")
    one_more(log, current)
    path = publisher(tmp_path).publish(current).path
    assert [named_snapshot(folder, name) for name in ("current", "000001", str(path))] == [path] * 3
    with pytest.raises(NoSuchSnapshot) as refused:
        named_snapshot(folder, "000002")
    assert "000001, current" in refused.value.render("en")[1]


def test_what_a_dead_publisher_did_not_point_to_is_removed(tmp_path: Path, log: EmbeddedLog, current: Current) -> None:
    """A whole file that never became the published one: else a publisher that fails at the pointer again and again would fill the disk."""
    one_more(log, current)
    path = publisher(tmp_path).publish(current).path
    for name in ("000002.duckdb", "000003.duckdb", "000004.duckdb.unfinished", "000004.duckdb.unfinished.wal"):
        (path.parent / name).write_bytes(b"left")
    one_more(log, current)
    assert publisher(tmp_path).publish(current).snapshot == pointed(path.parent) == "000002"
    assert sorted(each.name for each in path.parent.iterdir()) == ["000002.duckdb", "current"]
    with duckdb.connect(str(snapshot_path(path.parent)), read_only=True) as snapshot:
        assert households_of(snapshot) == 2
