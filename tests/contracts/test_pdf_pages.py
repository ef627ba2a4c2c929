"""Pages as PDF, read back: nothing that says what comes next stands alone at the foot of a sheet."""

from __future__ import annotations

from io import BytesIO

import pytest
from pypdf import PdfReader

from contracts.model import Label
from contracts.pages.charts import Span, bars
from contracts.pages.page import Beside, Charts, Heading, Page, Part, Steps, Table, Words
from contracts.pages.pdf import pdf_of

HEADS = {"name": Label("名称", "Name"), "rows": Label("行数", "Rows")}


def table(title: str, rows: int) -> Table:
    return Table("t", Label(title, title), HEADS, tuple((f"{title}-{row}", str(row)) for row in range(rows)), (0.7, 0.3), frozenset({"rows"}))


def sheets(*parts: Part) -> list[str]:
    """The text of each sheet."""
    printed = pdf_of(Page("en", "title", "line", parts, "foot"))
    return [page.extract_text() for page in PdfReader(BytesIO(printed)).pages]


NEXT: dict[str, tuple[Part, str]] = {
    "a table": (table("next", 90), "next-0"),
    "words": (Words("next-0"), "next-0"),
    "steps": (Steps(("next-0", "next-1")), "next-0"),
    "charts": (Charts((bars(Span("next-0", "from", "to"), [1, 2, 3]),)), "next-0"),
    "two columns": (Beside((table("next", 9),), (Words("right"),)), "next-0"),
}


@pytest.mark.parametrize("what", NEXT)
def test_a_heading_stays_with_what_it_is_the_heading_of(what: str) -> None:
    """Wherever the sheet ends, the heading, the title of a table with its heads, and the first of what follows are on one sheet; the text before fills the last sheet as far as it can."""
    block, first = NEXT[what]
    turned = False
    for before in range(58, 84):
        found = sheets(table("before", before), Heading("HEADING"), block)
        (at,) = (number for number, text in enumerate(found) if "HEADING" in text)
        assert first in found[at], (before, found[at][-80:])
        turned = turned or (at == 1 and f"before-{before - 1}" in found[0])
    assert turned


def test_a_block_higher_than_a_sheet_is_still_printed() -> None:
    """What cannot stay together goes on over sheets, with no empty one before it."""
    rows = Table("t", Label("t", "t"), HEADS, (("word " * 1_500, "1"), ("end", "2")), (0.7, 0.3))
    found = sheets(Heading("HEADING"), rows)
    assert "HEADING" in found[0] and "end" in found[-1] and all(text.strip() for text in found)
