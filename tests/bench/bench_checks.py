"""What the in-stream checks cost of the normalising rate: the same raw messages normalised with every rule of their contract and without any.

Compared are two contracts of each feed: as released (every row judged by every rule, the verdict counted per message, bad cells blanked, messages held to their limits),
and the same with `rules` empty, so that no rule is in the compiled statement and no limit is judged. Both go the whole way from stored messages to encoded facts,
quarantined rows and outcomes; unsealing is left out (texts opened before), because it is the same and would hide the difference. What rules set aside is few rows here,
which without them become facts: that counts against "without", by as much as those rows.

Both statements make the calls that are worth it once (`contracts.normalising.shared`): a call inside another is, whether a rule asks it too or not, so that
"without" is not slowed by what it does not ask.

Aim: at most 10 % more processor seconds over all feeds. Pairs are interleaved, their order alternates, and the median of the pairs' ratios counts,
so that what else the machine does falls on both; half of the rounds lie between the two figures told beside it. Python's collector waits while seconds are counted.
Each feed's messages are those of an invented district, as they are delivered, in one step; where that is few rows most of the time goes into planning the
statements, where it is many into the rows: 20,000 people are half and half, a district's backlog is all rows. Both count: run it with 20,000 and with 100,000.
Run: `python -m tests.bench.bench_checks [people] [pairs]`.
"""

from __future__ import annotations

import gc
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median, quantiles

import duckdb

from cabin.clock import BeijingClock
from cabin.demo.generate import generate
from contracts import Contracts, load
from contracts.engine import prepare
from contracts.model import Feed, Severity
from contracts.ports import Stored
from contracts.topics import RAW
from streams.landing import Declared, Landing, jobs_in, land
from streams.local import rows_of
from streams.log.embedded import EmbeddedLog
from streams.normalise import normalise_messages
from tests.bench.bench_normalise import Opened
from vault import Vault

PARTITIONS = 2


@dataclass(frozen=True, slots=True)
class Paired:
    """One feed measured: its rows in one step, processor seconds of each pair with its rules and without."""

    feed: Feed
    rows: int
    pairs: list[tuple[float, float]]

    @property
    def ratio(self) -> float:
        return median(checked / plain for checked, plain in self.pairs)

    @property
    def line(self) -> str:
        errors = sum(rule.severity is Severity.ERROR for rule in self.feed.rules)
        limits = sum(rule.limit is not None for rule in self.feed.rules)
        rules = f"{len(self.feed.rules):3} rules ({errors} errors, {limits} limits)"
        checked, plain = (median(seconds) for seconds in zip(*self.pairs, strict=True))
        return f"{self.feed.name:16} {rules:31} {self.rows:9,} rows {self.rows / plain:10,.0f} -> {self.rows / checked:10,.0f} rows/s {self.ratio - 1:+7.1%}"


def landed(folder: Path, people: int, stack: ExitStack) -> tuple[Mapping[str, list[Stored]], Vault]:
    """The raw messages of an invented district by feed."""
    log = stack.enter_context(EmbeddedLog.open(folder / "log.sqlite", 1))
    vault = stack.enter_context(Vault.open(folder / "vault"))
    contracts = load()
    generate(folder / "demo", people)
    landing = Landing(log, vault, BeijingClock(), contracts, folder / "spool")
    for job in jobs_in([folder / "demo" / "deliveries"], contracts, None, Declared()):
        land(landing, contracts.feeds[job.feed], job.file, job.declared)
    stored = {feed: list(log.read(f"{RAW}{feed}", 0, 0, 1 << 40)) for feed in contracts.feeds}
    return {feed: rows for feed, messages in stored.items() if (rows := [each for each in messages if each.message.headers["ce_type"] == "raw.rows"])}, vault


def without_rules(contracts: Contracts, feed: Feed) -> Contracts:
    return replace(contracts, feeds={**contracts.feeds, feed.name: replace(feed, rules=())})


def measured(engine: duckdb.DuckDBPyConnection, contracts: Contracts, feed: Feed, stored: list[Stored], vault: Vault, pairs: int) -> Paired:
    """One pair before counts for nothing: texts are opened in it."""
    opener, bare = Opened(vault), without_rules(contracts, feed)

    def seconds(of: Contracts) -> float:
        gc.collect()
        gc.disable()
        try:
            begun = time.process_time()
            normalise_messages(engine, of, opener, stored, PARTITIONS)
            return time.process_time() - begun
        finally:
            gc.enable()

    def pair(number: int) -> tuple[float, float]:
        if number % 2:
            plain, checked = seconds(bare), seconds(contracts)
        else:
            checked, plain = seconds(contracts), seconds(bare)
        return checked, plain

    found = [pair(number) for number in range(pairs + 1)]
    return Paired(feed, sum(rows_of(each.message.headers) for each in stored), found[1:])


def all_of(found: Iterable[Paired]) -> str:
    """All feeds together, as a district delivers them: the median of the rounds' ratios, each of the sums over all feeds."""
    listed = list(found)
    rounds = [(sum(checked for checked, _ in part), sum(plain for _, plain in part)) for part in zip(*(each.pairs for each in listed), strict=True)]
    ratios = [checked / plain for checked, plain in rounds]
    low, middle, high = (each - 1 for each in quantiles(ratios, n=4))
    rules, rows = sum(len(each.feed.rules) for each in listed), sum(each.rows for each in listed)
    return f"all: {rules} rules of {len(listed)} feeds over {rows:,} rows: checks cost {middle:+.1%} of the time without them (half of {len(rounds)} rounds: {low:+.1%} to {high:+.1%}; aim: at most +10%)"


def main(people: int = 20_000, pairs: int = 15) -> None:
    contracts = load()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        delivered, vault = landed(folder, people, stack)
        gc.freeze()  # what is measured makes little garbage; what stands is not looked through again before every step
        engine = stack.enter_context(duckdb.connect(config={"threads": 1}))
        prepare(engine, contracts, threads=1)
        found: list[Paired] = []
        for name, stored in sorted(delivered.items()):
            found.append(measured(engine, contracts, contracts.feeds[name], stored, vault, pairs))
            print(found[-1].line, flush=True)
    print(all_of(found))


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
