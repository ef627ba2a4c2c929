"""What happens to single rows: refused, reduced, marked; and the accounts that must hold whatever happens."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.model import Classification, Minors
from streams.landing import Declared, land
from tests.streams.landing.kit import (
    HOMES,
    MOMENT,
    OBJECTS,
    PEOPLE,
    arrow_bytes_of,
    closing,
    column,
    identity,
    messages,
    opened,
    people,
    person,
    raw_rows,
    snapshot,
    write_csv,
    write_jsonl,
    write_xlsx,
)

CHILD = {"证件号码": identity("20150601", 2), "出生日期": "2015-06-01"}


def test_banned_value_refuses_the_row_and_leaves_no_trace(tmp_path: Path) -> None:
    """The report names rule and count; the value is nowhere; in a full list the row leaves its key without the refused cell."""
    rows = [person(0), person(1, 工作单位="吸毒人员帮教对象"), person(2, 工作单位="精神病患者"), person(3, 工作单位="精神病医院")]
    with opened(tmp_path) as landing:
        report = land(landing, PEOPLE, write_csv(tmp_path / "people.csv", rows), snapshot(4))
        found, present = raw_rows(landing), raw_rows(landing, kind="raw.presence")
        on_log = arrow_bytes_of(landing)
    assert (report.landed, report.refused, report.unkeyed) == (2, 2, 0)
    assert report.refusals == {"health.mental": 1, "offence.person": 1}
    assert [row["row"] for row in found] == [1, 4]
    assert [(row["row"], row["person_no"]) for row in present] == [(2, "RK000001"), (3, "RK000002")]
    assert all(str(row["number"]).startswith("p") and row["subject"] == row["number"] for row in present)
    assert "work" not in present[0]
    assert set(present[0]["opened"]) == {"address"}  # type: ignore[call-overload]
    assert b"RK000001" in on_log and "吸毒".encode() not in on_log


def test_a_banned_value_is_refused_in_every_column(tmp_path: Path) -> None:
    """Whatever a column declares: record key, code, identity number, telephone, date; nothing of the value is left, in no presence either."""
    cells = {
        "人员编号": "逃犯A01",
        "证件号码": "吸毒人员",
        "性别": "精神病",
        "出生日期": "重点人员",
        "联系电话": "浙C12345",
        "更新时间": "中共党员",
        "现住地址": "犯罪嫌疑人家",
    }
    rows = [person(0), *(person(1 + index, **{name: cell}) for index, (name, cell) in enumerate(cells.items())), person(9, 人员编号="逃犯A02", 性别="佛教")]
    with opened(tmp_path) as landing:
        report = land(landing, PEOPLE, write_csv(tmp_path / "people.csv", rows), snapshot(len(rows)))
        present = {row["row"]: (row["person_no"], row["number"] is not None) for row in raw_rows(landing, kind="raw.presence")}
        left = arrow_bytes_of(landing)
    assert (report.landed, report.refused, report.unkeyed) == (1, 8, 0)
    assert present == {2: (None, True), 3: ("RK000002", False), **{row: (f"RK00000{row - 1}", True) for row in (4, 5, 6, 7, 8)}, 9: (None, True)}
    assert not [cell for cell in (*cells.values(), "逃犯A02", "佛教") if cell.encode() in left]


def test_refused_row_without_key_counts_as_unkeyed(tmp_path: Path) -> None:
    """Without record (a banned one is none) and readable number nothing can be kept alive: no presence, but the closing fact counts it."""
    rows = [
        person(0),
        person(1, 人员编号="", 证件号码="", 工作单位="重点人员"),
        person(2, 工作单位="重点人员"),
        person(3, 人员编号="逃犯A01", 证件号码=""),
    ]
    with opened(tmp_path) as landing:
        report = land(landing, PEOPLE, write_csv(tmp_path / "people.csv", rows), snapshot(4))
        assert [row["row"] for row in raw_rows(landing, kind="raw.presence")] == [3]
        assert closing(landing)[0]["unkeyed"] == report.unkeyed == 2


def test_increments_leave_no_presences(tmp_path: Path) -> None:
    """Only full lists say that something is still there."""
    with opened(tmp_path) as landing:
        land(landing, PEOPLE, write_csv(tmp_path / "people.csv", [person(0), person(1, 工作单位="重点人员")]), Declared())
        assert raw_rows(landing, kind="raw.presence") == []


def test_children_are_reduced_to_a_count_per_dwelling(tmp_path: Path) -> None:
    """A full list counts children per address, without number or name; the count is sealed like the address itself."""
    home = "五马街道解放街12号3幢501室"
    rows = [
        person(0, 现住地址=home),
        person(1, 现住地址=home, **CHILD),
        person(2, 现住地址=home, **CHILD | {"证件号码": ""}),
        person(3, 现住地址="他处1号", **CHILD),
    ]
    with opened(tmp_path) as landing:
        before = landing.sealer.sequence
        report = land(landing, PEOPLE, write_csv(tmp_path / "people.csv", rows), snapshot(4))
        found = raw_rows(landing, kind="raw.minors")
        assert landing.sealer.sequence - before <= 3, "no token for a child: one adult, one phone, the delivery's key"
    assert (report.landed, report.reduced) == (1, 3)
    assert [(row["row"], row["minors"], row["opened"]) for row in found] == [(2, 2, {"address": home}), (4, 1, {"address": "他处1号"})]
    assert set(found[0]) == {"row", "minors", "subject", "sealed", "fault", "flags", "opened"}


def test_children_of_increments_are_dropped(tmp_path: Path) -> None:
    """An increment says nothing about how many children live somewhere; its rows of children are counted and gone."""
    with opened(tmp_path) as landing:
        report = land(landing, PEOPLE, write_csv(tmp_path / "people.csv", [person(0), person(1, **CHILD)]), Declared())
        assert {message.headers["ce_type"] for message in messages(landing)} == {"raw.rows", "delivery.closed"}
    assert report.reduced == 1


def test_a_child_is_dropped_from_any_feed_that_names_it(tmp_path: Path) -> None:
    """A feed without a birth column reduces the row by the number alone, only where the cell is a number in that row; the child gets no token."""
    child, adult = identity("20150601"), identity("19800101")
    rows = [
        {"编号": "1", "对象类型": "人", "对象编号": child, "核实值": "在", "已见版本": ""},
        {"编号": "2", "对象类型": "人", "对象编号": adult, "核实值": "在", "已见版本": ""},
        {"编号": "3", "对象类型": "物", "对象编号": "SB-1", "核实值": "在", "已见版本": ""},
    ]
    with opened(tmp_path) as landing:
        before = landing.sealer.sequence
        report = land(landing, OBJECTS, write_jsonl(tmp_path / "objects.jsonl", rows), Declared())
        assert [row["event_no"] for row in raw_rows(landing, OBJECTS)] == ["2", "3"]
        assert landing.sealer.sequence - before == 2, "one adult and the delivery's key"
    assert (report.landed, report.reduced) == (2, 1)


def test_the_fourteenth_birthday_decides(tmp_path: Path) -> None:
    """Under 14 at the delivery's moment (1 November 2026): born on 2 November 2012 or later; by number where the birth column is blank, also where its check is wrong."""
    wrong = identity("20150601")[:17] + ("1" if identity("20150601")[17] != "1" else "2")
    rows = [
        person(0, 证件号码=identity("20121101"), 出生日期=""),
        person(1, 证件号码=identity("20121102"), 出生日期=""),
        person(2, 证件号码="", 出生日期="2012-11-01"),
        person(3, 证件号码="", 出生日期="2012/11/2"),
        person(4, 证件号码=wrong, 出生日期=""),
        person(5, 证件号码=identity("20990101"), 出生日期="1990-01-01"),
    ]
    with opened(tmp_path) as landing:
        report = land(landing, PEOPLE, write_csv(tmp_path / "people.csv", rows), snapshot(6))
        assert [row["row"] for row in raw_rows(landing)] == [1, 3, 6]
    assert report.reduced == 3
    assert MOMENT.year - 14 == 2012


