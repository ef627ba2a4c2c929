"""Conservation under faults: a seeded nemesis against an installation on a real broker, and the accounts afterwards."""

from __future__ import annotations

import gc
import logging
import os
from pathlib import Path

import pytest

from tests.broker import running
from tests.faults.nemesis import Trial, run
from tests.faults.site import CABIN_ON_KAFKA

TRIAL = Trial(
    seed=int(os.environ.get("CABIN_FAULTS_SEED", "7")),
    rows=int(os.environ.get("CABIN_FAULTS_ROWS", "100000")),
    attacks=int(os.environ.get("CABIN_FAULTS", "10")),
    only=tuple(filter(None, os.environ.get("CABIN_FAULTS_ONLY", "").split(","))),
)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # kafka-python leaves sockets where a broker dies while a client greets it
def test_nothing_is_lost_or_doubled_whatever_fails(tmp_path: Path) -> None:
    """Whichever process, disk or log fails while deliveries flow: every acknowledged delivery and message satisfies the accounts and golden equals one undisturbed run."""
    logging.getLogger("kafka").setLevel(logging.CRITICAL)  # its admin client cannot read what Faust's members say of themselves, and tells so at length
    with running(tmp_path / "broker") as broker:
        story = run(TRIAL, tmp_path / "run", broker, CABIN_ON_KAFKA)
    gc.collect()
    print(story)
    assert not story.findings, str(story)
