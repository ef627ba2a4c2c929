"""Samples that are wrong or hostile: exchanged columns, another department's layout, no header, no rows; and any bytes at all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.drafting import Draft, written
from contracts.drafting.errors import NotACode
from contracts.errors import CabinError
from contracts.read import load
from tests.streams.landing.draft_kit import SAMPLES, draft, told

QUICK = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
HEADERS = [word for feed in load().feeds.values() for column in feed.columns for word in (column.header,)]
SECRET = "密"
"""Stands in every cell, and in nothing else that a draft may hold."""


def sample(folder: Path, text: str, name: str = "sample.csv", encoding: str = "utf-8") -> Path:
    file = folder / name
    file.write_bytes(text.encode(encoding))
    return file


def exchanged(feed: str, first: str, second: str) -> str:
    """The sample of a known feed with the values of two columns exchanged under their headers."""
    header, *rows = [line.split(",") for line in SAMPLES[feed].read_text("gb18030").splitlines()]
    a, b = header.index(first), header.index(second)
    for row in rows:
        row[a], row[b] = row[b], row[a]
    return "".join(",".join(row) + "\r\n" for row in [header, *rows])


def everything(made: Draft) -> str:
    """All that a person may see of a draft."""
    told_of = [each.about + each.text.zh + each.text.en for each in made.findings] + [each.at + each.text.zh + each.text.en for each in made.questions]
    return "\n".join([*told_of, written(made), repr(made)])


@pytest.mark.parametrize(("first", "second"), [("证件号码", "姓名"), ("姓名", "更新时间"), ("证件号码", "出生日期"), ("现住地址", "登记日期")])
def test_exchanged_columns_are_noticed_and_asked(tmp_path: Path, first: str, second: str) -> None:
    """Both columns have a question that names the other or what their values are, and neither has a type until somebody answers; numbers of persons stay identifiers."""
    made = draft(sample(tmp_path, exchanged("ps_resident", first, second)), told("ps_resident"))
    waiting = {column.header for column in made.columns if column.type is None}
    asked = " ".join(question.text.en for question in made.questions if "unknown-value physicalType" in question.problems)
    assert waiting and waiting <= {first, second} and all(header in asked for header in waiting)
    assert "exchanged" in asked or "the header says" in asked
    numbers = next(column for column in made.columns if column.header == (second if first == "证件号码" else "证件号码"))
    assert numbers.classification == "identifier" and numbers.properties["identifier"] == "subject"


def test_another_departments_layout_is_recognised(tmp_path: Path) -> None:
    """A feed's layout with two columns fewer, in another order, is said to be that feed's, with how many of its columns; the question names the feed to land it by."""
    header, *rows = [line.split(",") for line in SAMPLES["mr_business"].read_text("gb18030").splitlines()]
    text = "".join(",".join(reversed(row[:-2])) + "\n" for row in [header, *rows])
    made = draft(sample(tmp_path, text, encoding="gb18030"), told("mr_business"))
    assert (made.likeness[0].feed, made.likeness[0].shared, made.likeness[0].columns) == ("mr_business", 9, 11)
    assert any("cabin land mr_business" in question.text.en and "9 of 11 columns" in question.text.en for question in made.questions)


def test_banned_columns_are_left_out_and_named_with_their_rule(tmp_path: Path) -> None:
    """Nothing of a banned column is in the draft but its header in a question, with the rule and what is permitted instead."""
    text = "姓名,民族,社区矫正情况,登记日期\n" + "".join(f"{SECRET}甲{row},汉,{SECRET}刑满,2026-01-0{row + 1}\n" for row in range(6))
    made = draft(sample(tmp_path, text), told("x"))
    assert made.sample.banned == (("民族", "belief"), ("社区矫正情况", "offence"))
    assert [column.header for column in made.columns] == ["姓名", "登记日期"]
    assert all(any(header in question.text.zh and "整批拒收" in question.text.zh for question in made.questions) for header in ("民族", "社区矫正情况"))
    assert SECRET not in everything(made)


def test_codes_are_written_only_for_columns_a_person_names(tmp_path: Path) -> None:
    """Few short values stay unsaid; named with `codes` they become a rule, unless the column is about a person or its words are banned."""
    text = "箱体编号,使用状态,姓名,类别,检查时间\n" + "".join(
        f"KX{row:03},{'使用' if row % 3 else '故障'},王{'甲乙'[row % 2]},{'吸毒人员' if row % 2 else '无'},2026-10-01 08:{row:02}:00\n" for row in range(12)
    )
    file, about = sample(tmp_path, text), told("locker")
    assert "故障" not in everything(draft(file, about))
    assert "state in" not in everything(draft(file, about)) and "('使用', '故障')" in written(draft(file, replace(about, codes=("使用状态",))))
    for header in ("姓名", "类别", "不存在"):
        with pytest.raises(NotACode):
            draft(file, replace(about, codes=(header,)))


WRONG = {
    "nothing": (b"", ".csv", "empty-delivery"),
    "blanks": (b"  \r\n \r\n", ".csv", "empty-delivery"),
    "binary": (bytes(range(256)) * 4, ".csv", "sample-unreadable"),
    "bytes of no encoding": (b"\xff\xfe\xfd\xfc,\xff\n\xff,\xff\n" * 9, ".csv", "sample-unreadable"),
    "only a header": ("姓名,性别,出生日期\n".encode(), ".csv", "sample-without-rows"),
    "no header": ("王甲,男,1990-01-01\n李乙,女,1991-02-02\n".encode(), ".csv", "sample-without-header"),
    "no header and one column of numbers, whose first is missing": (
        "王甲,解放街,无\n李乙,人民路,13\n张丙,望江路,15\n".encode(),
        ".csv",
        "sample-without-header",
    ),
    "one column of numbers": (b"13800138000\n13800138001\n", ".csv", "sample-without-header"),
    "semicolons": ("姓名;性别;出生日期\n甲;1;1990-01-01\n".encode(), ".csv", "wrong-delimiter"),
    "no workbook": (b"PK\x03\x04 not a workbook", ".xlsx", "broken-workbook"),
    "no JSON": ("姓名: 甲\n".encode(), ".jsonl", "broken-json"),
    "a list in a cell": ('{"姓名": ["甲"], "性别": "1"}\n'.encode(), ".jsonl", "broken-json"),
    "another sort of file": (b"x", ".doc", "unknown-format"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_samples_are_refused_in_words(tmp_path: Path, name: str) -> None:
    """One error with a stable code, a fact and a hint in both languages, none of which holds a cell."""
    content, suffix, code = WRONG[name]
    file = tmp_path / f"sample{suffix}"
    file.write_bytes(content)
    with pytest.raises(CabinError) as raised:
        draft(file, told("x"))
    assert raised.value.code == code
    for lang in ("zh", "en"):
        assert all(text and "王甲" not in text and "13800138000" not in text for text in raised.value.render(lang))


def test_a_word_that_is_known_and_one_column_of_numbers_are_a_header(tmp_path: Path) -> None:
    """Of four headers one is known, and only below it there are numbers: it names columns all the same."""
    made = draft(sample(tmp_path, "甲栏,乙栏,登记日期,丙栏\n东,上,2026-01-02,左\n西,下,2026-01-03,右\n"), told("x"))
    assert [column.header for column in made.columns] == ["甲栏", "乙栏", "登记日期", "丙栏"]


def test_one_column_is_enough(tmp_path: Path) -> None:
    """A list of credit codes alone is read: a business each, and what is missing is asked."""
    made = draft(sample(tmp_path, "统一社会信用代码\n91110000600037341L\n91110108551385082Q\n"), told("codes"))
    assert [column.role for column in made.columns] == ["credit"]
    assert any(question.problems for question in made.questions)


@QUICK
@given(content=st.binary(max_size=300), suffix=st.sampled_from([".csv", ".xlsx", ".jsonl", ".json", ".tsv"]))
def test_no_bytes_crash_it(tmp_path_factory: pytest.TempPathFactory, content: bytes, suffix: str) -> None:
    """Whatever a file holds, there is a draft or an error in words."""
    file = tmp_path_factory.mktemp("bytes") / f"sample{suffix}"
    file.write_bytes(content)
    try:
        said = written(draft(file, told("x")))
    except CabinError as error:
        said = "".join(error.render("zh") + error.render("en"))
    assert said


CELLS = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters=',"'), max_size=12).map(lambda text: f"{SECRET}{text}") | st.sampled_from(
    ["", "1", "2026-01-01", "44802", "1e9", "330302197001010014", "13800138000", "是"]
)


@QUICK
@given(data=st.data(), headers=st.lists(st.sampled_from(HEADERS), min_size=2, max_size=6, unique=True))
def test_no_table_crashes_it_and_no_cell_is_told(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, headers: list[str]) -> None:
    """Any cells below known headers give a draft, in which no cell stands, neither in the contract nor in a finding, a question or its representation."""
    rows = data.draw(st.lists(st.lists(CELLS, min_size=len(headers), max_size=len(headers)), min_size=1, max_size=6))
    text = "\n".join(",".join(row) for row in [headers, *rows]) + "\n"
    file = tmp_path_factory.mktemp("table") / "sample.csv"
    file.write_bytes(text.encode())
    try:
        seen = everything(draft(file, told("x")))
    except CabinError as error:
        seen = "".join(error.render("zh") + error.render("en"))
    assert SECRET not in seen and "330302197001010014" not in seen and "13800138000" not in seen


def test_words_of_a_known_list_are_matched_and_digits_are_asked(tmp_path: Path) -> None:
    """Labels of one list name it, yes and no are a boolean; digits that fit several lists are a question with their names, and no list."""
    rows = [(("正常", "故障")[row % 2], "123"[row % 3], "是否"[row % 2], f"2026-03-0{row % 9 + 1}") for row in range(12)]
    made = draft(sample(tmp_path, "设施好坏,级次,带锁,日期\n" + "".join(",".join(row) + "\n" for row in rows)), told("x"))
    types = {column.header: (column.type, column.properties.get("code_list")) for column in made.columns}
    assert types["设施好坏"] == ("code", "thing_status") and types["带锁"] == ("boolean", None)
    asked = [question.text.en for question in made.questions if "级次" in question.text.en and "codes of a list" in question.text.en]
    assert types["级次"][1] is None and len(asked) == 1 and "priority" in asked[0]
