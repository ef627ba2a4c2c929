"""One process at a time per delivery: a lock file beside the spool, which the operating system releases when its holder dies."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from streams.errors import DeliveryInProgress
from streams.landing.model import Landing

POLL_SECONDS = 0.05


@contextmanager
def held(landing: Landing, delivery: str) -> Iterator[None]:
    """Waits for the delivery's lock. Raises `DeliveryInProgress` when `lock_seconds` have passed."""
    path = landing.spool / f"{delivery}.lock"
    deadline = time.monotonic() + landing.sizes.lock_seconds
    while (handle := landing.files.lock(path)) is None:
        if time.monotonic() > deadline:
            raise DeliveryInProgress(delivery=delivery)
        time.sleep(POLL_SECONDS)
    try:
        yield
    finally:
        landing.files.unlock(path, handle)
