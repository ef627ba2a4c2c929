"""Scorecards as `cabin quality scorecard` tells them: on the terminal, or written as pages that can be sent to departments."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb

from cabin.errors import PageEnding
from cabin.session import Session
from cabin.writing import make_folder, write_file
from contracts.model import Feed
from contracts.pages.page import Table
from quality.desk import ask
from quality.desk.index import opened as desk_index
from quality.errors import MonthUnreadable
from quality.scorecards import lines, pages
from quality.scorecards.card import Scorecard
from quality.scorecards.changes import changes
from quality.scorecards.facts import department_named, departments, moment_of, month_of, months_until, scorecard
from quality.scorecards.facts_sql import DELIVERED
from quality.scorecards.faults import Look, Looks
from quality.scorecards.words import month_text
from warehouse.query import opened

PAGES: Mapping[str, Callable[[Scorecard, Session], bytes]] = {
    ".html": lambda card, session: pages.html_page(card, session.contracts, session.settings.lang).encode(),
    ".pdf": lambda card, session: pages.pdf_page(card, session.contracts, session.settings.lang),
}


EARLIEST = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class Span:
    """Which month, as `2026-03`, the newest whole one where none is said; and so many months of trend."""

    month: str | None = None
    months: int = 6


def tell_departments(session: Session, span: Span) -> None:
    """Who delivers, in name order, and what was received in the month."""
    with opened(session.data / "published") as snapshot:
        month = _month(snapshot, span, [*session.contracts.feeds.values()])
        rows = {feed: counts for feed, *counts in snapshot.sql(DELIVERED, params={"month": month}).fetchall()}
    columns = {
        "department": ("department", "部门"),
        "feed": ("feed", "数据源"),
        "delivered": ("rows delivered", "送达行"),
        "quarantined": ("set aside", "隔离"),
    }
    lang = session.settings.lang
    listed = [(feed.department.get(lang), feed.name, *rows.get(feed.name, (0, 0))) for feeds in departments(session.contracts).values() for feed in feeds]
    session.out.say(f"received in {month:%Y-%m}", f"{month:%Y-%m} 接收情况", month=f"{month:%Y-%m}")
    session.out.table("departments", columns, listed)


def tell_card(session: Session, department: str, span: Span) -> None:
    """One department's card on the terminal. Raises: `UnknownDepartment`, `MonthUnreadable`, `NoSnapshot`."""
    out, contracts, lang = session.out, session.contracts, session.settings.lang
    card = card_of(session, department_named(contracts, department), span)
    out.say(
        *(f"{lines.title(card, each)}\n{lines.moment_line(card, each)}" for each in ("en", "zh")),
        department=card.department.get(lang),
        month=month_text(card.month.month),
        as_of=card.moment,
    )
    out.line(*(" · ".join(f"{label.get(each)} {count:,}" for _, label, count in lines.counts(card)) for each in ("en", "zh")))
    out.document["counts"] = {name: count for name, _, count in lines.counts(card)}
    out.document["months"] = [
        {"month": month_text(each.month), **{name: getattr(each, name) for name in each.__slots__ if name != "month"}} for each in card.months
    ]
    out.document["remarks"] = list(lines.remarks(card, lang))
    for told in out.document["remarks"]:
        out.line(told, told)
    for table in (
        lines.faults(card, contracts, lang),
        lines.examples(card, contracts, lang),
        lines.differences(card, contracts, lang),
        lines.differing_examples(card, contracts, lang),
    ):
        _table(session, table)
    out.document["changes"] = list(changes(card, contracts, lang))
    if out.document["changes"]:
        out.line(f"\n{lines.CHANGE.en}", f"\n{lines.CHANGE.zh}")
    for told in out.document["changes"]:
        out.line(f"- {told}", f"- {told}")
    _table(session, lines.fields(card, contracts, lang))


