"""The data dictionary tells every field in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from contracts import load
from contracts.dictionary import entries, markdown

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


def test_kinds_are_described_in_both_languages():
    """Every kind and every attribute has a Chinese description besides the English one."""
    for kind in CONTRACTS.kinds.values():
        assert kind.description_zh, kind.name
        assert [attribute.id for attribute in kind.attributes if not attribute.description_zh or not attribute.description] == []


def test_tables_are_not_broken_by_their_text():
    """Every row of every table has the same nine cells, whatever descriptions contain."""
    rows = [line for line in markdown(CONTRACTS, "en").splitlines() if line.startswith("| ")]
    assert {line.replace("\\|", "").count("|") for line in rows} == {10}
