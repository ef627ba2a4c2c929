"""The page that is sent to a department: the same in HTML and PDF, in both languages, whole in one file."""

from __future__ import annotations

import dataclasses
import io
import re
import xml.etree.ElementTree as ET
from datetime import date, datetime

import pytest

from contracts.model import Label
from contracts.read import load
from quality.scorecards import lines, pages
from quality.scorecards.facts import Checked, Difference, Example, Fault, Field, Month, Scorecard

OUTSIDE = re.compile(r"https?:|//[a-z]|<script|<img|<link|<iframe|url\(|@import|src=|href=")
MONTHS = (Month(date(2026, 7, 1), 2, 90, accepted=80, quarantined=10), Month(date(2026, 8, 1), 3, 120, accepted=113, quarantined=7, mended=40))
FAULTS = (
    Fault("rental", "from_on", "date-unreadable", 7, 0, 0, (10, 7), (Example("d1/4", "汉x2", None), Example("d1/9", None, None))),
    Fault("rental", "*", "padded", 0, 0, 40, (0, 40)),
    Fault("rental", "*", "count-unreadable", 0, 0, 2, (0, 2)),
)
FIELD = Field(
    "rental",
    "dwelling",
    "tenure",
    Label("产权性质", "Tenure"),
    50,
    9,
    (Checked(), Checked(10, 8)),
    (0.8, 0.49, 0.94),
    0.2,
    (Difference("refuted_by_visit", 4, 1, (("HT01", "1", "<2>"),)),),
)


def card(**other: object) -> Scorecard:
    feed = load().feeds["rental"]
    whole = Scorecard(feed.department, (feed,), MONTHS, datetime(2026, 9, 1, 8, 30), FAULTS, (), (FIELD,))
    return dataclasses.replace(whole, **other)


EMPTY = card(months=(Month(date(2026, 8, 1)),), faults=(), fields=())


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("zh", ("数据质量记分卡 租赁平台 2026-08", "起租日期", "日期无法读取", "日期写成 2026-03-01", "产权性质", "汉x2", "d1/4", "HT01", "不作排名", "减少")),
        (
            "en",
            (
                "Quality scorecard rental platform 2026-08",
                "起租日期",
                "the date cannot be read",
                "Write dates as",
                "Tenure",
                "汉x2",
                "d1/4",
                "HT01",
                "ranks nobody",
                "fewer",
            ),
        ),
    ],
)
def test_what_was_wrong_with_examples_and_what_to_change(lang: str, words: tuple[str, ...]) -> None:
    """All of it stands in both forms; the HTML is sound, needs nothing else and has four charts with words for who does not see them."""
    from pypdf import PdfReader

    text = pages.html_page(card(), load(), lang)
    assert all(word in text for word in words) and not OUTSIDE.search(text) and "&lt;2&gt;" in text and "<2>" not in text
    root = ET.fromstring(re.sub(r"<meta[^>]*>", "", text.partition("\n")[2]))
    drawings = [each for each in root.iter() if each.tag == "svg"]
    assert len(drawings) == 4 and all(each.get("aria-label") for each in drawings)
    assert len(drawings[0].findall("rect")) == len(drawings[1].findall("rect")) == 2 and len(drawings[2].findall("rect")) == 1
    printed = pages.pdf_page(card(), load(), lang)
    read = "".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(printed)).pages)
    assert all(re.sub(r"\s", "", word) in re.sub(r"\s", "", read) for word in words)
    assert printed == pages.pdf_page(card(), load(), lang) and not re.search(rb"/(JavaScript|JS|Launch|URI|OpenAction|EmbeddedFile)\b", printed)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_month_without_faults_or_deliveries(lang: str) -> None:
    """Both are said; the page is made all the same."""
    text = pages.html_page(EMPTY, load(), lang)
    assert pages.NOTHING.get(lang) in text and pages.CLEAN.get(lang) not in text
    assert pages.CLEAN.get(lang) in pages.html_page(card(faults=()), load(), lang)
    ET.fromstring(re.sub(r"<meta[^>]*>", "", text.partition("\n")[2]))
    assert pages.pdf_page(EMPTY, load(), lang).startswith(b"%PDF")


def test_changes_are_asked_for_once_and_not_too_many() -> None:
    """One for each thing wrong, the worst first; late and old values once a feed; never more than a page holds."""
    asked = lines.changes(card(), load(), "en")
    assert [each.partition(": ")[0] for each in asked][:2] == ["起租日期", "the row as a whole"] and asked[-2].endswith("within 7 days.")
    assert asked[-1].endswith("send them again.") and len(asked) == len(set(asked)) == 6
    many = tuple(dataclasses.replace(FAULTS[0], field=f"column{n}") for n in range(40))
    assert len(lines.changes(card(faults=many), load(), "en")) == lines.CHANGES
    happened = dataclasses.replace(FIELD, kind="event", late=0, differences=())
    assert lines.changes(card(faults=(), fields=(happened,)), load(), "en") == ()


def test_a_field_is_called_by_the_departments_own_header() -> None:
    """A rule that is counted without its field names the headers it is about; with many, the first two and how many more."""
    table = lines.faults(card(), load(), "en")
    assert [row[1] for row in table.rows][:2] == ["起租日期", "the row as a whole"]
    about = {rule.column for rule in load().feeds["rental"].rules if rule.reason == "count-unreadable"}
    assert len(about) >= 1 and table.rows[2][1] != "the row as a whole"
