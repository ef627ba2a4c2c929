"""The data dictionary tells every field in both languages."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from contracts import Label, load
from contracts.dictionary import entries, markdown
from contracts.dictionary_parts import MODES, facts, severity_of
from contracts.model import Minors
from warehouse.promises import with_wide

CHINESE = re.compile("[\u4e00-\u9fff]")
CONTRACTS = load(extra=(Path(__file__).parent / "samples",))


def test_every_field_has_its_entry():
    """Columns of feeds, attributes of kinds and columns of marts are all there, once."""
    found = [(entry.part, entry.owner, entry.name) for entry in entries(CONTRACTS)]
    wanted = {("feed", feed.name, column.name) for feed in CONTRACTS.feeds.values() for column in feed.columns}
    wanted |= {("kind", kind.name, attribute.name) for kind in CONTRACTS.kinds.values() for attribute in kind.attributes}
    wanted |= {("mart", mart.name, column.name) for mart in CONTRACTS.marts.values() for column in mart.columns}
    assert set(found) == wanted
    assert len(found) == len(wanted)


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("zh", ["数据字典", "宿舍住宿登记", "身份证号", "履行法定职责", "楼宇门禁"]),
        ("en", ["Data dictionary", "Hostel guests", "statutory duty", "Door entry"]),
    ],
)
def test_the_page_speaks_one_language(lang, words):
    """The Markdown page uses the labels of its language and has one table row per field."""
    page = markdown(CONTRACTS, lang)
    assert [word for word in words if word not in page] == []
    assert sum(line.startswith("| `") for line in page.splitlines()) == len(entries(CONTRACTS))


def test_everything_is_described_in_both_languages():
    """Every kind, mart and field of the release, the tables of the kinds included, has a Chinese description besides the English one."""
    shipped = with_wide(load())
    assert [each.name for each in (*shipped.kinds.values(), *shipped.marts.values()) if not (CHINESE.search(each.description_zh) and each.description)] == []
    assert [f"{each.owner}.{each.name}" for each in entries(shipped) if not (CHINESE.search(each.about.zh) and each.about.en)] == []
    assert [each.notes.zh for each in entries(shipped) if each.notes.en and not CHINESE.search(each.notes.zh)] == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_tells_how_a_feed_is_delivered_judged_and_mapped(lang):
    """Mode, encoding, times, area, record and covers; every rule with its label and severity; every line of every mapping."""
    pages = dict(part.split(" ", 1) for part in markdown(CONTRACTS, lang).split("\n## ")[1].split("\n### ")[1:])
    for feed in CONTRACTS.feeds.values():
        page = pages[feed.name].replace("\\|", "|")
        wanted = [feed.encoding, feed.area, *feed.observed_at, *([feed.record] if feed.record else []), *feed.covers]
        wanted += [MODES[mode].get(lang) for mode in feed.modes]
        wanted += [f"| {rule.reason} | {rule.column or ''} | {severity_of(rule, lang)} | {rule.label.get(lang)} | `{rule.holds}` |" for rule in feed.rules]
        wanted += [f"| {each.target} | {column.name} | `{column.sql}` |" for each in feed.mappings for column in each.columns]
        wanted += [each.entity for each in feed.mappings if each.entity]
        assert [text for text in wanted if text not in page] == [], feed.name
        assert (Label("不覆盖任何人群", "nobody").get(lang) in page) == (not feed.covers)


def test_tables_are_not_broken_by_their_text():
    """Every row of every table has as many cells as its heading, whatever descriptions and SQL contain."""
    widths: list[set[int]] = []
    for line, before in pairwise_back(markdown(CONTRACTS, "en").splitlines()):
        if line.startswith("|"):
            widths += [] if before.startswith("|") else [set()]
            widths[-1].add(line.replace("\\|", "").count("|"))
    assert len(widths) == len(CONTRACTS.feeds) * 3 + len(CONTRACTS.kinds) + len(CONTRACTS.marts)
    assert all(len(each) == 1 for each in widths)


def pairwise_back(lines: list[str]) -> list[tuple[str, str]]:
    """Every line with the one before it."""
    return list(zip(lines, ["", *lines], strict=False))


@pytest.mark.parametrize(
    ("minors", "zh", "en"),
    [
        (Minors(None), "按身份号码识别，该行内容不保留", "told by the identity number, nothing of the row is kept"),
        (Minors("born", ("address",)), "按身份号码或 born 识别，只按 address 计数", "told by the identity number or born, only counted, by address"),
        (
            Minors(None, stay="event = 'x'"),
            "按身份号码识别，该行内容不保留；与儿童以外的人和事有关的行保留，其号码不保留",
            "told by the identity number, nothing of the row is kept; rows about more than the child stay without its number",
        ),
    ],
)
def test_how_children_are_reduced_is_a_sentence(minors, zh, en):
    """Whatever a contract leaves out: the number tells children in every feed, a date of birth besides; without columns to count by nothing is kept."""
    feed = replace(CONTRACTS.feeds["rental"], minors=minors)
    known = replace(CONTRACTS, feeds={**CONTRACTS.feeds, "rental": feed})
    assert dict(facts(known, "feed", "rental", "zh"))["未满十四周岁"] == zh
    assert dict(facts(known, "feed", "rental", "en"))["Under 14"] == en
