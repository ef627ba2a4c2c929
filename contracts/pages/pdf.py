"""A page as PDF, with the library of the extra `report`; Chinese in the font that PDF readers have for it (STSong-Light), so that no font must be shipped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

from contracts.pages.errors import ReportExtraMissing
from contracts.pages.page import Beside, Charts, Heading, Page, Part, Steps, Table, Tiles, Words
from contracts.pages.shapes import Dot, Drawing, Path, Rect

FONT = "STSong-Light"
MARGIN, SIZE, LEADING = 30.0, 7.0, 8.6
DARK, PALE, RULE = "#14507d", "#eef3f7", "#b9c6d2"
WIDTH = 595.28 - 2 * MARGIN - 12
"""What stands beside each other on A4."""
HALF = WIDTH / 2 - 6


def pdf_of(page: Page) -> bytes:
    """The page on A4; equal pages are equal bytes. Raises: `ReportExtraMissing`."""
    try:
        from reportlab.lib.pagesizes import A4
        from reportlab.pdfbase import pdfmetrics
        from reportlab.pdfbase.cidfonts import UnicodeCIDFont
        from reportlab.platypus import SimpleDocTemplate
    except ImportError:
        raise ReportExtraMissing() from None
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    sink = BytesIO()
    margins = {"leftMargin": MARGIN, "rightMargin": MARGIN, "topMargin": MARGIN * 0.8, "bottomMargin": MARGIN * 0.8}
    document = SimpleDocTemplate(sink, pagesize=A4, title=page.title, author="", creator="cabin", lang=page.lang, invariant=1, **margins)
    head = [_words(page.title, 13, leading=16), _words(page.line, 8, leading=12)]
    document.build([*head, *_kept(_parts(page.parts, page.lang, WIDTH), document.height), _words(page.foot, 6, leading=8)])
    return sink.getvalue()


def _parts(parts: Iterable[Part], lang: str, width: float) -> list[Any]:
    return [made for part in parts for made in _part(part, lang, width)]


def _kept(made: Sequence[Any], high: float) -> list[Any]:
    """With a new sheet before headings that would stand alone at the foot of one: they stay with the next block, of a table with its heads and first row."""
    from reportlab.platypus import CondPageBreak

    found: list[Any] = []
    for at, each in enumerate(made):
        if _heads(each) and not (at and _heads(made[at - 1])):
            found.append(CondPageBreak(min(high, _least(made[at:], high))))
        found.append(each)
    return found


def _heads(made: Any) -> bool:
    """Whether it says what comes next."""
    return getattr(made, "heads", False)


def _least(made: Sequence[Any], high: float) -> float:
    """How high the headings at the beginning are with the part of the next block that cannot be parted."""
    total = 0.0
    for each in made:
        whole = float(each.wrap(WIDTH, high)[1]) + each.getSpaceBefore() + each.getSpaceAfter()
        if not _heads(each):
            rows = getattr(each, "_rowHeights", None)
            return total + (float(sum(rows[: getattr(each, "repeatRows", 0) + 1])) if rows else whole)
        total += whole
    return total


def _part(part: Part, lang: str, width: float) -> list[Any]:
    match part:
        case Table():
            return _table(part, lang, width)
        case Heading(text):
            return [_heading(text, width)]
        case Tiles(counts):
            return [_tiles(counts, width)]
        case Steps(texts):
            return [_words(f"{number}. {text}") for number, text in enumerate(texts, 1)]
        case Words(text):
            return [_words(text)]
        case Charts(drawings):
            rows = [[_graphic(each) for each in drawings[first : first + 2]] for first in range(0, len(drawings), 2)]
            return [_beside([[*row, *[""] * (2 - len(row))] for row in rows], [width / 2, width / 2])] if rows else []
        case Beside(left, right):
            return [_beside([[_parts(left, lang, width / 2 - 6), _parts(right, lang, width / 2 - 6)]], [width / 2, width / 2])]


def _words(text: str, size: float = SIZE, *, leading: float = LEADING, colour: str = "#1d2733", right: bool = False) -> Any:
    from reportlab.lib.colors import HexColor
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import Paragraph

    return Paragraph(
        escape(text.replace("·", "|")),  # readers' fonts for Chinese have no dot in the middle
        ParagraphStyle("words", fontName=FONT, fontSize=size, leading=leading, textColor=HexColor(colour), wordWrap="CJK", alignment=2 if right else 0),
    )


def _grid(rows: list[list[Any]], widths: list[float], *style: Any) -> Any:
    from reportlab.platypus import Table as Laid

    tight = [
        ("LEFTPADDING", (0, 0), (-1, -1), 3),
        ("RIGHTPADDING", (0, 0), (-1, -1), 3),
        ("TOPPADDING", (0, 0), (-1, -1), 1),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 1.4),
    ]
    return Laid(rows, colWidths=widths, style=[*tight, ("VALIGN", (0, 0), (-1, -1), "TOP"), *style], hAlign="LEFT")


def _beside(rows: list[list[Any]], widths: list[float]) -> Any:
    return _grid(rows, widths, ("LEFTPADDING", (0, 0), (-1, -1), 0), ("RIGHTPADDING", (0, 0), (-1, -1), 6), ("TOPPADDING", (0, 0), (-1, -1), 4))


def _heading(text: str, width: float) -> Any:
    from reportlab.lib.colors import HexColor

    row = _grid(
        [[_words(text, 9, leading=11, colour="#ffffff")]], [width], ("BACKGROUND", (0, 0), (-1, -1), HexColor(DARK)), ("BOTTOMPADDING", (0, 0), (-1, -1), 3)
    )
    row.spaceBefore, row.spaceAfter, row.heads = 5, 2, True
    return row


def _tiles(counts: tuple[tuple[str, int], ...], width: float) -> Any:
    from reportlab.lib.colors import HexColor

    cells = [[_words(f"{count:,}", 12, leading=14, colour=DARK), _words(told, 6.5)] for told, count in counts]
    return _grid([cells], [width / len(counts)] * len(counts), ("BACKGROUND", (0, 0), (-1, -1), HexColor(PALE)))


def _table(table: Table, lang: str, width: float) -> list[Any]:
    """The heads stand again on a next sheet."""
    from reportlab.lib.colors import HexColor

    if not table.rows:
        return []
    numbers = [name in table.numbers for name in table.heads]
    heads = [_words(head.get(lang), 6.5, right=right) for head, right in zip(table.heads.values(), numbers, strict=True)]
    rows = [[_words(cell, right=right) for cell, right in zip(row, numbers, strict=True)] for row in table.rows]
    made = _grid(
        [heads, *rows],
        [width * share for share in table.widths],
        ("LINEBELOW", (0, 0), (-1, 0), 0.8, HexColor(RULE)),
        ("ROWBACKGROUNDS", (0, 1), (-1, -1), [HexColor("#ffffff"), HexColor("#f6f9fb")]),
    )
    made.repeatRows = 1
    title = _words(table.title.get(lang), 8, leading=12)
    title.heads = True
    return [title, made]


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
