"""One dwelling under two names: the police list and a visit call it by its old house number, the leases by the new one; the registry knows both."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tests.cabin.kit import done

PLACE = "浙江省温州市鹿城区五马街道八仙楼社区"
OLD, NEW = "330302006071/解放街/12/3/2/501", "330302006071/解放街/18/3/2/501"
FEEDS = ("ps_resident", "rental", "std_address", "visit")
CODES = {"12": "DZ-A", "18": "DZ-B"}
"""The registry's codes of the two."""


def address(number: str) -> str:
    return f"{PLACE}解放街{number}号3幢2单元501室"


def registered(number: str, at: str, status: str = "1", into: str | None = None, code: str | None = None) -> dict[str, Any]:
    """A row of the registry about the room under a house number."""
    return {
        "地址编码": code or CODES[number], "上级编码": into or f"{CODES[number]}-003", "省": "浙江省", "市": "温州市", "县": "鹿城区", "乡镇街道": "五马街道",
        "社区村": "八仙楼社区", "街路巷": "解放街", "门牌号": f"{number}号", "楼栋": "3幢", "单元": "2单元", "楼层": "5", "房号": "501室", "状态": status, "生效时间": f"{at} 08:00:00",
    }  # fmt: skip


def number_of(serial: int) -> str:
    """An invented identity number of a division that delivers none."""
    body = f"33030219800101{serial:03d}"
    return body + check(body)


def check(body: str) -> str:
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True)) % 11]


def deliveries(folder: Path, number: str = "12") -> list[tuple[str, Path]]:
    """Two residents and a visit with findings and a roster under the house `number`; a tenant under 18; the registry has both rooms."""
    folder.mkdir(parents=True, exist_ok=True)
    residents = [
        {"人员编号": f"RY{serial}", "证件类型": "10", "证件号码": number_of(serial), "姓名": name, "性别": "1", "出生日期": "1980-01-01", "户籍区划": "330302", "现住地址": address(number),
         "居住类型": "1", "居住状态": "1", "与产权人关系": "1", "登记日期": "2020-03-04", "更新时间": "2026-02-01 08:00:00", "操作标志": "I"}
        for serial, name in ((11, "王甲"), (13, "王乙"))
    ]  # fmt: skip
    lease = {
        "合同编号": "HT1", "房屋地址": address("18"), "出租人证件号": number_of(11), "承租人证件号": number_of(15), "同住人数": 0, "起租日期": "2026-01-01",
        "终止日期": "2027-12-31", "状态": "1", "推送时间": "2026-02-02 10:00:00",
    }  # fmt: skip
    seen = {"走访编号": "ZF1", "房屋地址": address(number), "走访人工号": "W1", "对象类型": "房屋"}
    link = {"对象类型": "人房关系", "名册类型": "完整"}
    visit = [
        {**seen, "事件": "核实", "字段": "use", "结果": "更正", "核实值": "02", "走访时间": "2026-03-01 10:01:00"},
        {**seen, "事件": "核实", "字段": "occupancy", "结果": "更正", "核实值": "vacant", "走访时间": "2026-03-01 10:02:00"},
        {**seen, **link, "事件": "名册", "对象编号": number_of(11), "未识别人数": 0, "走访时间": "2026-03-01 10:03:00"},
        {**seen, **link, "事件": "名册", "对象编号": number_of(15), "未识别人数": 0, "走访时间": "2026-03-01 10:03:00"},
        {
            **seen,
            **link,
            "事件": "核实",
            "对象编号": number_of(11),
            "字段": "residence_status",
            "结果": "更正",
            "核实值": "2",
            "走访时间": "2026-03-01 10:04:00",
        },
        {**seen, "事件": "结束", "核实值": "完成", "走访时间": "2026-03-01 10:10:00"},
        {
            **seen,
            "房屋地址": address("18"),
            "走访人工号": "W2",
            "事件": "复核",
            "字段": "use",
            "结果": "更正",
            "走访时间": "2026-03-02 10:00:00",
            "已见版本": "0",
        },
    ]
    rooms = [registered(number, "2026-01-10", code="DZ-A"), registered("18", "2026-01-10")]
    text = io.StringIO()
    writer = csv.DictWriter(text, list(residents[0]))
    writer.writeheader()
    writer.writerows(residents)
    (folder / "ps_resident.csv").write_bytes(text.getvalue().encode("gb18030"))
    for feed, rows in (("rental", [lease]), ("visit", visit), ("std_address", rooms)):
        (folder / f"{feed}.jsonl").write_bytes(lines(rows))
    return [("ps_resident", folder / "ps_resident.csv"), *((feed, folder / f"{feed}.jsonl") for feed in ("rental", "visit", "std_address"))]


def lines(rows: Iterable[Mapping[str, Any]]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def land(data: Path, feed: str, file: Path) -> None:
    done(data, "land", feed, str(file), "--mode", "increment")


def land_all(data: Path, folder: Path, number: str = "12") -> None:
    for feed, file in deliveries(folder, number):
        land(data, feed, file)


def registry(data: Path, folder: Path, name: str, *rows: Mapping[str, Any]) -> None:
    """Lands one push of the registry."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}.jsonl"
    file.write_bytes(lines(rows))
    land(data, "std_address", file)


def merged(data: Path, folder: Path, number: str = "12") -> None:
    """The registry merges the old room into the new one."""
    registry(data, folder, "merged", registered(number, "2026-04-01", "3", into=CODES["18"], code="DZ-A"))


def sql(data: Path, query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = done(data, "--json", "sql", query).document["rows"]
    return found
