"""The demo district: same seed same bytes, every file opens as its department writes it, the numbers check, the truth fits the deliveries."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from python_calamine import CalamineWorkbook

from cabin.demo.devices import OWNERS
from cabin.demo.divisions import townships, villages
from cabin.demo.errors import TooFewPeople
from cabin.demo.generate import Delivered, Manifest, generate

PEOPLE = 3_000
HEADERS = {
    "ps_resident": "人员编号,证件类型,证件号码,姓名,性别,出生日期,户籍区划,现住地址,地址编码,居住类型,居住状态,与产权人关系,登记日期,更新时间,操作标志",
    "std_address": "地址编码,上级编码,省,市,县,乡镇街道,社区村,街路巷,小区,门牌号,楼栋,单元,楼层,房号,经度,纬度,坐标系,状态,生效时间",
    "ca_deregister": "证件号码,注销日期,登记单位区划",
    "ho_dwelling": "楼盘名称,楼幢号,单元号,房号,建筑面积(㎡),房屋用途,产权性质,总层数,所在层,竣工年份,坐落",
    "rental": "合同编号,房屋地址,出租人证件号,承租人证件号,承租人电话,同住人数,起租日期,终止日期,状态,推送时间",
    "mr_business": "统一社会信用代码,主体名称,主体类型,行业代码,行业门类,登记机关,住所,经营场所,成立日期,经营状态,核准日期",
    "venue": "场所名称,场所类别,许可证号,经营者信用代码,地址,核定人数,营业状态,营业时间",
    "grid_event": "事件编号,网格编码,事件类别,子类,发生地址,上报时间,上报人工号,优先级,状态,办结时间,涉及人数",
    "thing_device": "序号,设备编号,权属类别,安装位置,经度,纬度,状态,建成日期",
    "fire_hazard": "检查编号,检查日期,对象类型,对象代码,对象名称,地址,隐患类别,隐患数,整改期限,整改结果",
    "division": "统计用区划代码,名称,上级代码,城乡分类代码,网格编码,网格名称,启用日期,停用日期",
    "task_exchange": "任务编号,来源,任务类型,对象类型,对象编码,派发时间,时限,接收人工号,状态,反馈时间,反馈结果,核查人工号,对象地址,状态时间,协作单位",
    "visit": "走访编号,房屋地址,走访时间,走访人工号,事件,对象类型,对象编号,字段,结果,核实值,依据,名册类型,未识别人数,已见版本,设备时钟",
}
GB18030 = {"ps_resident", "ca_deregister", "mr_business"}


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    return generate(tmp_path_factory.mktemp("district"), PEOPLE, seed=7)


def rows_of(delivered: Delivered) -> tuple[list[str], list[dict[str, str]]]:
    """Header and data rows of a delivered file, read independently of the code that wrote it."""
    if delivered.file.suffix == ".jsonl":
        objects = [json.loads(line) for line in delivered.file.read_bytes().decode("utf-8").splitlines()]
        return list(objects[0]), [{name: "" if value is None else str(value) for name, value in row.items()} for row in objects]
    if delivered.file.suffix == ".xlsx":
        sheet = CalamineWorkbook.from_path(str(delivered.file)).get_sheet_by_index(0).to_python()
        header = [str(cell) for cell in sheet[2]]
        return header, [dict(zip(header, map(str, row), strict=True)) for row in sheet[3:] if row[0] != "合计"]
    lines = delivered.file.read_bytes().decode("gb18030" if delivered.feed in GB18030 else "utf-8").split("\r\n")
    assert lines.pop() == ""
    header = lines[0].split(",")
    return header, [dict(zip(header, line.split(","), strict=True)) for line in lines[1:]]


def all_rows(district: Manifest, feed: str) -> Iterator[dict[str, str]]:
    for delivered in district.deliveries:
        if delivered.feed == feed:
            yield from rows_of(delivered)[1]


def identity_valid(number: str) -> bool:
    """GB 11643 in plain Python."""
    weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    return "10X98765432"[sum(int(digit) * weight for digit, weight in zip(number[:17], weights, strict=True)) % 11] == number[17]


def credit_valid(code: str) -> bool:
    """GB 32100 and the body's GB 11714 in plain Python."""
    signs = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    check = (31 - sum(signs.index(sign) * 3**place for place, sign in enumerate(code[:17])) % 31) % 31
    body = (11 - sum(int(sign, 36) * weight for sign, weight in zip(code[8:16], [3, 7, 9, 10, 5, 8, 4, 2], strict=True)) % 11) % 11
    return signs[check] == code[17] and "0123456789X"[body] == code[16]


def written(key: str) -> str:
    """The plainest way to write the address behind a dwelling's key."""
    names = {each.code: each.name for each in (*townships(), *villages())}
    code, basic, number, building, unit, room = key.split("/")
    parts = [(number, "号"), (building, "幢"), (unit, "单元"), (room, "室")]
    return f"浙江省温州市鹿城区{names[code[:9]]}{names[code]}{basic}" + "".join(part + word for part, word in parts if part != "-")


