"""Visits from the officer's file to the marts: verifications, amendments, requests and rosters do what they say."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.cabin.kit import done

HOME = "浙江省温州市鹿城区五马街道八仙楼社区解放街12号3幢2单元501室"
WANG, LI = "330302197001010014", "331022199001010013"
RESIDENTS = f"""人员编号,证件类型,证件号码,姓名,性别,出生日期,户籍区划,现住地址,地址编码,居住类型,居住状态,与产权人关系,登记日期,更新时间,操作标志
RY00000001,10,{WANG},王建军,1,1970-01-01,330302,{HOME},DZ-1,01,1,1,2010-03-04,2026-03-01 08:00:00,I
RY00000002,10,{LI},李芳,1,1990-01-01,331022,{HOME},DZ-1,02,2,3,2022-08-09,2026-03-01 08:00:01,I
"""
LEASE = {
    "合同编号": "HT1", "房屋地址": HOME, "出租人证件号": WANG, "承租人证件号": LI, "同住人数": 3, "起租日期": "2026-01-01", "终止日期": "2026-12-31", "状态": "1",
    "推送时间": "2026-01-01 10:00:00",
}  # fmt: skip


def event(visit: str, actor: str, day: int, what: str, **cells: Any) -> dict[str, Any]:
    at = f"2026-05-{day:02d} 10:00:00"
    return {"走访编号": visit, "房屋地址": HOME, "走访时间": at, "走访人工号": actor, "事件": what, "对象类型": "房屋", "设备时钟": at, **cells}


VISITED = [
    event("V1", "a", 1, "核实", 字段="tenure", 结果="更正", 核实值="1"),
    event("V1", "a", 1, "核实", 字段="occupancy", 结果="更正", 核实值="vacant"),
    event("V1", "a", 1, "核实", 对象类型="人", 对象编号=WANG, 字段="name", 结果="更正", 核实值="王建君"),
    event("V1", "a", 1, "名册", 对象类型="人", 对象编号=WANG, 名册类型="完整", 未识别人数=0),
]
JUDGED = [
    event("V2", "b", 9, "复核", 字段="tenure", 结果="更正", 已见版本="V1#0"),
    event("V2", "b", 9, "复核", 字段="roster", 结果="更正", 已见版本="V1#0"),
    event("V3", "a", 1, "更正", 字段="occupancy", 结果="更正", 核实值="occupied", 已见版本="V1#0"),
    event("V3", "a", 1, "更正", 对象类型="人", 对象编号=WANG, 字段="name", 结果="属实", 核实值="王建军", 已见版本="V1#0"),
]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The household after the visit, and after others judged it and its officer amended it; the second run publishes by change."""
    folder = tmp_path_factory.mktemp("visits")
    (folder / "residents.csv").write_bytes(RESIDENTS.encode("gb18030"))
    done(folder / "data", "land", "ps_resident", str(folder / "residents.csv"), "--mode", "increment")
    return landed(folder, "rental", [LEASE]) and landed(folder, "visit", VISITED, run=True), landed(folder, "visit", JUDGED, run=True)


def landed(folder: Path, feed: str, rows: list[dict[str, Any]], run: bool = False) -> Mapping[str, Any]:
    file = folder / f"{feed}{len(list(folder.iterdir()))}.jsonl"
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    done(folder / "data", "land", feed, str(file), "--mode", "increment")
    if not run:
        return {"landed": file}
    done(folder / "data", "run")
    home = asked(folder / "data", "select * from dwelling_current")[0]
    requests = asked(folder / "data", "select * from discrepancy where why = 'visit_requests' order by source")
    bands = asked(folder / "data", "select * from discrepancy where attribute = 'people_band'")
    stays = asked(folder / "data", "select entity from residency_current where present")
    return {"home": home, "requests": requests, "bands": bands, "stays": len(stays)}


def asked(data: Path, query: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = done(data, "--json", "sql", query).document["rows"]
    return rows


def test_a_disagreeing_verification_takes_the_finding_back(told: tuple[Mapping[str, Any], Mapping[str, Any]]) -> None:
    """Another officer's row that names `V1#0` makes that version never-made: the department's value stands again."""
    before, after = (each["home"] for each in told)
    assert (before["tenure"], before["tenure__status"]) == ("1", "corrected")
    assert (after["tenure"], after["tenure__status"], after["tenure__finding"]) == ("2", "single", None)


def test_a_complete_roster_counts_people(told: tuple[Mapping[str, Any], Mapping[str, Any]]) -> None:
    """One person listed against a lease of four: the band follows, the tenant's stay ends; both come back when the roster is refuted, also by its visit and counter."""
    before, after = told
    assert (before["home"]["people_band"], before["home"]["people_band__status"], before["stays"]) == ("1", "corrected", 1)
    assert before["home"]["people_band__finding"].endswith(":roster#0")
    assert (after["home"]["people_band"], after["home"]["people_band__status"], after["stays"]) == ("3-5", "single", 2)
    (differing,) = before["bands"]
    assert (differing["claimed"], differing["golden"], differing["why"], after["bands"]) == ("3-5", "1", "refuted_by_visit", [])


def test_an_amendment_under_another_number_replaces_the_value(told: tuple[Mapping[str, Any], Mapping[str, Any]]) -> None:
    """A row of visit V3 that amends `V1#0` becomes the next version of V1's finding, not a finding of its own."""
    before, after = (each["home"] for each in told)
    assert (before["occupancy"], after["occupancy"], after["occupancy__status"]) == ("vacant", "occupied", "verified")
    assert after["occupancy__finding"] == before["occupancy__finding"].removesuffix("#0") + "#1"


def test_a_name_found_otherwise_is_asked_of_its_department(told: tuple[Mapping[str, Any], Mapping[str, Any]]) -> None:
    """No golden name changes; whoever claims the old one is asked, with names masked, until the officer takes it back."""
    before, after = told
    (request,) = before["requests"]
    assert (request["kind"], request["attribute"], request["source"]) == ("person", "name", "ps_resident")
    assert (request["claimed"], request["requested"], request["requested_at"][:10]) == ("王**", "王**", "2026-05-01")
    assert after["requests"] == []
