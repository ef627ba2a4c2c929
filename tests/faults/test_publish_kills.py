"""A publisher killed by the system at random moments: readers find the old snapshot or the new one, never a mix."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

import duckdb
import pytest

from tests.laws.strategies import NIGHTLY
from tests.warehouse.publishing import households, households_of, marts, one_more, publisher, started
from tests.warehouse.samples import NAME_KEY, contracts, log_at
from warehouse.hashes import mart_hashes
from warehouse.load import Current
from warehouse.publish import Publisher, snapshot_path

KILLS = 100 if NIGHTLY else 5
SEED = int(os.environ.get("CABIN_FAULTS_SEED", "7"))


def killed(folder: Path, after_seconds: float) -> int:
    """A process that publishes without end, killed so long after it has begun; how many snapshots it told to be published."""
    process = started("publish", folder)
    time.sleep(after_seconds)
    process.send_signal(signal.SIGKILL)
    out, err = process.communicate()
    assert (process.returncode, err) == (-signal.SIGKILL, "")
    return len(out.splitlines())


def seconds_of_two(folder: Path) -> float:
    """How long a process takes here to publish the first two snapshots of a folder, so that moments can be spread over as much."""
    process = started("publish", folder)
    begun = time.monotonic()
    assert process.stdout is not None and process.stdout.readline() and process.stdout.readline()
    process.kill()
    process.communicate()
    return time.monotonic() - begun


@pytest.mark.slow
def test_kill_9_of_a_publisher_leaves_the_old_snapshot_or_the_new_one(tmp_path: Path) -> None:
    """After each kill the pointer names a whole snapshot whose tables agree with the positions it tells, not older than any told before; the next process goes on from there,
    and at the end the marts are those of a whole build from the log."""
    data = tmp_path / "data"
    moments, spread = random.Random(SEED), seconds_of_two(data)
    told = found = 2
    for kill in range(KILLS):
        after = moments.uniform(0, spread)
        told += killed(data, after)
        where = f"CABIN_FAULTS_SEED={SEED}: kill {kill}, {after:.3f} s after the beginning"
        with duckdb.connect(str(snapshot_path(data / "published")), read_only=True) as snapshot:
            held = households_of(snapshot)
        assert held >= max(found, told), where
        found = held
    with log_at(data) as log, Current.open(data / "current.duckdb", contracts()) as current:
        one_more(log, current)
        made = publisher(data).publish(current).path
        assert sorted(path.name for path in made.parent.iterdir()) == [made.name, "current"]
        with Current.open(tmp_path / "fresh.duckdb", contracts()) as fresh:
            fresh.load(log)
            whole = Publisher(tmp_path / "fresh", NAME_KEY, marts()).publish(fresh).path
        assert households(log) > found
    assert mart_hashes(made, contracts()) == mart_hashes(whole, contracts())
