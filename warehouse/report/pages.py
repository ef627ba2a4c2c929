"""A grid's page in its two forms: HTML has everything, PDF fits one sheet as a rule. Pure."""

from __future__ import annotations

from contracts.model import Label
from contracts.pages.html import html_of
from contracts.pages.page import Beside, Charts, Heading, Page, Part, Steps, Tiles, Words
from contracts.pages.pdf import HALF, pdf_of
from warehouse.report import guide, lines
from warehouse.report.charts import accuracy_chart, shares_chart, visits_chart
from warehouse.report.facts import GridReport

HAZARDS = 6
"""So many overdue hazards stand in the PDF, which is for printing on one sheet; HTML has as many as there are."""
FOOT = Label(
    "鲜活度、关联率和人户一致率只有截至时点的数；乡镇和全区的三项为各网格按已知房屋数加权的平均。名称按数据集市的方式显示，个人姓名不出现。",
    "Freshness, linkage and residence consistency are those of the moment; beside the grid they are means of grids, weighted by known dwellings. No person is named.",
)


def html(report: GridReport, lang: str) -> str:
    """The whole page in `zh` or `en` as one HTML file."""
    drawn = visits_chart(report.weeks, lang), accuracy_chart(report.weeks, lang), shares_chart(report.measures, lang)
    well = (Charts(drawn), Words(lines.outcomes_line(report, lang)), lines.measures(report, lang))
    return html_of(_page(report, lang, len(report.overdue), well))


def pdf(report: GridReport, lang: str) -> bytes:
    """The page in `zh` or `en`, A4. Raises: `ReportExtraMissing`."""
    small = visits_chart(report.weeks, lang, HALF, 74), accuracy_chart(report.weeks, lang, HALF, 74)
    told = (Words(f"{guide.word(guide.MEASURES, each.name).get(lang)}: {guide.word(guide.MEANINGS, each.name).get(lang)}") for each in report.measures)
    meanings = (*told, Words(lines.outcomes_line(report, lang)))
    well = (Charts(small), Beside((Charts((shares_chart(report.measures, lang, HALF, 118),)),), meanings))
    return pdf_of(_page(report, lang, HAZARDS, well))


def _page(report: GridReport, lang: str, hazards: int, well: tuple[Part, ...]) -> Page:
    parts = (
        Tiles(tuple((label.get(lang), count) for label, count in lines.counts(report))),
        Heading(guide.DO.get(lang)),
        lines.worklist(report, lang),
        lines.overdue(report, lang, hazards),
        Heading(guide.HOW.get(lang)),
        lines.questions(report, lang),
        Steps(tuple(step.get(lang) for step in guide.STEPS)),
        Heading(guide.WELL.get(lang)),
        *well,
    )
    return Page(lang, f"{guide.TITLE.get(lang)} {report.name.get(lang)}", lines.moment_line(report, lang), parts, FOOT.get(lang))