def test_misplaced_numbers_are_sealed_and_marked(tmp_path: Path) -> None:
    """An identity or mobile number in any other text, also inside a longer one, goes into the sealed cell; the row carries the fault and the column."""
    number = identity()
    rows = [
        person(0, 工作单位=number),
        person(1, 工作单位=f"联系人张三{number}转"),
        person(2, 工作单位="电话13800138000"),
        person(3, 工作单位="138-0013-8000"),
        person(4, 姓名="王 13800138000"),
        person(5, 工作单位=number[:6] + number[8:17]),
        person(6, 工作单位="设备编号2026000123456789"),
        person(7, 现住地址="解放街12-3-1001", 工作单位="三单元0501"),
    ]
    with opened(tmp_path) as landing:
        report = land(landing, PEOPLE, write_csv(tmp_path / "people.csv", rows), Declared())
        found, left = raw_rows(landing), arrow_bytes_of(landing)
    columns = ["work", "work", "work", "work", "name", "work", None, None]
    assert [row["fault"] for row in found] == [column and f"identifier-in-wrong-column:{column}" for column in columns]
    assert [row["work"] for row in found] == [None, None, None, None, "鹿城区某某公司", None, "设备编号2026000123456789", "三单元0501"]
    assert found[1]["opened"]["work"] == rows[1]["工作单位"]  # type: ignore[index]
    assert b"RK000007" in left and number.encode() not in left and b"13800138000" not in left
    assert report.faults == {"identifier-in-wrong-column": 6}


