"""How fast one core normalises: raw rows of the police's list of residents into claims of persons and residencies.

Aim: 250,000 rows a second without unsealing (two claims a row, so half a million claims). Too slow: below 150,000.
Also printed: the whole step from stored messages to encoded facts, unsealing apart. Run: `python -m tests.bench.bench_normalise [people] [copies]`.
Figures are processor seconds of this one thread; the set-up (demo deliveries, landing) is not measured.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa

from cabin.clock import BeijingClock
from cabin.demo.generate import generate
from contracts import load
from contracts.engine import prepare
from contracts.normalising import normalising_sql
from contracts.ports import Position, Stored
from streams.landing import Declared, Landing, land
from streams.log.embedded import EmbeddedLog
from streams.normalise import normalise, normalise_messages
from streams.normalise.batches import sorted_messages
from vault import Vault

FEED = "ps_resident"


class Opened:
    """Hands out texts opened before: what is measured is normalising, not the vault."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._texts: dict[int, pa.StringArray] = {}
        self.seconds = 0.0
        self.sequence = 0

    def unseal(self, subjects: pa.StringArray, sealed: pa.BinaryArray) -> pa.StringArray:
        if len(sealed) not in self._texts:
            start = time.process_time()
            self._texts[len(sealed)] = self._vault.unseal(subjects, sealed)
            self.seconds += time.process_time() - start
        return self._texts[len(sealed)]


def landed(folder: Path, people: int, stack: ExitStack) -> tuple[list[Stored], Vault]:
    """The raw messages of the demo's first list of residents."""
    log = stack.enter_context(EmbeddedLog.open(folder / "log.sqlite", 1))
    vault = stack.enter_context(Vault.open(folder / "vault"))
    contracts = load()
    first = next(each for each in generate(folder / "demo", people).deliveries if each.feed == FEED and each.mode == "snapshot")
    land(Landing(log, vault, BeijingClock(), contracts, folder / "spool"), contracts.feeds[FEED], first.file, Declared())
    return list(log.read(f"cabin.raw.{FEED}", 0, 0, 1 << 40)), vault


def copies(stored: list[Stored], count: int) -> list[Stored]:
    """The messages `count` times, each time as another delivery."""
    found: list[Stored] = []
    for copy in range(count):
        for each in stored:
            delivery = f"{copy:012d}"
            headers = {**each.message.headers, "delivery": delivery, "ce_id": f"{delivery}/{each.message.headers['chunk']}"}
            found.append(Stored(Position(each.position.topic, 0, len(found)), replace(each.message, headers=headers)))
    return [each for each in found if each.message.headers["ce_type"] == "raw.rows"]


def best_seconds(work: Callable[[], object], rounds: int = 3) -> float:
    seconds = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        seconds.append(time.process_time() - start)
    return min(seconds)


def main(people: int = 40_000, count: int = 6) -> None:
    contracts = load()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stored, vault = landed(folder, people, stack)
        messages, opener = copies(stored, count), Opened(vault)
        engine = stack.enter_context(duckdb.connect(config={"threads": 1}))
        prepare(engine, contracts, threads=1)
        (batch,) = sorted_messages(contracts, opener, messages, {}).batches
        rows, statements = batch.rows.num_rows, normalising_sql(contracts.feeds[FEED], contracts)
        pure = best_seconds(lambda: normalise(engine, statements, batch.rows))
        whole = best_seconds(lambda: normalise_messages(engine, contracts, opener, messages, 2))
        facts = sum(table.num_rows for table in normalise(engine, statements, batch.rows).facts.values())
    print(f"{rows:,} raw rows of {FEED}, {facts:,} facts, one thread, duckdb {duckdb.__version__}, pyarrow {pa.__version__}")
    print(f"normalise, table to facts:                 {rows / pure:10,.0f} rows/s")
    print(f"whole step, messages to encoded facts:     {rows / whole:10,.0f} rows/s")
    print(f"unsealing (the vault's, apart):            {rows / opener.seconds:10,.0f} rows/s")


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
