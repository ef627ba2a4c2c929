"""A grid's page as PDF, with the library of the extra `report`; Chinese in the font that PDF readers have for it (STSong-Light), so that no font must be shipped."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

from warehouse.errors import ReportExtraMissing
from warehouse.report import guide, lines
from warehouse.report.charts import Dot, Drawing, Path, Rect, accuracy_chart, shares_chart, visits_chart
from warehouse.report.facts import GridReport
from warehouse.report.html import FOOT, NUMBERS

FONT = "STSong-Light"
MARGIN, SIZE, LEADING = 30.0, 7.0, 8.6
DARK, PALE, RULE = "#14507d", "#eef3f7", "#b9c6d2"
HAZARDS = 6
"""So many overdue hazards stand in the PDF, which is for printing on one sheet; HTML has as many as there are dwellings."""
WIDTHS: dict[str, tuple[float, ...]] = {
    "worklist": (0.20, 0.25, 0.31, 0.06, 0.11, 0.07),
    "overdue": (0.38, 0.08, 0.11, 0.11, 0.09, 0.23),
    "questions": (0.11, 0.08, 0.23, 0.13, 0.38, 0.07),
    "measures": (0.18, 0.09, 0.12, 0.09, 0.52),
}
"""Shares of the width, by table."""


def page(report: GridReport, lang: str) -> bytes:
    """The page in `zh` or `en`; A4, as a rule one sheet. Raises: `ReportExtraMissing`."""
    try:
        from reportlab.lib.pagesizes import A4
        from reportlab.pdfbase import pdfmetrics
        from reportlab.pdfbase.cidfonts import UnicodeCIDFont
        from reportlab.platypus import SimpleDocTemplate
    except ImportError:
        raise ReportExtraMissing() from None
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    title = f"{guide.TITLE.get(lang)} {report.name.get(lang)}"
    sink = BytesIO()
    margins = {"leftMargin": MARGIN, "rightMargin": MARGIN, "topMargin": MARGIN * 0.8, "bottomMargin": MARGIN * 0.8}
    document = SimpleDocTemplate(sink, pagesize=A4, title=title, author="", creator="cabin report", lang=lang, invariant=1, **margins)
    document.build(_story(report, lang, title, A4[0] - 2 * MARGIN - 12))
    return sink.getvalue()


def _story(report: GridReport, lang: str, title: str, width: float) -> list[Any]:
    half = width / 2 - 6
    small = [visits_chart(report.weeks, lang, half, 74), accuracy_chart(report.weeks, lang, half, 74)]
    return [
        _words(title, 13, leading=16),
        _words(lines.moment_line(report, lang), 8, leading=12),
        _tiles(report, lang, width),
        _heading(guide.DO.get(lang), width),
        *_table(lines.worklist(report, lang), lang, width),
        *_table(lines.overdue(report, lang, HAZARDS), lang, width),
        _heading(guide.HOW.get(lang), width),
        *_table(lines.questions(report, lang), lang, width),
        *(_words(f"{number}. {step.get(lang)}") for number, step in enumerate(guide.STEPS, 1)),
        _heading(guide.WELL.get(lang), width),
        _beside([[_graphic(small[0]), _graphic(small[1])]], [half + 6, half + 6]),
        _beside([[_graphic(shares_chart(report.measures, lang, half, 118)), _meanings(report, lang)]], [half + 6, half + 6]),
        _words(FOOT.get(lang), 6, leading=8),
    ]


def _meanings(report: GridReport, lang: str) -> list[Any]:
    """What the bars beside it mean, and what visits found."""
    told = [_words(f"{guide.word(guide.MEASURES, each.name).get(lang)}: {guide.word(guide.MEANINGS, each.name).get(lang)}") for each in report.measures]
    return [*told, _words(lines.outcomes_line(report, lang))]


def _words(text: str, size: float = SIZE, *, leading: float = LEADING, colour: str = "#1d2733", right: bool = False) -> Any:
    from reportlab.lib.colors import HexColor
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import Paragraph

    return Paragraph(
        escape(text),
        ParagraphStyle("words", fontName=FONT, fontSize=size, leading=leading, textColor=HexColor(colour), wordWrap="CJK", alignment=2 if right else 0),
    )


def _grid(rows: list[list[Any]], widths: list[float], *style: Any) -> Any:
    from reportlab.platypus import Table

    tight = [
        ("LEFTPADDING", (0, 0), (-1, -1), 3),
        ("RIGHTPADDING", (0, 0), (-1, -1), 3),
        ("TOPPADDING", (0, 0), (-1, -1), 1),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 1.4),
    ]
    return Table(rows, colWidths=widths, style=[*tight, ("VALIGN", (0, 0), (-1, -1), "TOP"), *style], hAlign="LEFT")


def _beside(rows: list[list[Any]], widths: list[float]) -> Any:
    return _grid(rows, widths, ("LEFTPADDING", (0, 0), (-1, -1), 0), ("RIGHTPADDING", (0, 0), (-1, -1), 6), ("TOPPADDING", (0, 0), (-1, -1), 4))


def _heading(text: str, width: float) -> Any:
    from reportlab.lib.colors import HexColor

    row = _grid(
        [[_words(text, 9, leading=11, colour="#ffffff")]], [width], ("BACKGROUND", (0, 0), (-1, -1), HexColor(DARK)), ("BOTTOMPADDING", (0, 0), (-1, -1), 3)
    )
    row.spaceBefore, row.spaceAfter = 5, 2
    return row


def _tiles(report: GridReport, lang: str, width: float) -> Any:
    from reportlab.lib.colors import HexColor

    told = lines.counts(report)
    cells = [[_words(f"{count:,}", 12, leading=14, colour=DARK), _words(label.get(lang), 6.5)] for label, count in told]
    return _grid([cells], [width / len(told)] * len(told), ("BACKGROUND", (0, 0), (-1, -1), HexColor(PALE)))


def _table(table: lines.Table, lang: str, width: float) -> list[Any]:
    """Nothing where there are no rows; the heads stand again on a next sheet."""
    from reportlab.lib.colors import HexColor

    if not table.rows:
        return []
    numbers = [name in NUMBERS for name in table.heads]
    heads = [_words(head.get(lang), 6.5, right=right) for head, right in zip(table.heads.values(), numbers, strict=True)]
    rows = [[_words(cell, right=right) for cell, right in zip(row, numbers, strict=True)] for row in table.rows]
    made = _grid(
        [heads, *rows],
        [width * share for share in WIDTHS[table.name]],
        ("LINEBELOW", (0, 0), (-1, 0), 0.8, HexColor(RULE)),
        ("ROWBACKGROUNDS", (0, 1), (-1, -1), [HexColor("#ffffff"), HexColor("#f6f9fb")]),
    )
    made.repeatRows = 1
    return [_words(table.title.get(lang), 8, leading=12), made]


def _graphic(drawing: Drawing) -> Any:
    """A drawing turned over: y grows upwards in PDF."""
    from reportlab.graphics.shapes import Circle, PolyLine, String
    from reportlab.graphics.shapes import Drawing as Canvas
    from reportlab.graphics.shapes import Rect as Box
    from reportlab.lib.colors import HexColor

    canvas, high = Canvas(drawing.width, drawing.height), drawing.height
    for shape in drawing.shapes:
        if isinstance(shape, Rect):
            canvas.add(Box(shape.x, high - shape.y - shape.height, shape.width, shape.height, fillColor=HexColor(shape.fill), strokeColor=None))
        elif isinstance(shape, Path):
            points = [each for x, y in shape.points for each in (x, high - y)]
            canvas.add(PolyLine(points, strokeColor=HexColor(shape.stroke), strokeWidth=shape.width))
        elif isinstance(shape, Dot):
            canvas.add(Circle(shape.x, high - shape.y, shape.radius, fillColor=HexColor(shape.fill), strokeColor=None))
        else:
            canvas.add(String(shape.x, high - shape.y, shape.text, fontName=FONT, fontSize=shape.size, textAnchor=shape.anchor, fillColor=HexColor(shape.fill)))
    return canvas