def test_identity_numbers_as_codes_are_found(tmp_path: Path) -> None:
    """Somebody's number as the department's row key does not travel in clear; a key made of division, day and counter is left alone."""
    rows = [
        person(0, 人员编号=identity()),
        person(1, 人员编号="330302202610100001"),
        person(2, 人员编号=identity("20261001", 5)),
        person(3, 人员编号=identity()[:17] + "9"),
    ]
    with opened(tmp_path) as landing:
        land(landing, PEOPLE, write_csv(tmp_path / "people.csv", rows), Declared())
        found = raw_rows(landing)
    assert [row["fault"] for row in found] == ["identifier-in-wrong-column:person_no", None, None, None]
    assert [row["person_no"] for row in found] == [None, *(row["人员编号"] for row in rows[1:])]
    assert found[0]["opened"]["person_no"] == identity()  # type: ignore[index]


def test_identifier_only_where_the_contract_says_so(tmp_path: Path) -> None:
    """In rows where the condition fails the cell is a plain value; there, a number is misplaced like anywhere else."""
    number = identity()
    rows = [
        {"编号": "1", "对象类型": "人", "对象编号": number, "核实值": "租住"},
        {"编号": "2", "对象类型": "房", "对象编号": "330302006071/解放街/12", "核实值": "租住", "已见版本": "f1;f2"},
    ]
    with opened(tmp_path) as landing:
        report = land(landing, OBJECTS, write_jsonl(tmp_path / "objects.jsonl", rows), Declared())
        found = raw_rows(landing, OBJECTS)
    assert str(found[0]["code"]).startswith("p")
    assert (found[0]["code_check"], found[0]["subject"]) == ("valid", found[0]["code"])
    assert (found[1]["code"], found[1]["code_check"], found[1]["subject"]) == ("330302006071/解放街/12", None, f"d:{report.delivery}")
    assert [row["seen"] for row in found] == [None, "f1;f2"]
    assert [row["opened"] for row in found] == [{"value": "租住"}] * 2


