"""`land`: one file becomes raw messages, exactly once, however often it is tried and wherever a try ends.

First the whole delivery is read and checked, tokenised and sealed into a spool; only then it is appended. The delivery's id comes from its content, so a
second try finds the spool or the messages of the first.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from contracts.database import connect
from contracts.engine import prepare
from contracts.errors import disk_fault
from contracts.model import Contracts, Feed
from contracts.ports import Message
from streams.errors import DeliveryInProgress, SpoolUnwritable
from streams.landing.inspect import Inspected, inspect
from streams.landing.lock import held
from streams.landing.manifest import declared_for
from streams.landing.messages import Envelope
from streams.landing.model import UNDECLARED, Declared, Drift, Landing, Report, Total
from streams.landing.on_log import append_rest, closed_fields, closing_message, on_log, refuse_older_vault
from streams.landing.spool import read_spool, spool_of
from streams.landing.write_spool import write_spool

MEMORY_LIMIT = "1GB"


def land(landing: Landing, feed: Feed, file: Path, declared: Declared = UNDECLARED) -> Report:
    """What became of the file. `declared` wins over the manifest beside it.

    Raises: the errors of `streams.errors`; then nothing of the delivery is on the log, or (a crash while appending) a retry completes it.
    """
    complete = declared_for(feed, file, declared)
    refuse_older_vault(landing.log, landing.sealer)
    with nullcontext(landing.engine) if landing.engine else engine_of(landing.contracts) as engine:
        inspected = inspect(landing, feed, file, complete, engine)
        delivery = landing.sealer.digest(inspected.named)
        with _disk_faults_in_words(), held(landing, delivery):
            return _land_once(landing, Envelope(feed, delivery, complete, datetime.min), inspected, engine, file)


def continue_spools(landing: Landing) -> list[Report]:
    """Appends what spools of interrupted landings still hold, without their files. Spools another process works on are left to it, and those of inbox
    messages to whoever owns their partition now: he may have landed them together with others."""
    reports = []
    for spool in sorted(landing.spool.glob("*.spool")):
        first = next(read_spool(spool))
        if "inbox" in first.headers:
            continue
        feed, delivery = landing.contracts.feeds[first.headers["feed"]], first.headers["delivery"]
        with suppress(DeliveryInProgress), _disk_faults_in_words(), held(landing, delivery):
            present = on_log(landing.log, feed, delivery)
            if present.closed is None and spool.exists():
                reports.append(report_of(append_rest(landing, feed, delivery, spool, present, spool), already_landed=False))
            landing.files.remove(spool)
    return reports


def _land_once(landing: Landing, named: Envelope, inspected: Inspected, engine: duckdb.DuckDBPyConnection, file: Path) -> Report:
    feed, delivery = named.feed, named.delivery
    spool = spool_of(landing.spool, delivery)
    present = on_log(landing.log, feed, delivery)
    if present.closed is not None:
        landing.files.remove(spool)
        return report_of(closing_message(landing.log, feed, delivery, present.closed), already_landed=True)
    if not spool.exists():
        envelope = Envelope(feed, delivery, named.declared, present.recorded_at or landing.clock.now(), landing.headers)
        write_spool(landing, envelope, inspected, engine, spool, file, present.message_rows or landing.sizes.message_rows)
    closing = append_rest(landing, feed, delivery, spool, present, file)
    landing.files.remove(spool)
    return report_of(closing, already_landed=False)


@contextmanager
def _disk_faults_in_words() -> Iterator[None]:
    """What the disk says about the spool folder, as an error for people."""
    try:
        yield
    except OSError as error:
        raise SpoolUnwritable(detail=disk_fault(error)) from error


def engine_of(contracts: Contracts, memory_limit: str = MEMORY_LIMIT) -> duckdb.DuckDBPyConnection:
    """An in-memory engine with the contracts' vocabulary, to be closed; it keeps the order of rows and reaches no file."""
    engine = connect(":memory:", config={"threads": 1})
    prepare(engine, contracts, threads=1, memory_limit=memory_limit)
    engine.execute("set preserve_insertion_order = true; set enable_external_access = false; set enable_progress_bar = false")
    return engine


def report_of(closing: Message, already_landed: bool) -> Report:
    """The report as the closing message tells it."""
    fields: dict[str, Any] = closed_fields(closing)
    people = fields["report"]
    return Report(
        delivery=fields["delivery"],
        feed=fields["source"],
        mode=fields["mode"],
        moment=datetime.fromisoformat(fields["moment"]) if fields["moment"] else None,
        area=fields["area"],
        recorded_at=datetime.fromisoformat(fields["recorded_at"]),
        **{name: fields[name] for name in ("delivered", "refused", "reduced", "layout", "landed", "unkeyed", "chunks")},
        already_landed=already_landed,
        refusals=people["refusals"],
        fixes=people["fixes"],
        faults=people["faults"],
        drift=tuple(Drift(**each) for each in people["drift"]),
        totals=tuple(Total(**each) for each in people["totals"]),
    )
