"""Quarantined rows in clear, for their own department or for one purpose; whoever takes them is in the access ledger before they are handed out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from cabin.clock import BeijingClock
from cabin.desk import desk_of
from cabin.errors import NotFound, NotRevealable, PurposeMissing
from cabin.ledger import record_access
from cabin.quarantined import in_words
from cabin.session import Session
from cabin.writing import written_to
from contracts.model import Classification, Feed, Label
from quality.desk import ask
from quality.desk.decide import returned, revealed
from quality.desk.index import opened
from quality.desk.pattern import Pattern
from quality.desk.ports import Opened
from quality.desk.sheet import write_sheet
from quality.desk.steps import grouped
from quality.desk.work import Desk
from streams.landing import feed_named

RETURNED = "returned to the department without personal cells"
WRONG = Label("问题", "what is wrong")


def returned_feeds(session: Session, to: str, file: Path, purpose: str, limit: int) -> list[dict[str, Any]]:
    """One workbook per feed with open rows: file, feed, rows, and how many of them with personal cells."""
    desk, written = desk_of(session), []
    feeds = _feeds(session, to)
    for feed in feeds:
        with opened(desk.folder, desk.log) as con:
            lines = ask.listed(con, Pattern(feed=feed.name), limit=limit)
        kept = [each for each in lines if each["row"] > 0 and each["form"] in (None, "raw.rows")]
        if kept:
            target = file if len(feeds) == 1 else file.with_name(f"{file.stem}_{feed.name}{file.suffix}")
            written.append(_returned(session, desk, feed, kept, target, purpose))
    return written


def revealed_cell(session: Session, delivery: str, row: int, column: str, purpose: str) -> str:
    """A cell of a quarantined row in clear.

    Raises: `PurposeMissing`, `NotFound`; `NotRevealable` where the cell is blank, became a token or its key was destroyed.
    """
    if not purpose:
        raise PurposeMissing()
    desk = desk_of(session)
    line = line_of(desk, delivery, row)
    if row < 1 or line["source"] not in session.contracts.feeds or line["form"] not in (None, "raw.rows"):
        raise NotRevealable(attribute=column)
    feed = session.contracts.feeds[line["source"]]
    rows = grouped([(delivery, line["chunk"], line["version"], row)])
    found = desk.raw.open(feed.name, rows)
    if column not in {each.name for each in found.declared.columns}:
        raise NotFound(what=Label("列", "column"), look=f"cabin contract show {feed.name}")
    cells = found.cells
    value = cells[column][0].as_py() if cells.num_rows else None
    if value is None:
        raise NotRevealable(attribute=column)
    revealed(desk, feed.name, purpose, rows[0], column)
    _record(session, f"quarantine {feed.name}", f"{delivery}/{row}", column, purpose)
    return str(value)


def line_of(desk: Desk, delivery: str, row: int) -> dict[str, Any]:
    """The line of one row.

    Raises: `NotFound`.
    """
    with opened(desk.folder, desk.log) as con:
        found = ask.listed(con, Pattern(delivery=delivery, row=row), state=None, limit=1)
    if not found:
        raise NotFound(what=Label("隔离行", "quarantined row"), look="cabin quarantine list")
    return found[0]


def _feeds(session: Session, to: str) -> list[Feed]:
    """The feed of this name, or all feeds of a department of this name in either language."""
    known = session.contracts.feeds
    of_department = [feed for _, feed in sorted(known.items()) if to in (feed.department.zh, feed.department.en)]
    return of_department or [feed_named(session.contracts, to)]


def _returned(session: Session, desk: Desk, feed: Feed, lines: Sequence[dict[str, Any]], file: Path, purpose: str) -> dict[str, Any]:
    rows = grouped((each["delivery"], each["chunk"], each["version"], each["row"]) for each in lines)
    found = desk.raw.open(feed.name, rows)
    layout = found.declared
    wrong = {(each["delivery"], each["row"]): _wrong(session, layout, each) for each in lines}
    if purpose:
        _record(session, f"quarantine {feed.name}", "*", "*", purpose, exported=found.cells.num_rows)
    lang = session.settings.lang
    headers = [*(column.header for column in layout.columns), WRONG.get(lang)]
    with written_to(file):
        write_sheet(file, headers, ([*cells, wrong[place]] for place, cells in _cells(layout, found, bool(purpose))))
    returned(desk, feed.name, purpose or RETURNED, rows)
    return {"file": str(file), "feed": feed.name, "rows": found.cells.num_rows, "personal": found.cells.num_rows if purpose else 0}


def _cells(feed: Feed, found: Opened, personal: bool) -> Sequence[tuple[tuple[str, int], list[str | None]]]:
    """(delivery, row) and the cells in the department's order, in delivery and row order. Identity and phone numbers are tokens here and never come back."""
    table: pa.Table = found.cells.sort_by([("__delivery", "ascending"), ("__row", "ascending")])
    shown = table if personal else _without_personal(feed, found).sort_by([("__delivery", "ascending"), ("__row", "ascending")])
    columns = [shown[column.name].to_pylist() for column in feed.columns]
    places = zip(table["__delivery"].to_pylist(), table["__row"].to_pylist(), strict=True)
    return [(place, list(cells)) for place, cells in zip(places, zip(*columns, strict=True), strict=True)]


def _without_personal(feed: Feed, found: Opened) -> pa.Table:
    """Only cells that lie open in the raw row: a number that stood in a plain column was sealed, and stays so."""
    cells = found.cells
    for place, column in enumerate(feed.columns):
        open_here = column.classification is Classification.PLAIN and column.identifier is None
        values = found.raw[column.name] if open_here else pa.nulls(cells.num_rows, pa.string())
        cells = cells.set_column(place, pa.field(column.name, pa.string()), values)
    return cells


def _wrong(session: Session, feed: Feed, line: dict[str, Any]) -> str:
    """The reason in words, and the department's own header of the column at fault."""
    said = in_words(session.contracts, line, session.settings.lang)
    header = next((column.header for column in feed.columns if column.name == line["column"]), None)
    return f"{header}：{said}" if header and session.settings.lang == "zh" else f"{header}: {said}" if header else said


def _record(session: Session, kind: str, entity: str, attribute: str, purpose: str, **more: Any) -> None:
    entry = {"viewer": session.settings.actor, "kind": kind, "entity": entity, "attribute": attribute, "purpose": purpose, **more}

    record_access(session.log, BeijingClock(), entry)
