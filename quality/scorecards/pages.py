"""A scorecard as a page that can be sent to the department, as HTML and as PDF. Pure."""

from __future__ import annotations

from collections.abc import Callable

from contracts.model import Contracts, Label
from contracts.pages import charts
from contracts.pages.html import html_of
from contracts.pages.page import Charts, Heading, Page, Part, Steps, Tiles, Words
from contracts.pages.pdf import HALF, pdf_of
from contracts.pages.shapes import BAD, DARK, MIDDLE, Drawing
from quality.scorecards import lines
from quality.scorecards.card import Scorecard
from quality.scorecards.changes import changes
from quality.scorecards.words import month_text

WIDTH = 250.0
"""Of a chart on a screen."""
FOOT = Label(
    "本页只涉及贵单位的数据源，不与其他单位比较，也不作排名；其他来源仅以核定值的形式出现。月份按接收时间计；报送值、迟报和核查按周统计，计入该周多数日子所在的月份。迟报指观测七天之后才接收；"
    "可靠度为走访核查的属实比例及其 95% 区间（威尔逊）；注明截至日期的各项不随月份变化。隔离的行可改正后重新报送，也可由数据管理人员退回表格。",
    "This page is about your feeds alone; it compares with nobody and ranks nobody, and shows of other sources only the surviving value. Months are those of recording; values, late ones and "
    "checks are counted by week, in the month of most of the week's days. Late: recorded more than 7 days after it was observed. Reliability: the share that visits confirmed, with its interval "
    "at 95 % (Wilson). What is told as of a day is the same on the card of any month. Rows that were set aside can be corrected and sent again; the data managers can return them as a workbook.",
)
DELIVERED, ASIDE, MARKED, ACCURATE = (
    Label("每月送达行数", "Rows delivered a month"),
    Label("每月隔离行数", "Rows set aside a month"),
    Label("每月提示或修正行次", "Marks a month"),
    Label("走访核查准确率", "Accuracy of checks"),
)


def html_page(card: Scorecard, contracts: Contracts, lang: str) -> str:
    """The card in `zh` or `en` as one HTML file."""
    return html_of(page(card, contracts, lang, WIDTH))


def pdf_page(card: Scorecard, contracts: Contracts, lang: str) -> bytes:
    """The card in `zh` or `en`, A4. Raises: `ReportExtraMissing`."""
    return pdf_of(page(card, contracts, lang, HALF))


def page(card: Scorecard, contracts: Contracts, lang: str, width: float) -> Page:
    """The card laid out; `width` is that of one chart."""
    asked = changes(card, contracts, lang)
    parts: tuple[Part, ...] = (
        Tiles(tuple((label.get(lang), count) for _, label, count in lines.counts(card))),
        Charts(tuple(draw(card, lang, width) for draw in DRAWN)),
        Heading(lines.WRONG.get(lang)),
        *map(Words, lines.remarks(card, lang)),
        lines.faults(card, contracts, lang),
        lines.examples(card, contracts, lang),
        lines.differences(card, contracts, lang),
        lines.differing_examples(card, contracts, lang),
        *((Heading(lines.CHANGE.get(lang)), Steps(asked)) if asked else ()),
        Heading(lines.FIELDS.get(lang)),
        lines.fields(card, contracts, lang),
    )
    return Page(lang, lines.title(card, lang), lines.moment_line(card, lang), parts, FOOT.get(lang))


def _delivered(card: Scorecard, lang: str, width: float) -> Drawing:
    return charts.bars(_span(card, DELIVERED, lang), [month.delivered for month in card.months], width, HEIGHT, DARK)


def _aside(card: Scorecard, lang: str, width: float) -> Drawing:
    return charts.bars(_span(card, ASIDE, lang), [month.quarantined for month in card.months], width, HEIGHT, BAD)


def _marked(card: Scorecard, lang: str, width: float) -> Drawing:
    return charts.bars(_span(card, MARKED, lang), [month.marked for month in card.months], width, HEIGHT, MIDDLE)


def _accurate(card: Scorecard, lang: str, width: float) -> Drawing:
    """Over all fields of the department."""
    sums = [(sum(each.checks[at].checked for each in card.fields), sum(each.checks[at].confirmed for each in card.fields)) for at in range(len(card.months))]
    return charts.shares(_span(card, ACCURATE, lang), [charts.Share(right / of if of else None, of) for of, right in sums], width, HEIGHT)


HEIGHT = 74.0
DRAWN: tuple[Callable[[Scorecard, str, float], Drawing], ...] = (_delivered, _aside, _marked, _accurate)


def _span(card: Scorecard, title: Label, lang: str) -> charts.Span:
    return charts.Span(title.get(lang), month_text(card.months[0].month), month_text(card.month.month))
