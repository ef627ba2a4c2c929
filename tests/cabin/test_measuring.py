"""What the loader measures for all: the same as `cabin status` tells, for Prometheus."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs

from cabin.clock import BeijingClock
from cabin.loader import Loader
from cabin.measuring import Gauges, measuring
from cabin.metrics import PrometheusMeter
from cabin.output import Output
from cabin.session import Session
from cabin.settings import Settings
from cabin.standing import Watch
from streams.log import EmbeddedLog
from tests.cabin.kit import done


def total(registry: CollectorRegistry, name: str, **labels: str) -> float:
    """The sum of a metric's series that have these labels."""
    samples = [sample for family in registry.collect() for sample in family.samples if sample.name == name]
    return sum(sample.value for sample in samples if labels.items() <= sample.labels.items())


def settings_of(data: Path) -> Settings:
    return Settings.from_mapping({"CABIN_DATA": str(data)})


@pytest.fixture
def copied(small_cabin: Path, tmp_path: Path) -> Path:
    """A cabin of one's own."""
    return shutil.copytree(small_cabin, tmp_path / "data")


def test_what_is_measured_is_what_status_tells(copied: Path, deliveries: Path, tmp_path: Path) -> None:
    """Rows by feed, outcome and reason, lag by step and partition, accounts, ages and sizes; looking again counts nothing twice, landing more counts the more."""
    meter, session = PrometheusMeter(), Session(settings_of(copied), Output())
    gauges, watch, registry = Gauges(meter), Watch(session), meter.registry
    try:
        for _ in range(2):
            gauges.look(session, watch)
        document = done(copied, "--json", "status").document
        for feed in document["feeds"]:
            name = {"feed": feed["feed"]}
            assert total(registry, "cabin_rows_normalised_total", **name) == feed["normalised"]
            assert total(registry, "cabin_outcome_rows_total", outcome="accepted", **name) == feed["accepted"]
        assert {reason: total(registry, "cabin_outcome_rows_total", reason=reason) for reason in document["reasons"]} == document["reasons"]
        assert total(registry, "cabin_state_bytes") == document["now"]["state_bytes"] > 0
        assert registry.get_sample_value("cabin_broken_accounts") == 0 and (registry.get_sample_value("cabin_snapshot_age_seconds") or 0) > 0
        more = tmp_path / "rental.jsonl"
        more.write_bytes(b"".join((deliveries / "2_rental.jsonl").read_bytes().splitlines(keepends=True)[:4]))
        before = total(registry, "cabin_rows_normalised_total")
        done(copied, "land", "rental", str(more), "--mode", "increment")
        gauges.look(session, watch)
        assert total(registry, "cabin_lag_records", step="normalise") == 4 and total(registry, "cabin_lag_messages", step="load") == 0
        done(copied, "run")
        gauges.look(session, watch)
        assert total(registry, "cabin_lag_records") == 0 and total(registry, "cabin_rows_normalised_total") == before + 4
    finally:
        session.close()


def test_a_log_made_anew_is_counted_from_its_beginning(copied: Path) -> None:
    """Counters never fall: what is normalised once more is counted once more."""
    meter, session = PrometheusMeter(), Session(settings_of(copied), Output())
    gauges, watch = Gauges(meter), Watch(session)
    try:
        gauges.look(session, watch)
        rows = total(meter.registry, "cabin_rows_normalised_total")
        with EmbeddedLog.open(copied / "log.sqlite") as log:
            log.renew(["cabin.claims", "cabin.outcomes", "cabin.quarantine", "cabin.changes"])
        gauges.look(session, watch)
        assert total(meter.registry, "cabin_rows_normalised_total") == rows
        done(copied, "run")
        gauges.look(session, watch)
        assert total(meter.registry, "cabin_rows_normalised_total") == 2 * rows
    finally:
        session.close()


def test_measuring_goes_on_while_inside_and_ends_with_it(copied: Path, tmp_path: Path) -> None:
    """A thread looks without being asked; where the data folder cannot be used it tries again instead of ending the process."""
    meter, place, then = PrometheusMeter(), tmp_path / "place", tmp_path / "then"
    (tmp_path / "file").write_text("")
    place.symlink_to(tmp_path / "file")
    then.symlink_to(copied)
    with capture_logs() as logged, measuring(settings_of(place), meter, every=0.01):
        _wait(lambda: bool(logged))
        then.replace(place)
        _wait(lambda: meter.registry.get_sample_value("cabin_broken_accounts") == 0)
    assert {line["event"] for line in logged} == {"measuring.failed"}
    assert not any(thread.name == "measuring" for thread in threading.enumerate())


def test_loading_and_publishing_are_timed(copied: Path) -> None:
    """Each as a step of its own, once a snapshot; where nothing is new neither is."""
    meter = PrometheusMeter()
    shutil.rmtree(copied / "published")
    loader = Loader(settings_of(copied), BeijingClock(), meter)
    for _ in range(2):
        assert loader.follow(once=True) is not None
        for step in ("load", "publish"):
            assert total(meter.registry, "cabin_step_seconds_count", step=step) == 1
        assert total(meter.registry, "cabin_publish_seconds_count") == 1


def _wait(done: Callable[[], bool]) -> None:
    for _ in range(3_000):
        if done():
            return
        time.sleep(0.01)
    raise AssertionError("never happened")
