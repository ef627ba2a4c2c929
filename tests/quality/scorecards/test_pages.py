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
from quality.scorecards.card import Checked, Difference, Example, Fault, Field, Month, Scorecard
from quality.scorecards.changes import CHANGES, changes

OUTSIDE = re.compile(r"https?:|//[a-z]|<script|<img|<link|<iframe|url\(|@import|src=|href=")
MONTHS = (Month(date(2026, 7, 1), 2, 90, landed=90, quarantined=10), Month(date(2026, 8, 1), 3, 120, landed=120, quarantined=7, marked=42))
DELIVERED = (90, 120)
FAULTS = (
    Fault("rental", "from_on", "date-unreadable", 0, ((10, 0), (7, 0)), DELIVERED, (Example("d1/4", "汉x2", None), Example("d1/9", None, "wrong_check"))),
    Fault("rental", "*", "padded", 0, ((0, 0), (0, 40)), DELIVERED),
    Fault("rental", "*", "count-unreadable", 0, ((0, 0), (0, 2)), DELIVERED),
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
    (Difference("refuted_by_visit", 4, 1, (("HT01", Label("自有", "own"), Label("<2>", "<2>")),)),),
)


def card(**other: object) -> Scorecard:
    feed = load().feeds["rental"]
    whole = Scorecard(feed.department, (feed,), MONTHS, datetime(2026, 9, 1, 8, 30), FAULTS, (), (FIELD,))
    return dataclasses.replace(whole, **other)


EMPTY = card(months=(Month(date(2026, 8, 1)),), faults=(), fields=())
CLEAN = (MONTHS[0], Month(date(2026, 8, 1), 3, 120, landed=120))


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
    """Both are said, and neither where it is not so; the page is made all the same."""
    text = pages.html_page(EMPTY, load(), lang)
    assert lines.NOTHING.get(lang) in text and lines.CLEAN.get(lang) not in text
    assert lines.remarks(card(months=CLEAN, faults=()), lang) == (lines.CLEAN.get(lang),) and lines.remarks(card(), lang) == ()
    ET.fromstring(re.sub(r"<meta[^>]*>", "", text.partition("\n")[2]))
    assert pages.pdf_page(EMPTY, load(), lang).startswith(b"%PDF")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_refused_rows_and_wrong_totals_are_told(lang: str) -> None:
    """They broke no rule of a row, so no table has them; the numbers at the top add up to the rows delivered."""
    month = Month(date(2026, 8, 1), 3, 130, refused=4, reduced=5, layout=1, landed=120, wrong_totals=2, quarantined=7)
    shown = card(months=(MONTHS[0], month))
    assert [word in remark for word, remark in zip(("4", "2"), lines.remarks(shown, lang), strict=True)] == [True, True]
    told = {name: count for name, _, count in lines.counts(shown)}
    assert told["delivered"] == told["landed"] + told["refused"] + told["reduced"] + told["layout"]
    assert all(remark in pages.html_page(shown, load(), lang) for remark in lines.remarks(shown, lang))
    assert {"reduced", "layout"}.isdisjoint(name for name, _, _ in lines.counts(card()))


def test_changes_are_asked_for_once_with_what_concerns_most_rows_first() -> None:
    """One sentence for each thing with the fields it is about; never more than a page holds; what happened does not grow old."""
    assert [each.partition(": ")[0] for each in changes(card(), load(), "en")] == [
        "All columns",
        "起租日期",
        "Dwelling · Tenure",
        "同住人数",
        "Rental platform",
        "Dwelling · Tenure",
    ]
    same = tuple(dataclasses.replace(FAULTS[0], field=name) for name in ("from_on", "to_on", "pushed_at", "status"))
    (asked,) = changes(card(faults=same, fields=()), load(), "en")
    assert asked.startswith("起租日期, 终止日期, 推送时间 and 1 more: Write dates")
    rules = [rule.reason for feed in load().feeds.values() for rule in feed.rules]
    many = tuple(dataclasses.replace(FAULTS[0], rule=rule) for rule in dict.fromkeys(rules))
    assert len(changes(card(faults=many), load(), "en")) == CHANGES < len(many)
    happened = dataclasses.replace(FIELD, kind="event", late=0, differences=())
    assert changes(card(faults=(), fields=(happened,)), load(), "en") == ()


def test_a_new_rule_is_told_by_the_column_it_is_about() -> None:
    """Also where it is counted without its field: what the contract says of the column."""
    feed = load().feeds["rental"]
    known = dataclasses.replace(
        load(), feeds={**load().feeds, "rental": dataclasses.replace(feed, rules=(dataclasses.replace(feed.rules[-1], reason="brand-new"),))}
    )
    (asked,) = changes(card(faults=(dataclasses.replace(FAULTS[1], rule="brand-new"),), fields=()), known, "zh")
    assert asked.startswith("状态：状态：")


def test_a_field_is_called_by_the_departments_own_header() -> None:
    """A rule that is counted without its field names the headers it is about; with many, the first two and how many more."""
    table = lines.faults(card(), load(), "en")
    assert [row[1] for row in table.rows] == ["起租日期", "All columns", "同住人数"]
    dates = dataclasses.replace(FAULTS[1], rule="date-unreadable")
    assert lines.faults(card(faults=(dates,)), load(), "en").rows[0][1] == "起租日期, 终止日期"