def test_a_personal_cell_is_sealed_where_it_is_no_identifier(tmp_path: Path) -> None:
    """Of a column that is both, numbers travel as tokens and everything else only sealed, each beside the other."""
    code = replace(OBJECTS.column("code"), classification=Classification.PERSONAL)
    feed = replace(OBJECTS, columns=tuple(code if column.name == "code" else column for column in OBJECTS.columns))
    rows = [{"编号": "1", "对象类型": "人", "对象编号": identity()}, {"编号": "2", "对象类型": "房", "对象编号": "王大明"}, {"编号": "3", "对象类型": "房"}]
    with opened(tmp_path) as landing:
        land(landing, feed, write_jsonl(tmp_path / "objects.jsonl", rows), Declared())
        found = raw_rows(landing, feed)
    assert str(found[0]["code"]).startswith("p") and [row["code"] for row in found[1:]] == [None, None]
    assert [row["opened"] for row in found] == [{}, {"code": "王大明"}, {}]


def test_number_in_a_cell_that_is_no_identifier_in_its_row_is_misplaced(tmp_path: Path) -> None:
    """An identity number where the row says it is a dwelling does not travel in clear."""
    rows = [{"编号": "1", "对象类型": "房", "对象编号": identity()}]
    with opened(tmp_path) as landing:
        land(landing, OBJECTS, write_jsonl(tmp_path / "objects.jsonl", rows), Declared())
        row = raw_rows(landing, OBJECTS)[0]
    assert (row["code"], row["fault"]) == (None, "identifier-in-wrong-column:code")
    assert row["opened"] == {"code": identity()}


def test_a_code_that_is_no_identifier_in_its_row_is_judged_like_any_code(tmp_path: Path) -> None:
    """The number of a person where the row says it is a dwelling is sealed and marked; a number that only has its form is left alone, and a real one stays a token."""
    code = replace(OBJECTS.column("code"), type="code")
    feed = replace(OBJECTS, columns=tuple(code if column.name == "code" else column for column in OBJECTS.columns))
    numbers = {"房": identity(), "车": "330302202610100001", "人": identity()}
    rows = [{"编号": str(at), "对象类型": kind, "对象编号": number} for at, (kind, number) in enumerate(numbers.items())]
    with opened(tmp_path) as landing:
        land(landing, feed, write_jsonl(tmp_path / "objects.jsonl", rows), Declared())
        found = raw_rows(landing, feed)
    assert [row["fault"] for row in found] == ["identifier-in-wrong-column:code", None, None]
    assert (found[0]["code"], found[0]["opened"]) == (None, {"code": identity()})
    assert found[1]["code"] == numbers["车"] and str(found[2]["code"]).startswith("p")


def test_no_number_of_a_child_becomes_a_token(tmp_path: Path) -> None:
    """A row about more than the child stays, with the check `minor` instead of the number; so does a row that names a child beside its subject; a refused row leaves no token
    of a child either."""
    owner = column("owner", "产权人", identifier="subject", required=False, classification=Classification.IDENTIFIER)
    feed = replace(OBJECTS, minors=Minors(None, stay="seen = '名册'"), columns=(*OBJECTS.columns, owner))
    row, child = {"对象类型": "人", "对象编号": identity()}, CHILD["证件号码"]
    rows = [
        row | {"编号": "1", "对象编号": child},
        row | {"编号": "2", "对象编号": child, "已见版本": "名册"},
        row | {"编号": "3", "产权人": child},
        row | {"编号": "4", "产权人": identity(sequence=7)},
        row | {"编号": "5", "对象编号": child, "核实值": "精神病"},
    ]
    with opened(tmp_path) as landing:
        before = landing.sealer.sequence
        report = land(landing, feed, write_jsonl(tmp_path / "objects.jsonl", rows), snapshot(5))
        found, left = raw_rows(landing, feed), arrow_bytes_of(landing, feed)
        assert landing.sealer.sequence - before == 3, "two adults and the delivery's key"
    assert (report.landed, report.reduced, report.refused) == (3, 1, 1)
    assert [(each["event_no"], each["code_check"], each["owner_check"]) for each in found] == [
        ("2", "minor", "missing"),
        ("3", "valid", "minor"),
        ("4", "valid", "valid"),
    ]
    assert [str(each["code"])[:1] + str(each["owner"])[:1] for each in found] == ["NN", "pN", "pp"]
    assert str(child).encode() not in left


