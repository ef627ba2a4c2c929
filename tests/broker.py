"""A real broker for tests: started once for all of them where Java and Maven are there and can fetch it, skipped loudly where not.

`CABIN_TEST_BROKER=required` turns the skip into a failure.
"""

from __future__ import annotations

import os
import socket
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cabin.broker import Broker
from cabin.errors import BrokerFailed, ToolMissing

REQUIRED = "CABIN_TEST_BROKER"
UNCLOSED = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
"""For tests that kill a broker: kafka-python leaves sockets where one dies while a client greets it."""


@contextmanager
def running(folder: Path) -> Iterator[Broker]:
    """A broker on free ports, ended at the end."""
    broker = Broker(folder, free_port())
    try:
        broker.start()
    except (ToolMissing, BrokerFailed) as reason:
        if os.environ.get(REQUIRED) == "required":
            raise
        warnings.warn(pytest.PytestWarning(f"BROKER TESTS SKIPPED: {reason}"), stacklevel=2)
        pytest.skip(str(reason))
    try:
        yield broker
    finally:
        broker.stop()


def free_port() -> int:
    """A port that is free together with the one after it."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            try:
                second.bind(("127.0.0.1", port + 1))
            except (OSError, OverflowError):
                continue
            return port
