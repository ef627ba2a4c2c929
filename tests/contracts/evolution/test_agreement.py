"""What rules say about departments agrees with what the project's own machinery does to their rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from random import Random

import duckdb
import pytest

from contracts.evolution import changes
from contracts.model import Contracts, Feed
from contracts.read import load
from tests.contracts.evolution.evolving import SHIPPED, Judge, feed, rows, variants
from tests.contracts.evolution.mutations import MUTATIONS
from tests.streams.normalise import support

SEEDS, ROWS = range(4), 40


@pytest.fixture(scope="module")
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    con = support.engine()
    yield con
    con.close()


def releases(one: Feed, other: Feed) -> tuple[Contracts, Contracts]:
    shipped = replace(load(), feeds={}, marts={}, older={})
    return replace(shipped, feeds={"sample": one}), replace(shipped, feeds={"sample": other})


@pytest.mark.parametrize("name", MUTATIONS)
def test_the_verdict_about_the_department_is_what_happens(engine: duckdb.DuckDBPyConnection, name: str) -> None:
    """Of random feeds and one change each: where no rule says that the department breaks, every row accepted before is accepted after; where one does, some row
    accepted before is refused after, made by putting cells on every border into the columns."""
    met: Counter[bool] = Counter()
    for seed in SEEDS:
        chance = Random(f"{name} {seed}")
        old = feed(chance)
        new = MUTATIONS[name](old, chance)
        if new is None or new == old:
            continue
        found = changes(*releases(old, new))
        breaks = any("producer" in change.rule.breaks for change in found)
        before, after = Judge(engine, old), Judge(engine, new)
        given = rows(old, chance, ROWS)
        base = next((row for row, kept in zip(given, before.accepted(given), strict=True) if kept), None)
        if base is None:
            continue
        given += variants(old, base, [column.name for column in old.columns if column.name != "number"])
        judged = list(zip(given, before.accepted(given), after.accepted(given), strict=True))
        lost = [row for row, was, still in judged if was and not still]
        assert bool(lost) is breaks, (seed, [change.rule.code for change in found], lost[:3], old, new)
        met[breaks] += 1
    assert sum(met.values()) >= len(SEEDS) // 2


def test_feeds_here_can_be_read_by_the_shipped_kinds() -> None:
    """The targets that random feeds map into exist, so that their statements are compiled in full."""
    assert {"thing", "venue", "business"} <= set(SHIPPED.kinds)
