"""Row validators promise the layout of a feed and never repeat a value."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest

from contracts import load
from contracts.json_schema import row_faults, row_schema, row_validator, row_validators

CONTRACTS = load(extra=(Path(__file__).parent / "samples",))
HOSTEL = CONTRACTS.feeds["hostel_guest"]
ROW = {
    "登记编号": "H-1",
    "身份证号": "11010519491231002X",
    "姓名": "张三",
    "出生日期": "1949-12-31",
    "区划代码": "330302006071",
    "房号": None,
    "更新时间": "2022-08-29 10:00:00",
    "操作标志": "I",
}


def faults(**changes):
    row = {name: value for name, value in (ROW | changes).items() if value is not ...}
    return row_faults(row_validator(HOSTEL), row)


def test_a_row_as_delivered_is_valid():
    """A whole row passes; another accepted header may stand for the first; blanks and spreadsheet days pass."""
    assert faults() == []
    assert faults(登记编号=..., 编号="H-1") == []
    assert faults(出生日期="", 更新时间="44802", 房号=501) == []


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"备注": "x"}, [("", "additionalProperties")]),
        ({"姓名": ...}, [("", "anyOf")]),
        ({"姓名": ["张三"]}, [("姓名", "type")]),
        ({"姓名": "字" * 61}, [("姓名", "maxLength")]),
        ({"出生日期": "some day"}, [("出生日期", "pattern")]),
        ({"更新时间": {"at": 1}}, [("更新时间", "type")]),
    ],
)
def test_each_fault_is_told_without_its_value(changes, told):
    """Undeclared cells, absent required ones, wrong types, free text and impossible forms are told by header and keyword only."""
    assert faults(**changes) == told


@pytest.mark.parametrize("feed", CONTRACTS.feeds.values(), ids=CONTRACTS.feeds)
def test_every_feed_gives_a_sound_schema(feed):
    """The schema of each feed is valid JSON Schema 2020-12 and names every accepted header; its patterns are anchored."""
    schema = row_schema(feed)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert set(schema["properties"]) == {header for column in feed.columns for header in (column.header, *column.other_headers)}
    patterns = [cell["pattern"] for cell in schema["properties"].values() if "pattern" in cell]
    assert all(pattern.startswith("^") and pattern.endswith("$") for pattern in patterns)


def test_there_is_a_validator_for_every_feed():
    """`row_validators` compiles all feeds."""
    assert row_validators(CONTRACTS.feeds).keys() == CONTRACTS.feeds.keys()
