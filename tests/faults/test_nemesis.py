"""Conservation under faults: a seeded nemesis against an installation on a real broker, and the accounts afterwards."""

from __future__ import annotations

import gc
import itertools
import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from cabin.broker import Broker
from tests.broker import UNCLOSED, running
from tests.faults import accounts
from tests.faults.attacks import commit_elsewhere
from tests.faults.deliveries import Town, Wave
from tests.faults.doors import GatewayDoor
from tests.faults.flow import Flow
from tests.faults.nemesis import Trial, run
from tests.faults.reading import read_all
from tests.faults.site import CABIN_ON_KAFKA, CONTROL, site

pytestmark = pytest.mark.usefixtures("quiet_admin")
TRIAL = Trial.of(os.environ, rows=100_000, attacks=10)
CONTROL_SECONDS = 120


@pytest.fixture
def quiet_admin() -> Iterator[None]:
    """Kafka's client is silent meanwhile, and as before afterwards: its admin cannot read what Faust's members say of themselves, and tells so at length."""
    kafka = logging.getLogger("kafka")
    held = kafka.level
    kafka.setLevel(logging.CRITICAL)
    yield
    kafka.setLevel(held)


@pytest.mark.longest
@UNCLOSED
def test_nothing_is_lost_or_doubled_whatever_fails(tmp_path: Path) -> None:
    """Whichever process, disk or log fails while deliveries flow: every acknowledged delivery and message satisfies the accounts and golden equals one undisturbed run."""
    with running(tmp_path / "broker") as broker:
        story = run(TRIAL, tmp_path / "run", broker, CABIN_ON_KAFKA)
    gc.collect()
    print(story)
    assert not story.findings, str(story)


@pytest.mark.slow
@UNCLOSED
def test_the_harness_finds_what_a_credulous_worker_loses(tmp_path: Path) -> None:
    """The control: a worker without position checks reads what comes before and after its committed offsets went to the end; what came in between the accounts miss."""
    before, between, after = itertools.islice(Town(tmp_path / "town", TRIAL.seed, 1).waves(1), 1, 4)
    with (
        running(tmp_path / "broker") as broker,
        site(tmp_path / "site", broker, CONTROL) as at,
        Flow(GatewayDoor(at.environment, at.folder / "landing.log", at.gateway), TRIAL.seed) as flow,
    ):
        sent(flow, before)
        assert at.wait(lambda: told_of(broker, flow, before), CONTROL_SECONDS)
        commit_elsewhere(at, "latest", meanwhile=lambda: sent(flow, between))
        sent(flow, after)
        assert at.wait(lambda: told_of(broker, flow, after), CONTROL_SECONDS)
        assert not told_of(broker, flow, between)
        assert list(accounts.outcome_of_each(read_all(broker.address, "cabin.raw."), read_all(broker.address, "cabin.outcomes")))
    gc.collect()


def sent(flow: Flow, wave: Wave) -> None:
    """All of the wave is acknowledged."""
    flow.give([wave])
    assert flow.wait()


def told_of(broker: Broker, flow: Flow, wave: Wave) -> bool:
    """Whether each of the wave's deliveries has an outcome."""
    told = {record.headers.get("delivery") for record in read_all(broker.address, "cabin.outcomes")}
    return {flow.ledger.names[delivery] for delivery in wave.deliveries} <= told
