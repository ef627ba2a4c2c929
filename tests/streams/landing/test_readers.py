"""What the readers give back: every cell as it stands in the file, in blocks, again and again."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import openpyxl
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.model import Feed
from streams.errors import BrokenJson
from streams.landing.read_csv import read_csv
from streams.landing.read_jsonl import read_jsonl
from streams.landing.read_xlsx import read_xlsx
from streams.landing.source import Source
from tests.streams.landing.kit import HOMES, OBJECTS, PEOPLE, column, csv_bytes, engine, people, write_csv, write_jsonl, write_xlsx

TWO: Feed = replace(PEOPLE, columns=(column("a", "甲"), column("b", "乙")), encoding="utf-8")


def cells(source: Source) -> list[tuple[str | None, ...]]:
    """All rows below the header, read twice to see that they can be."""
    first, second = ([tuple(row.values()) for block in source.blocks() for row in block.to_pylist()] for _ in range(2))
    assert first == second
    return first


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")) | st.sampled_from(',"\t\n'), max_size=8)


@settings(max_examples=150)
@given(
    st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=30),
    st.sampled_from([",", "\t"]),
    st.sampled_from(["utf-8", "utf-8-sig", "gb18030"]),
    st.sampled_from([64, 1_000_000]),
)
def test_csv_cells_come_back(tmp_path_factory, rows, delimiter, encoding, block_bytes) -> None:
    """What Python's own csv module writes, quotes, delimiters and line breaks inside cells included, comes back cell by cell; blank lines are none."""
    path = tmp_path_factory.mktemp("csv") / "x.csv"
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writerows([("甲", "乙"), *rows])
    path.write_bytes(text.getvalue().encode(encoding))
    source = read_csv(TWO, path, max(block_bytes, len(text.getvalue().encode()) if block_bytes < 1_000 else 0))
    assert source.header == ("甲", "乙")
    assert cells(source) == rows


def test_csv_fixes_are_told(tmp_path: Path) -> None:
    """Title lines, an unexpected encoding and an unexpected delimiter are mended and counted."""
    path = write_csv(tmp_path / "p.csv", people(3), encoding="utf-8", delimiter="\t", titles=("鹿城区实有人口", "单位：人"))
    source = read_csv(PEOPLE, path, 1_000_000)
    assert source.fixes == {"encoding": 1, "delimiter": 1, "title-rows": 2}
    assert len(cells(source)) == 3
    assert read_csv(PEOPLE, write_csv(tmp_path / "q.csv", people(3)), 1_000_000).fixes == {}


def test_csv_blocks_are_bounded(tmp_path: Path) -> None:
    """A file larger than a block comes in several blocks, so that memory does not grow with it."""
    source = read_csv(PEOPLE, write_csv(tmp_path / "p.csv", people(2000)), 50_000)
    sizes = [block.num_rows for block in source.blocks()]
    assert sum(sizes) == 2000
    assert max(sizes) < 600


SCALAR = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT | st.sampled_from(['["x"]', "{", '{"a": 1}'])
JSON = st.recursive(
    SCALAR,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=4,
)


def json_text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return orjson.dumps(value).decode()


@settings(max_examples=100)
@given(st.lists(st.fixed_dictionaries({"甲": SCALAR}, optional={"乙": SCALAR, "丙": JSON}), min_size=1, max_size=20), st.booleans())
def test_json_cells_come_back(tmp_path_factory, rows, array) -> None:
    """Strings as they are, other values as JSON text, absent keys as null; one object per line or one array. Only a column nobody declared may hold lists and objects."""
    path = tmp_path_factory.mktemp("json") / "x.jsonl"
    path.write_bytes(orjson.dumps(rows) if array else b"\n\n".join(map(orjson.dumps, rows)))
    source = read_jsonl(TWO, path, 1_000_000, engine())
    wanted = [tuple(json_text(row.get(key)) for key in source.header) for row in rows]
    assert [
        tuple(None if cell is None else _compact(cell, row.get(key)) for cell, key in zip(found, source.header, strict=True))
        for found, row in zip(cells(source), rows, strict=True)
    ] == wanted


def _compact(cell: str, given_value: object) -> str:
    """Nested values may be written with other blanks."""
    return orjson.dumps(orjson.loads(cell)).decode() if isinstance(given_value, (list, dict)) else cell


@pytest.mark.parametrize("nested", [["x"], {"x": 1}, []], ids=["a list", "an object", "an empty list"])
def test_a_nested_value_is_no_cell(tmp_path: Path, nested: object) -> None:
    """A list or an object in a declared column, here far behind the first block, refuses the file; its row and its column are named."""
    rows = [{"编号": str(index), "对象类型": "房", "对象编号": "[x]"} for index in range(500)]
    path = write_jsonl(tmp_path / "o.jsonl", [*rows, rows[0] | {"对象编号": nested}])
    with pytest.raises(BrokenJson) as caught:
        read_jsonl(OBJECTS, path, 2_000, engine())
    assert (caught.value.values["row"], "对象编号" in caught.value.values["detail"].en) == (501, True)


