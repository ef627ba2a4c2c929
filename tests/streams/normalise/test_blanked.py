"""Calls that are blanked with their cell instead of made again, or made again for the rows only where a cell was: nothing that normalising gives depends on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from cabin.clock import BeijingClock
from contracts.model import Feed
from contracts.normalising import normalising_sql, shared
from contracts.normalising import rows as checking
from contracts.read import load
from contracts.topics import RAW
from streams.landing import Declared, Landing, engine_of, land
from streams.log import EmbeddedLog
from streams.normalise import normalise
from streams.normalise.batches import sorted_messages
from streams.normalise.rows import Normalised
from vault import Vault

SAMPLES = Path(__file__).parents[2] / "golden" / "feeds"
CONTRACTS = load()
JUNK = (None, "?", "0", "2026-02-30", "完成", "约12万", "9999999999")
AGAIN = ("bulletin", "hotline_count", "programme", "session", "task_exchange")
"""Feeds with a call over two cells that rules blank."""
BLANKING = sorted(feed.name for feed in CONTRACTS.feeds.values() if any(rule.blanks for rule in feed.rules))


@pytest.fixture(scope="module")
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    with engine_of(CONTRACTS) as con:
        yield con


def landed(feed: Feed, folder: Path, engine: duckdb.DuckDBPyConnection) -> pa.Table:
    """The raw rows of the feed's sample, opened."""
    sample = next(file for file in sorted((SAMPLES / feed.name).iterdir()) if file.stem == "sample")
    mode = "increment" if "increment" in feed.modes else feed.modes[0]
    declared = Declared(mode=mode) if mode == "increment" else Declared(mode=mode, moment=BeijingClock().now(), area="330302", rows=None)
    with ExitStack() as stack:
        log = stack.enter_context(EmbeddedLog.open(folder / "log.sqlite", 1))
        vault = stack.enter_context(Vault.open(folder / "vault"))
        land(Landing(log, vault, BeijingClock(), CONTRACTS, folder / "spool", engine=engine), feed, sample, declared)
        stored = log.read(f"{RAW}{feed.name}", 0, 0)
        return next(batch.rows for batch in sorted_messages(CONTRACTS, vault, stored, {}).batches if batch.form == "rows")


def spoilt(feed: Feed, rows: pa.Table) -> pa.Table:
    """The rows, and for every plain cell that a rule may blank the rows again with each sort of junk in it."""
    names = {rule.blanks for rule in feed.rules if rule.blanks} & set(rows.column_names)
    parts = [rows]
    for name in sorted(name for name in names if name):
        place = rows.schema.get_field_index(name)
        parts += [rows.set_column(place, rows.schema.field(place), pa.array([junk] * rows.num_rows, pa.string())) for junk in JUNK]
    whole = pa.concat_tables(parts)
    return whole.set_column(whole.schema.get_field_index("row"), whole.schema.field("row"), pa.array(range(1, whole.num_rows + 1), pa.int32()))


def told(found: Normalised) -> dict[str, list[str]]:
    """All that was given, in an order of its own."""
    tables = {**found.facts, "quarantined": found.quarantined, "accounts": found.accounts}
    return {name: sorted(map(repr, table.to_pylist())) for name, table in tables.items()}


@pytest.mark.parametrize("name", BLANKING)
def test_what_is_blanked_with_its_cell_gives_what_would_be_made_again(
    name: str, engine: duckdb.DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over the feed's sample and over rows spoilt in every cell that a rule blanks: the same facts, quarantined rows and accounts as where every call over such a cell is made anew."""
    feed: Feed = CONTRACTS.feeds[name]
    rows = spoilt(feed, landed(feed, tmp_path, engine))
    quick = normalising_sql(feed, CONTRACTS)
    found = told(normalise(engine, quick, rows))
    monkeypatch.setattr(shared, "NOTHING_OF_NOTHING", {})
    monkeypatch.setattr(checking, "_again", lambda *_: {})
    plain = normalising_sql(feed, CONTRACTS)
    assert told(normalise(engine, plain, rows)) == found


def test_calls_are_blanked_in_most_feeds(monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparison above compares something: where macros are not known to give nothing of nothing, most feeds' statements are others."""
    quick = {name: normalising_sql(CONTRACTS.feeds[name], CONTRACTS).checked for name in BLANKING}
    monkeypatch.setattr(shared, "NOTHING_OF_NOTHING", {})
    assert sum(normalising_sql(CONTRACTS.feeds[name], CONTRACTS).checked != quick[name] for name in BLANKING) * 2 > len(BLANKING)


def test_calls_over_two_blanked_cells_are_made_again_for_blanked_rows_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparison above compares that too: without it the statements of these feeds, and of no others, make the call again for every row."""
    quick = {name: normalising_sql(CONTRACTS.feeds[name], CONTRACTS).checked for name in BLANKING}
    monkeypatch.setattr(checking, "_again", lambda *_: {})
    assert {name for name in BLANKING if normalising_sql(CONTRACTS.feeds[name], CONTRACTS).checked != quick[name]} == set(AGAIN)
