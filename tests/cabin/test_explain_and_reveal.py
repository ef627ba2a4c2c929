"""Why a value is what it is, what stands behind its mask, and who looked: `cabin explain`, `reveal` and `access`."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.cabin.kit import District, cabin, done
from tests.cabin.test_commands import LANGUAGES, refused


def person_named(data: Path) -> str:
    query = "select entity from person_current where name is not null order by entity limit 1"
    return str(done(data, "--json", "sql", query).document["rows"][0]["entity"])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_explain_tells_every_attribute(small_cabin: Path, lang: str) -> None:
    """Each attribute with value, status, rule, who says what since when, the origin and what would change it; names masked."""
    person = person_named(small_cabin)
    document = done(small_cabin, "--json", "explain", "person", person).document
    text = cabin(small_cabin, "explain", "person", person, lang=lang)
    assert document["entity"] == person and {"name", "sex", "present"} <= {unit["attribute"] for unit in document["units"]}
    assert re.search(r"[\u4e00-\u9fff]\*", text.out)
    for unit in document["units"]:
        assert unit["attribute"] in text.out and unit["rule"]["why"][lang] in text.out and unit["change"][lang] in text.out
        assert (unit["shown"] or {lang: "-"})[lang] in text.out
    name = next(unit for unit in document["units"] if unit["attribute"] == "name")
    assert name["change"]["en"].startswith("a correction request to police station") and name["change"]["zh"].startswith("向公安派出所提交更正申请")
    said = name["said"]
    assert said and all(f"{each['source']}:{each['delivery']}:{each['row']}" in text.out for each in said)


def test_reveal_shows_the_value_and_records_who_and_why(small_cabin: Path, district: District, tmp_path: Path) -> None:
    """The full name and number come out, are the delivered ones, and each look is in the ledger before; the ledger holds no value."""
    from cabin.ledger import ACCESS
    from streams.log import EmbeddedLog

    data = shutil.copytree(small_cabin, tmp_path / "data")
    person = person_named(data)
    name, number = (done(data, "--json", "reveal", "person", person, what, "--purpose", "训练").document["value"] for what in ("name", "number"))
    delivered = next(each.file for each in district.manifest.deliveries if each.feed == "ps_resident").read_text("gb18030")
    assert f",{number},{name}," in delivered
    with EmbeddedLog.open(data / "log.sqlite") as log:
        entries = [stored.message.value.decode() for stored in log.read(ACCESS, 0, 0)]
    assert [json.loads(entry)["attribute"] for entry in entries] == ["name", "number"]
    assert all(json.loads(entry)["viewer"] == "tester" and json.loads(entry)["purpose"] == "训练" for entry in entries)
    assert not any(value in entry for entry in entries for value in (name, number))
    listed = done(data, "--json", "access").document["accesses"]
    assert [(each["viewer"], each["entity"], each["attribute"], each["purpose"]) for each in listed] == [
        ("tester", person, what, "训练") for what in ("number", "name")
    ]
    assert done(data, "--json", "access", "--viewer", "nobody").document["accesses"] == []
    assert "查看人" in cabin(data, "access", lang="zh").out and "tester" in cabin(data, "access", "--entity", person).out


def test_reveal_names_the_attributes_and_records_nothing_that_was_not_shown(small_cabin: Path, tmp_path: Path) -> None:
    """An attribute that does not exist is told from a value that is not there; neither leaves an entry in the ledger."""
    data = shutil.copytree(small_cabin, tmp_path / "data")
    person = person_named(data)
    wrong = cabin(data, "reveal", "person", person, "dragon", "--purpose", "训练")
    assert "birth_year" in refused(wrong, 2, "en")[1] and "number" in wrong.err
    query = "select entity from person_current where deregistered_on is null order by entity limit 1"
    nobody = done(data, "--json", "sql", query).document["rows"][0]["entity"]
    assert cabin(data, "--json", "reveal", "person", nobody, "deregistered_on", "--purpose", "训练").document["error"]["code"] == "not-revealable"
    assert done(data, "--json", "access").document["accesses"] == []


VISITED_AT = "2026-11-01 10:00:00"


def visit_row(number: int, **more: str | None) -> dict[str, str | None]:
    """One row of a visit as an officer's device pushes it."""
    names = [
        "走访编号",
        "房屋地址",
        "走访时间",
        "走访人工号",
        "事件",
        "对象类型",
        "对象编号",
        "字段",
        "结果",
        "核实值",
        "依据",
        "名册类型",
        "未识别人数",
        "已见版本",
        "设备时钟",
    ]
    common = {
        "走访编号": f"ZF99{number:08d}",
        "走访时间": VISITED_AT,
        "走访人工号": "W200001",
        "事件": "核实",
        "结果": "更正",
        "依据": "现场",
        "设备时钟": VISITED_AT,
    }
    return {**dict.fromkeys(names), **common, **more}


def test_findings_are_revealed_and_explained(small_cabin: Path, district: District, tmp_path: Path) -> None:
    """A leased telephone and one found by a visit come out as numbers, not as tokens; a dwelling known from visits alone tells every attribute and both officers."""
    data = shutil.copytree(small_cabin, tmp_path / "data")
    person = str(done(data, "--json", "sql", "select entity from person_current where phone is not null order by entity limit 1").document["rows"][0]["entity"])
    leased, number = (done(data, "--json", "reveal", "person", person, what, "--purpose", "训练").document["value"] for what in ("phone", "number"))
    assert re.fullmatch("1[3-9][0-9]{9}", leased)
    home, found = "浙江省温州市鹿城区五马街道八仙楼社区解放街977号3幢2单元501室", "13800000017"
    rows = [
        visit_row(1, 房屋地址=home, 对象类型="人", 对象编号=number, 字段="phone", 核实值=found),
        visit_row(2, 房屋地址=home, 字段="use", 核实值="1"),
        visit_row(3, 房屋地址=home, 字段="use", 核实值="2", 走访人工号="W200002", 走访时间="2026-11-01 11:00:00"),
    ]
    file = tmp_path / "visit.jsonl"
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    done(data, "land", "visit", str(file), "--mode", "increment")
    done(data, "run")
    assert done(data, "--json", "reveal", "person", person, "phone", "--purpose", "训练").document["value"] == found
    dwelling = "330302006071/解放街/977/3/2/501"
    units = {unit["attribute"]: unit for unit in done(data, "--json", "explain", "dwelling", dwelling).document["units"]}
    assert {"present", "address", "use", "point"} <= set(units) and units["use"]["status"] == "disputed"
    assert [(each["state"], each["value"], each["actor"], each["evidence"]) for each in units["use"]["found"]] == [
        ("holds", "2", "W200002", "seen_on_site"),
        ("older", "1", "W200001", "seen_on_site"),
    ]
    text = done(data, "explain", "dwelling", dwelling).out
    assert all(f"\n{name} = " in text for name in units) and "officer W200002, evidence seen on site" in text