def test_long_numbers_of_json_keep_their_digits(tmp_path: Path) -> None:
    """An identity number sent as a JSON number has 18 digits and keeps them."""
    path = tmp_path / "o.jsonl"
    path.write_text('{"编号": 330302197001010014, "对象类型": "人", "对象编号": 12.5}\n', encoding="utf-8")
    assert cells(read_jsonl(OBJECTS, path, 1_000_000, engine())) == [("330302197001010014", "人", "12.5")]


def test_json_line_numbers_go_on_over_blocks(tmp_path: Path) -> None:
    """A broken line is named by its row, also far behind the first block."""
    path = write_jsonl(tmp_path / "o.jsonl", [{"编号": str(index), "对象类型": "房", "对象编号": "x"} for index in range(500)])
    with path.open("a", encoding="utf-8") as file:
        file.write("[1]\n")
    with pytest.raises(BrokenJson) as caught:
        read_jsonl(OBJECTS, path, 2_000, engine())
    assert caught.value.values["row"] == 501


def test_xlsx_values_become_the_text_people_see(tmp_path: Path) -> None:
    """Whole numbers without .0, every decimal digit, dates as ISO dates, texts untouched, booleans as 1 and 0, blanks empty."""
    rows = [
        ["楼盘名称", "房号", "建筑面积(㎡)", "竣工日期"],
        ["甲", "0501", 88.5, datetime(2005, 6, 1)],
        [True, 501, 0.1, date(1999, 12, 31)],
        [None, 1e15, 123456789.125, datetime(2005, 6, 1, 8, 30, 5)],
        [False, 1, 1.0, 44802],
    ]
    source = read_xlsx(HOMES, write_xlsx(tmp_path / "h.xlsx", rows))
    assert cells(source) == [
        ("甲", "0501", "88.5", "2005-06-01"),
        ("1", "501", "0.1", "1999-12-31"),
        ("", "1000000000000000", "123456789.125", "2005-06-01 08:30:05"),
        ("0", "1", "1", "44802"),
    ]


def test_xlsx_merged_cells_and_titles(tmp_path: Path) -> None:
    """A cell merged downwards holds for all its rows; one merged to the right only for the first column; titles stand above the header."""
    rows = [
        ["鹿城区楼盘表"],
        [],
        ["楼盘名称", "房号", "建筑面积(㎡)"],
        ["甲", "101", 80],
        [None, "102", 81],
        [None, "103", 82],
        ["乙", "101", 90],
        ["丙", None, 70],
    ]
    source = read_xlsx(HOMES, write_xlsx(tmp_path / "h.xlsx", rows, merged=["A1:C1", "A4:A6", "A8:B8"]))
    assert [row[0] for row in cells(source)] == ["甲", "甲", "甲", "乙", "丙"]
    assert cells(source)[4] == ("丙", "", "70")
    assert source.fixes == {"title-rows": 2, "merged": 1}


def test_xlsx_large_sheets_read_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Row by row or all at once: the same cells, also when the sheet begins with empty columns and rows, and when merged cells cross blocks."""
    book = openpyxl.Workbook()
    sheet = book.active
    for place, value in {"C3": "楼盘名称", "D3": "房号", "E3": "建筑面积(㎡)", "C4": "甲", "D4": "1", "E4": 1, "D5": "2", "D6": "3", "C7": "乙"}.items():
        sheet[place] = value
    sheet.merge_cells("C4:C6")
    path = tmp_path / "h.xlsx"
    book.save(path)
    whole = read_xlsx(HOMES, path)
    monkeypatch.setattr("streams.landing.read_xlsx.AT_ONCE_ROWS", 1)
    monkeypatch.setattr("streams.landing.read_xlsx.BLOCK_ROWS", 2)
    rowwise = read_xlsx(HOMES, path)
    assert cells(rowwise) == cells(whole)
    assert [row[2:] for row in cells(whole)] == [("甲", "1", "1"), ("甲", "2", ""), ("甲", "3", ""), ("乙", "", "")]


def test_xlsx_sheets_with_the_same_header_are_one_delivery(tmp_path: Path) -> None:
    """An estate per sheet: rows of all sheets with that header, in order; other sheets are left alone."""
    book = openpyxl.Workbook()
    for index, name in enumerate(("甲", "说明", "乙")):
        sheet = book.active if index == 0 else book.create_sheet(name)
        sheet.append(["楼盘名称", "房号", "建筑面积(㎡)"] if name != "说明" else ["填表说明"])
        sheet.append([name, "1", 2])
    book.save(tmp_path / "h.xlsx")
    assert [row[0] for row in cells(read_xlsx(HOMES, tmp_path / "h.xlsx"))] == ["甲", "乙"]


def test_mixed_file_is_read_by_its_bytes(tmp_path: Path) -> None:
    """The beginning decides the encoding; a gb18030 file whose first block is plain ASCII follows its contract."""
    feed = replace(TWO, columns=(column("a", "a"), column("b", "b")), encoding="gb18030")
    path = tmp_path / "x.csv"
    path.write_bytes(csv_bytes([{"a": "x" * 100, "b": "y"}] * 3000 + [{"a": "王", "b": "明"}], "gb18030", header=["a", "b"]))
    assert cells(read_csv(feed, path, 100_000))[-1] == ("王", "明")
