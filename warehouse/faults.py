"""An engine's error about a mart's SQL as one of ours, without any value of a row."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from contracts.engine_words import ABOUT_MACHINE, without_values
from warehouse.errors import MartFails

__all__ = ["in_mart", "without_values"]


@contextmanager
def in_mart(name: str) -> Iterator[None]:
    """Raises: `MartFails` in place of an engine's error that the mart's SQL brought about."""
    try:
        yield
    except ABOUT_MACHINE:
        raise
    except duckdb.Error as fault:
        raise MartFails(mart=name, detail=without_values(fault)) from None  # the engine's own error holds the value
