"""A grid's page as `cabin report` tells it: on the terminal, or written as HTML or PDF."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cabin.errors import PageEnding
from cabin.session import Session
from contracts.model import Label
from contracts.pages.page import Table
from warehouse.query import opened
from warehouse.report import GridReport, Span, guide, lines, pages, report_on
from warehouse.report.facts import Week

BLOCKS = " ▁▂▃▄▅▆▇█"
PAGES = (".html", ".pdf")


def report(session: Session, grid: str, span: Span, to: Path | None) -> None:
    """Raises: `UnknownGrid`, `NoSnapshot`; `PageEnding` where the ending of the file names neither page, `ReportExtraMissing` for PDF."""
    if to is not None and to.suffix not in PAGES:
        raise PageEnding()
    with opened(session.data / "published") as snapshot:
        found = report_on(snapshot, session.contracts, grid, span)
    if to is None:
        _tell(session, found)
    else:
        _write(session, found, to)


def _write(session: Session, found: GridReport, to: Path) -> None:
    lang = session.settings.lang
    to.write_bytes(pages.html(found, lang).encode() if to.suffix == ".html" else pages.pdf(found, lang))
    session.out.say(f"wrote the page of {found.name.en} to {to}", f"已将{found.name.zh}的报告写入 {to}", grid=found.grid, file=str(to))


def _tell(session: Session, found: GridReport) -> None:
    out, lang = session.out, session.settings.lang
    out.say(
        f"{guide.TITLE.en} {found.name.en}\n{lines.moment_line(found, 'en')}",
        f"{guide.TITLE.zh} {found.name.zh}\n{lines.moment_line(found, 'zh')}",
        grid=found.grid,
        name=found.name.get(lang),
        as_of=found.moment,
    )
    out.line(*(" · ".join(f"{label.get(each)} {count:,}" for label, count in lines.counts(found)) for each in ("en", "zh")))
    out.document["counts"] = {name: getattr(found.counts, name, found.hazards) for name in lines.COUNTS}
    _heading(session, guide.DO)
    _table(session, lines.worklist(found, lang))
    _table(session, lines.overdue(found, lang, len(found.overdue)))
    _heading(session, guide.HOW)
    _table(session, lines.questions(found, lang))
    for step in guide.STEPS:
        out.line(f"- {step.en}", f"- {step.zh}")
    _heading(session, guide.WELL)
    out.line(
        *(f"{guide_line.get(each)}: {spark(found.weeks)}" for guide_line in (Label("每周走访房屋数", "dwellings visited a week"),) for each in ("en", "zh"))
    )
    out.line(*(lines.outcomes_line(found, each) for each in ("en", "zh")))
    out.document["weeks"] = [_plain(each) for each in found.weeks]
    out.document["outcomes"] = dict(found.outcomes)
    _table(session, lines.measures(found, lang))


def spark(weeks: tuple[Week, ...]) -> str:
    """A block for each week, as high as its visits beside the busiest; a week without visits is a blank, so that one visit can be told from none."""
    most = max([1, *(each.visited for each in weeks)])
    return "".join(BLOCKS[-(-each.visited * (len(BLOCKS) - 1) // most)] for each in weeks)


def _heading(session: Session, label: Label) -> None:
    session.out.line(f"\n== {label.en}", f"\n== {label.zh}")


def _table(session: Session, table: Table) -> None:
    """With its title; none where it has no rows."""
    if table.rows:
        session.out.line(table.title.en, table.title.zh)
        session.out.table(table.name, {name: (head.en, head.zh) for name, head in table.heads.items()}, table.rows)
    else:
        session.out.document[table.name] = []


def _plain(week: Week) -> dict[str, Any]:
    return {"week": week.week, "visited": week.visited, "checked": week.checked, "accuracy": week.accuracy}
