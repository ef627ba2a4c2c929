"""Banned values and names where a contract expects codes: through the real contracts, from a file to everything a cabin leaves behind."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from contracts.topics import RELEASES
from tests.cabin.kit import District, done
from tests.cabin.test_explain_and_reveal import visit_row
from tests.faults.test_leaks import CLEAR_TOPICS, decoded, files, texts

HOME = "浙江省温州市鹿城区五马街道八仙楼社区解放街12号3幢2单元501室"
NAME = "王大明"
BANNED = {
    "户籍区划": "精神病",
    "操作标志": "重点人员七九",
    "地址编码": "吸毒人员",
    "证件类型": "中共党员",
    "人员编号": "逃犯A01",
    "登记日期": "浙C12345",
    "居住类型": "犯罪嫌疑人七九",
}
"""Cells of `ps_resident` that declare a code or a day; none is a word of a contract, whose texts the log holds too."""


@pytest.fixture(scope="module")
def resident(district: District) -> dict[str, str]:
    """A clean row about an adult."""
    file = next(each.file for each in district.manifest.deliveries if each.feed == "ps_resident" and each.rows >= 100)
    header, *lines = file.read_text("gb18030").splitlines()
    rows = (dict(zip(header.split(","), line.split(","), strict=True)) for line in lines)
    return next(row for row in rows if row["证件类型"] == "10" and "1950" < row["出生日期"] < "2000" and row["地址编码"])


def clear(data: Path) -> str:
    """All that stands in clear in a data folder: bytes of its files, and messages decoded."""
    return "\n".join([*(text for file in files(data) for text in texts(file)), *decoded(data).values()])


def test_nothing_of_a_banned_value_is_stored(resident: Mapping[str, str], tmp_path: Path) -> None:
    """A diagnosis, a list of persons, a belief or a plate refuses the row in whichever column it stands; the row without it lands."""
    rows = [dict(resident), *({**resident, header: value} for header, value in BANNED.items())]
    file, data = tmp_path / "rows.csv", tmp_path / "data"
    file.write_bytes("\r\n".join([",".join(resident), *(",".join(row.values()) for row in rows), ""]).encode("gb18030"))
    report = done(data, "--json", "land", "ps_resident", str(file), "--mode", "increment")
    done(data, "run")
    left = clear(data)
    assert resident["人员编号"] in left
    assert [value for value in BANNED.values() if value in left or value in report.out] == []
    assert report.document["landed"][0]["refused"] == len(BANNED)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cabin that heard from an officer who writes a name wherever a value is asked for, and a diagnosis as the reason of a visit."""
    folder = tmp_path_factory.mktemp("visits")
    rows = [
        visit_row(1, 房屋地址=HOME, 事件="计划", 结果=None, 核实值="王小明患精神病"),
        visit_row(2, 房屋地址=HOME, 事件="计划", 结果=None, 核实值=NAME),
        visit_row(3, 房屋地址=HOME, 事件="计划", 结果=None, 核实值="task"),
        visit_row(4, 房屋地址=HOME, 字段="use", 核实值=NAME),
        visit_row(5, 房屋地址=HOME, 事件="结束", 结果=None, 核实值=NAME),
        visit_row(6, 房屋地址=HOME, 事件="敲门", 核实值=NAME),
    ]
    (folder / "visit.jsonl").write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    done(folder / "data", "land", "visit", str(folder / "visit.jsonl"), "--mode", "increment")
    done(folder / "data", "run")
    return folder / "data"


def test_what_an_officer_writes_is_sealed(told: Path) -> None:
    """Neither the address nor a value that is none stands in clear on raw, in quarantine or in what is told about rows; the diagnosis is nowhere."""
    messages = decoded(told)
    assert {
        topic: found for topic, text in messages.items() if (found := [word for word in (NAME, "解放街12号") if word in text]) and topic not in CLEAR_TOPICS
    } == {}
    assert {topic for topic, text in messages.items() if "解放街" in text and topic != RELEASES} == {"cabin.claims"}
    assert "王小明" not in clear(told)


def test_the_reason_of_a_visit_is_a_code(told: Path) -> None:
    """Another reason becomes blank; the visit stays planned, and the feed's account says that it happened."""
    claims = decoded(told)["cabin.claims"].split()
    assert NAME not in claims and "task" in claims
    assert {f"ZF99{number:08d}" for number in (2, 3)} <= set(claims)
    assert "reason-unknown" in decoded(told)["cabin.outcomes"]


def test_quarantined_visits_show_no_name(told: Path) -> None:
    """`cabin quarantine show` tells the reason and the codes of the row; what the officer wrote stays sealed."""
    listed = done(told, "--json", "quarantine", "list").document["rows"]
    assert {row["reason"] for row in listed} == {"value-unknown", "close-unknown", "event-unknown"}
    for row in listed:
        shown = done(told, "quarantine", "show", row["delivery"], str(row["row"]))
        assert "走访编号" in shown.out and NAME not in shown.out and "解放街" not in shown.out