def digests(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*") if path.is_file()}


def test_the_same_seed_gives_the_same_bytes(district: Manifest, tmp_path: Path) -> None:
    """Every file, the truth included, is a function of people and seed."""
    generate(tmp_path, PEOPLE, seed=7)
    assert digests(tmp_path) == digests(district.folder)


def test_another_seed_gives_another_district(district: Manifest, tmp_path: Path) -> None:
    """The seed reaches the people."""
    generate(tmp_path, PEOPLE, seed=8)
    assert digests(tmp_path)["truth/person.parquet"] != digests(district.folder)["truth/person.parquet"]


def test_every_file_opens_in_its_encoding_with_the_exact_header(district: Manifest) -> None:
    """Every delivery of every feed has the department's header and as many rows as its manifest says."""
    for delivered in district.deliveries:
        header, rows = rows_of(delivered)
        assert header == HEADERS[delivered.feed].split(","), delivered.file.name
        stated = json.loads(delivered.file.with_name(delivered.file.name + ".manifest.json").read_text(encoding="utf-8"))
        assert len(rows) == delivered.rows == stated["rows"], delivered.file.name
        assert (stated["feed"], stated["mode"], stated.get("area")) == (delivered.feed, delivered.mode, delivered.area)


def test_all_feeds_deliver_and_snapshots_name_their_area(district: Manifest) -> None:
    """Thirteen feeds; first lists, increments, corrections, withdrawals, and later lists of a part of the district."""
    assert {delivered.feed for delivered in district.deliveries} == set(HEADERS)
    modes = Counter((delivered.feed, delivered.mode) for delivered in district.deliveries)
    assert modes["ps_resident", "snapshot"] == modes["ho_dwelling", "snapshot"] == modes["venue", "snapshot"] == 2
    assert {"increment", "snapshot", "correction", "withdrawal"} <= {mode for _, mode in modes}
    assert all(delivered.area for delivered in district.deliveries if delivered.mode == "snapshot")


def test_one_push_is_sent_a_second_time(district: Manifest) -> None:
    """A re-sent delivery has the same bytes and a later place."""
    pushes = Counter(hashlib.sha256(each.file.read_bytes()).hexdigest() for each in district.deliveries if each.feed == "rental")
    assert sorted(pushes.values())[-1] == 2


def test_nothing_is_dated_outside_the_demo_year(district: Manifest) -> None:
    """Moments do not depend on the wall clock: they lie between January and 20 November 2026."""
    assert all("2026-01-01" <= delivered.moment.isoformat() < "2026-11-21" for delivered in district.deliveries)
    assert [each.file.name for each in district.deliveries] == sorted(each.file.name for each in district.deliveries)


def test_identity_numbers_of_the_truth_check_and_are_unique(district: Manifest) -> None:
    """Check digits, birth dates and sexes agree; no number stands twice."""
    people = pq.read_table(district.truth / "person.parquet").to_pylist()
    assert len({person["number"] for person in people}) == len(people) > PEOPLE
    for person in people:
        number = person["number"]
        assert identity_valid(number)
        assert number[6:14] == person["born"].strftime("%Y%m%d")
        assert (int(number[16]) % 2 == 1) == (person["sex"] == "1")


def test_credit_codes_of_the_truth_check_and_are_unique(district: Manifest) -> None:
    """Both check characters of every code; the registry delivers most of them unharmed."""
    codes = pq.read_table(district.truth / "business.parquet")["entity"].to_pylist()
    assert len(set(codes)) == len(codes)
    assert all(credit_valid(code) for code in codes)
    delivered = [row["统一社会信用代码"].strip() for row in all_rows(district, "mr_business")]
    assert sum(code in set(codes) for code in delivered) / len(delivered) > 0.98


def test_faults_are_rare_and_there(district: Manifest) -> None:
    """A few numbers are full-width, legacy or wrong; more than 99 in 100 are what the truth says."""
    numbers = [row["证件号码"] for row in all_rows(district, "ps_resident")]
    true = set(pq.read_table(district.truth / "person.parquet")["number"].to_pylist())
    assert 0 < sum(number not in true for number in numbers) / len(numbers) < 0.02


def test_the_device_inventory_has_the_real_totals(district: Manifest) -> None:
    """966 + 3065 + 6961 + 4958 = 15950, in the rows and in the total row."""
    listed = next(each for each in district.deliveries if each.feed == "thing_device")
    assert Counter(row["权属类别"] for row in rows_of(listed)[1]) == OWNERS == {"公共高清": 966, "内部单位": 3065, "社会": 6961, "农村小探头": 4958}
    total = CalamineWorkbook.from_path(str(listed.file)).get_sheet_by_index(0).to_python()[-1]
    assert total[:2] == ["合计", "15950"]


def test_the_division_list_is_the_real_one(district: Manifest) -> None:
    """Lucheng's 14 townships and 171 villages, each village with one grid."""
    rows = list(all_rows(district, "division"))
    grids = [row["网格编码"] for row in rows if row["网格编码"]]
    assert (len(townships()), len(villages()), len(rows), len(set(grids))) == (14, 171, 186, 171)
    assert all(row["网格编码"] == row["统计用区划代码"] + "001" for row in rows if row["网格编码"])


def test_a_total_row_states_the_sum_of_the_areas(district: Manifest) -> None:
    """The housing register's total is right, so landing may use it as oracle; titles and merged cells are there."""
    listed = next(each for each in district.deliveries if each.feed == "ho_dwelling")
    sheet = CalamineWorkbook.from_path(str(listed.file)).get_sheet_by_index(0)
    rows = sheet.to_python()
    assert rows[-1][0] == "合计"
    assert rows[-1][4] == pytest.approx(sum(row[4] for row in rows[3:-1] if row[4] != ""))
    assert {first[0] for first, _ in sheet.merged_cell_ranges} >= {0, 1}


def test_people_live_in_dwellings_and_numbers_fit(district: Manifest) -> None:
    """As many links as people asked for; each in a dwelling of the truth; bands count them; nobody lives in a dwelling that is gone."""
    con = duckdb.connect()
    for name in ("residency", "dwelling"):
        con.register(name, pq.read_table(district.truth / f"{name}.parquet"))
    banded = (
        "select count(*) from (select dwelling, count(*) as n from residency group by dwelling) join dwelling on entity = dwelling "
        "where not present or occupancy <> 'occupied' or people_band <> case when n < 3 then n::varchar when n < 6 then '3-5' else '6+' end"
    )
    assert con.sql("select count(*) from residency left join dwelling on entity = dwelling where entity is null").fetchall() == [(0,)]
    assert con.sql(banded).fetchall() == [(0,)]
    assert PEOPLE * 0.995 < con.sql("select count(*) from residency").fetchall()[0][0] <= PEOPLE


def test_the_police_are_right_about_most_and_stale_about_some(district: Manifest) -> None:
    """Of the people listed, most live where the last row says; some moved and were never reported."""
    last = {row["人员编号"]: row for row in all_rows(district, "ps_resident") if int(row["人员编号"][2:]) < 10_000_000}
    homes = dict(zip(*(pq.read_table(district.truth / "residency.parquet")[name].to_pylist() for name in ("number", "dwelling")), strict=True))
    judged = [(row["现住地址"], homes[row["证件号码"]]) for row in last.values() if row["证件号码"] in homes]
    right = sum(home.split("/")[1] in address for address, home in judged) / len(judged)
    assert 0.88 < right < 0.99


def test_officers_are_right_most_of_the_time(district: Manifest) -> None:
    """Findings, rosters, verifications by others and amendments occur; values found are true in more than nine of ten."""
    rows = list(all_rows(district, "visit"))
    assert {row["事件"] for row in rows} == {"计划", "开始", "核实", "名册", "结束", "复核", "更正"}
    assert {"属实", "更正", "无法核实"} <= {row["结果"] for row in rows if row["事件"] == "核实"} <= {"属实", "更正", "无法核实", "拒绝"}
    assert {row["名册类型"] for row in rows if row["事件"] == "名册"} == {"完整", "部分"}
    dwellings = {written(row["entity"]): row for row in pq.read_table(district.truth / "dwelling.parquet").to_pylist()}
    found = [
        (dwellings[row["房屋地址"]][row["字段"]], row["核实值"])
        for row in rows
        if row["事件"] == "核实" and row["对象类型"] == "房屋" and row["核实值"] and row["房屋地址"] in dwellings
    ]
    assert len(found) > 50
    assert 0.93 < sum(true == value for true, value in found) / len(found) < 1
    visitors = {row["走访编号"]: row["走访人工号"] for row in rows if row["事件"] == "开始"}
    assert all(visitors[row["走访编号"]] != row["走访人工号"] for row in rows if row["事件"] == "复核")
    assert all(visitors[row["走访编号"]] == row["走访人工号"] for row in rows if row["事件"] == "更正")


def test_minors_are_never_named_in_a_roster(district: Manifest) -> None:
    """Rosters list people of 14 and older; younger ones count in the size band only."""
    listed = [row["对象编号"] for row in all_rows(district, "visit") if row["事件"] == "名册" and row["对象编号"]]
    assert listed
    assert max(number[6:14] for number in listed) < "20121120"


def test_planted_identifiers_and_names_are_delivered(district: Manifest) -> None:
    """A thousand of each; every one stands in the police's files, so a leak scan cannot pass for want of them."""
    delivered = "".join(each.file.read_bytes().decode("gb18030") for each in district.deliveries if each.feed == "ps_resident")
    for name in ("planted_identifiers", "planted_names"):
        values = pq.read_table(district.truth / f"{name}.parquet")["value"].to_pylist()
        assert len(set(values)) == len(values) == 1_000
        assert sum(value in delivered for value in values) > 960


def test_too_few_people_are_refused(tmp_path: Path) -> None:
    """The villages need some people; the refusal says how many, in both languages."""
    with pytest.raises(TooFewPeople) as refused:
        generate(tmp_path, 10)
    assert all("1000" in text for text in (*refused.value.render("en"), *refused.value.render("zh")))