def write_card(session: Session, department: str, span: Span, to: Path) -> None:
    """One department's page in the form that the ending of the file names. Raises: also `PageEnding`, `ReportExtraMissing`, `FileUnwritable`."""
    if to.suffix not in PAGES:
        raise PageEnding()
    card = card_of(session, department_named(session.contracts, department), span)
    write_file(to, PAGES[to.suffix](card, session))
    session.out.say(f"wrote the scorecard of {card.department.en} to {to}", f"已将{card.department.zh}的记分卡写入 {to}", file=str(to))


def write_cards(session: Session, span: Span, folder: Path) -> None:
    """The pages of all departments for one month, each as HTML and as PDF, named by department and month. Raises: as `write_card`; then nothing is written."""
    made: dict[str, bytes] = {}
    for name, card in all_cards(session, span):
        stem = f"{file_name(name)}_{month_text(card.month.month)}"
        made |= {free_name(made, stem, ending): draw(card, session) for ending, draw in PAGES.items()}
    make_folder(folder)
    for file, content in made.items():
        write_file(folder / file, content)
    session.out.say(f"wrote {len(made)} pages to {folder}", f"已将 {len(made)} 个页面写入 {folder}", folder=str(folder), files=sorted(made))


def all_cards(session: Session, span: Span) -> list[tuple[str, Scorecard]]:
    """The cards of all departments for one month, by English name and in its order. Raises: as `card_of`."""
    with opened(session.data / "published") as snapshot:
        months = months_until(_month(snapshot, span, [*session.contracts.feeds.values()]), span.months)
        listed = departments(session.contracts).items()
        return [(name, scorecard(snapshot, session.contracts, feeds, months, _looks(session))) for name, feeds in listed]


def card_of(session: Session, feeds: Sequence[Feed], span: Span) -> Scorecard:
    """The card of the department with these feeds. Raises: `MonthUnreadable`, `NoSnapshot`, `SnapshotOlder`."""
    with opened(session.data / "published") as snapshot:
        return scorecard(snapshot, session.contracts, feeds, months_until(_month(snapshot, span, feeds), span.months), _looks(session))


def _looks(session: Session) -> Looks:
    """What cells look like is asked of the desk, and only where rows are shown."""

    def looks(rows: Sequence[str]) -> Mapping[str, Look]:
        if not rows:
            return {}
        with desk_index(session.data / "desk", session.log) as con:
            return ask.looks_of(con, rows)

    return looks


def free_name(taken: Collection[str], stem: str, ending: str = "") -> str:
    """Two departments may be called alike but for what no file name has."""
    numbered = (f"{stem}{f'_{count}' if count > 1 else ''}{ending}" for count in itertools.count(1))
    return next(name for name in numbered if name not in taken)


def file_name(department: str) -> str:
    """A department's name as that of a file."""
    return "".join(character if character.isalnum() else "-" for character in department.lower())


def _month(snapshot: duckdb.DuckDBPyConnection, span: Span, feeds: Sequence[Feed]) -> date:
    """The month that is wanted, or the newest whole one. Raises: `MonthUnreadable` where it is none, or begins after everything that the snapshot knows."""
    newest = moment_of(snapshot).date().replace(day=1)
    if span.month is None:
        return month_of(snapshot, feeds)
    try:
        month = datetime.strptime(span.month, "%Y-%m").date()
    except ValueError:
        raise MonthUnreadable(month=span.month[:10], newest=f"{newest:%Y-%m}") from None
    if not EARLIEST <= month <= newest:
        raise MonthUnreadable(month=span.month[:10], newest=f"{newest:%Y-%m}")
    return month


def _table(session: Session, table: Table) -> None:
    """With its title; none where it has no rows."""
    if table.rows:
        session.out.line(f"\n{table.title.en}", f"\n{table.title.zh}")
        session.out.table(table.name, {name: (head.en, head.zh) for name, head in table.heads.items()}, table.rows)
    else:
        session.out.document[table.name] = []