def test_long_undeclared_text_refuses_the_row(tmp_path: Path) -> None:
    """Free text nobody declared is refused above 30 characters; shorter values are only counted."""
    base = {"对象类型": "房", "对象编号": "x"}
    rows = [base | {"编号": "1", "附言": "字" * 30}, base | {"编号": "2", "附言": "字" * 31}, base | {"编号": "3"}]
    with opened(tmp_path) as landing:
        report = land(landing, OBJECTS, write_jsonl(tmp_path / "objects.jsonl", rows), Declared())
    assert (report.landed, report.refusals) == (2, {"free-text.length": 1})
    assert [(drift.column, drift.values) for drift in report.drift if drift.kind == "undeclared"] == [("附言", 2)]


def test_layout_rows_are_counted_and_totals_checked(tmp_path: Path) -> None:
    """Title rows stand above; subtotals, totals, blank rows and repeated headers are layout; a total that does not add up is told."""
    header = ["楼盘名称", "房号", "建筑面积(㎡)"]
    rows = [["鹿城区房屋楼盘表"], header, ["甲", "501", 80.5], ["甲", "502", 90], ["小计", None, 170.5], [], header, ["乙", "101", 100], ["合计", None, 271]]
    with opened(tmp_path) as landing:
        report = land(landing, HOMES, write_xlsx(tmp_path / "homes.xlsx", rows), snapshot(3))
        found = raw_rows(landing, HOMES)
        assert closing(landing, HOMES)[0]["declared"] == 7
    assert (report.delivered, report.layout, report.landed) == (7, 4, 3)
    assert [row["row"] for row in found] == [1, 2, 6]
    assert [(total.row, total.stated, total.found, total.agrees) for total in report.totals] == [(3, "170.5", "170.5", True), (7, "271", "270.5", False)]
    assert report.fixes == {"title-rows": 1}


@settings(max_examples=30)
@given(st.lists(st.sampled_from(["plain", "child", "banned", "blank", "misplaced", "total"]), min_size=1, max_size=14), st.booleans())
def test_accounts_hold(tmp_path_factory, kinds, full) -> None:
    """delivered = refused + reduced + layout + landed, and the raw messages hold exactly the landed rows, each number once."""
    folder = tmp_path_factory.mktemp("accounts")
    makers = {
        "plain": lambda index: person(index),
        "child": lambda index: person(index, **CHILD),
        "banned": lambda index: person(index, 工作单位="重点人员"),
        "blank": lambda index: {},
        "misplaced": lambda index: person(index, 工作单位=identity()),
        "total": lambda index: {"人员编号": "合计", "证件号码": "12"},
    }
    rows = [makers[kind](index) for index, kind in enumerate([*kinds, "plain"])]
    with opened(folder) as landing:
        report = land(landing, PEOPLE, write_csv(folder / "people.csv", rows), snapshot(len(rows)) if full else Declared())
        found = raw_rows(landing)
        fact = closing(landing)[0]
    counts = [kinds.count(kind) for kind in ("banned", "child")] + [kinds.count("blank") + kinds.count("total")]
    assert [report.refused, report.reduced, report.layout] == counts
    assert report.delivered == len(rows) == sum(counts) + report.landed
    assert [row["row"] for row in found] == [index + 1 for index, kind in enumerate([*kinds, "plain"]) if kind in ("plain", "misplaced")]
    assert {name: fact[name] for name in ("delivered", "refused", "reduced", "layout", "landed")} == {
        name: getattr(report, name) for name in ("delivered", "refused", "reduced", "layout", "landed")
    }
    assert people(1)
