"""The ban list refuses what it must and lets pass what it must, by name, by code list, by value."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import load
from contracts.ban import FREE_TEXT, ban_list, banned_code_list, banned_columns, banned_name, banned_value_sql, luhn_sql, screen_sql
from contracts.model import Classification

HOSTEL = load(extra=(Path(__file__).parent / "samples",)).feeds["hostel_guest"]
PERSONAL = HOSTEL.column("full_name")
PLAIN = replace(PERSONAL, name="building", header="楼幢号", classification=Classification.PLAIN)
COLUMNS = {"personal": PERSONAL, "plain": PLAIN}


@pytest.fixture(scope="module")
def con():
    with duckdb.connect() as con:
        yield con


def banned(con, value, column=PERSONAL, feed=HOSTEL):
    """The rules that refuse a cell; the cheap screen must never miss one."""
    con.execute(f'create or replace temp table cells as select $1::varchar as "{column.name}"', [value])
    found = [rule for rule, sql in banned_value_sql(column, feed) if con.execute(f"select {sql} from cells").fetchone() == (True,)]
    screen = screen_sql(replace(feed, columns=(column,)))
    assert not found or con.execute(f"select {screen} from cells").fetchone() == (True,)
    return found


DOMAIN_NAMES = {
    "health": "疾病 病种 诊断 健康状况 精神 残疾 肇事肇祸 一人四管 diagnosis health_status disability mental",
    "offence": "前科 刑释 归正 社区矫正 吸毒 criminal_record ex_offender probation drug_user",
    "listed": "重点人员 管控级别 逃犯 嫌疑人 布控 积分 风险分 key_person watchlist suspect risk_score",
    "victim": "易受骗人群 受害人职业 victim_profile",
    "biometrics": "人像 人脸 指纹 虹膜 声纹 DNA 照片 face fingerprint iris voice photo",
    "location": "轨迹 定位 LBS 基站 卡口 过车 GPS track imei imsi plate",
    "minors": "未成年人 学生姓名 学籍 minor pupil_id",
    "belief": "宗教 信仰 民族 政治面貌 religion ethnicity party",
    "finance": "银行卡 账户 余额 微信号 通话 bank_card balance wechat call",
    "domestic": "情感纠纷 家暴 domestic",
    "free-text": "线索 备注 情况说明 remark lead",
}


@pytest.mark.parametrize(("rule", "name"), [(rule, name) for rule, names in DOMAIN_NAMES.items() for name in names.split()])
def test_every_name_of_the_domain_is_banned(rule, name):
    """Each column name the domain facts list is refused under its topic."""
    assert banned_columns([name]) == [(name, rule)]


@pytest.mark.parametrize(
    "name",
    [
        "民 族",
        "民　族",
        "民族（必填）",
        "家庭成员健康状况",
        "HealthStatus",
        "health-status",
        "Health Status",
        "ＤＮＡ",
        "GPS坐标",
        "PLATE_NO",
        "photos",
        "bankCard",
    ],
)
def test_other_spellings_do_not_help(name):
    """Width, case, blanks, separators, brackets and longer headers make no difference."""
    assert banned_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "姓名",
        "证件号码",
        "户籍区划",
        "涉及人数",
        "parties_count",
        "surface_m2",
        "民族乡",
        "宗教活动场所",
        "精神文明活动数",
        "限定词",
        "依据",
        "隐患类别",
        "人员编号",
        "callsign",
        "placement",
    ],
)
def test_ordinary_names_pass(name):
    """Names that only look alike are not refused."""
    assert banned_columns([name]) == []


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        ("F20.0", "health.icd-dotted"),
        ("精神病", "health.mental"),
        ("精神障碍患者", "health.mental"),
        ("刑满人员", "offence.person"),
        ("归正人员", "offence.person"),
        ("社区矫正人员", "offence.person"),
        ("重点人员", "listed.person"),
        ("data:image/png;base64,iVBORw0KGgo", "biometrics.image"),
        ("/9j/4AAQSkZJRgABAQ", "biometrics.image"),
        ("A" * 4097, "biometrics.base64"),
        ("[" + ", ".join(["-0.125"] * 64) + "]", "biometrics.embedding"),
        ("浙C12345", "location.plate"),
        ("浙C·12345", "location.plate"),
        ("浙AD12345", "location.plate"),
        ("浙A12345D", "location.plate"),
        ("粤Z1234港", "location.plate"),
        ("490154203237518", "location.imei"),
        ("120.65123,28.01234 120.65124,28.01235 120.65125,28.01236", "location.series"),
        ("畲族", "belief.nationality"),
        ("中共党员", "belief.politics"),
        ("佛教", "belief.religion"),
        ("6222021234567890128", "finance.card"),
        ("4111 1111 1111 1111", "finance.card-spaced"),
    ],
)
@pytest.mark.parametrize("column", COLUMNS.values(), ids=COLUMNS)
def test_banned_values_are_found(con, column, value, rule):
    """Each kind of banned value is refused in personal and plain text columns, under its rule."""
    assert rule in banned(con, value, column)


@pytest.mark.parametrize(
    "value",
    [
        "畲族乡",
        "司前畲族镇",
        "竹里畲族乡",
        "330326214",
        "71330302MA0000040X",
        "91330302MA00000400",
        "84",
        "85",
        "健康路",
        "健康路12号",
        "人像摄影",
        "温州市精神病医院",
        "社区矫正人员服务中心",
        "110105491231002",
        "11010519491231002X",
        "360426199101010071",
        "浙江省温州市鹿城区",
        "浙A座1201",
        "张三",
        "",
        None,
    ],
)
@pytest.mark.parametrize("column", COLUMNS.values(), ids=COLUMNS)
def test_public_words_and_look_alikes_pass(con, column, value):
    """Townships, credit codes that begin with 7, industry divisions 84 and 85, roads, shops, hospitals and identity numbers are not refused by a value rule."""
    assert banned(con, value, column) == []


def test_townships_of_the_district_pass(con):
    """No name of the whole division table is refused, the seven 畲族 townships included."""
    labels = load().divisions.values()
    names = [label.zh for label in labels]
    con.execute(f'create or replace temp table cells as select unnest($1) as "{PERSONAL.name}"', [names])
    hits = {rule: con.execute(f"select count(*) from cells where {sql}").fetchone()[0] for rule, sql in banned_value_sql(PERSONAL, HOSTEL)}
    assert sum("畲族" in name for name in names) >= 7
    assert set(hits.values()) == {0}


def test_a_bare_diagnosis_code_is_refused_about_persons_only(con):
    """`A12` in a personal column may be a diagnosis; as the number of a building it is not."""
    assert banned(con, "A12", PERSONAL) == ["health.icd"]
    assert banned(con, "A12", PLAIN) == []


DECLARED = [{"type": "code"}, {"type": "date"}, {"type": "address"}, {"code_list": "residence_type"}]


@pytest.mark.parametrize("declared", DECLARED)
@pytest.mark.parametrize(
    ("value", "rule"),
    [
        ("精神病", "health.mental"),
        ("重点人员", "listed.person"),
        ("吸毒人员", "offence.person"),
        ("中共党员", "belief.politics"),
        ("逃犯A01", "listed.person"),
        ("浙C12345", "location.plate"),
    ],
)
def test_words_are_banned_in_every_column(con, declared, value, rule):
    """A division, a flag, a code or an address may hold no diagnosis, no list of persons, no belief and no plate, whatever the column declares."""
    assert banned(con, value, replace(PERSONAL, **declared)) == [rule]


@pytest.mark.parametrize("declared", DECLARED)
def test_pictures_are_banned_in_every_column(con, declared):
    """A face is none of the things a column can declare; a long list of codes is."""
    column = replace(PERSONAL, **declared)
    assert banned(con, "data:image/png;base64,iVBORw0KGgoAAAANSUhEUg", column) == ["biometrics.image"]
    assert banned(con, "[" + ", ".join(["-0.125"] * 64) + "]", column) == ["biometrics.embedding"]
    assert banned(con, ";".join(f"ZF260000000{place}#0" for place in range(9)), column) == []


def test_words_are_banned_also_where_a_column_identifies(con):
    """In rows in which the column holds telephone numbers a diagnosis is no number either; what only looks banned passes there."""
    column = replace(PERSONAL, identifier="phone", identifier_when="true")
    assert banned(con, "精神病", column) == ["health.mental"]
    assert banned(con, "A12", column) == []


@pytest.mark.parametrize("declared", DECLARED)
@pytest.mark.parametrize("value", ["A01", "6222021234567890128", "490154203237518", "长" * 100, "330302006071", "正常", "住宅"])
def test_what_only_looks_like_something_banned_is_left_to_declared_types(con, declared, value):
    """An industry code `A01` looks like a diagnosis, one long number in ten passes Luhn: a column that declares what its cells are is asked about words and pictures only."""
    assert banned(con, value, replace(PERSONAL, **declared)) == []


def test_an_identifier_is_asked_everything_in_rows_where_it_is_none(con):
    """A column of numbers is asked about words only; where the same column holds other things, they are text like any other."""
    always, sometimes = replace(PERSONAL, identifier="subject"), replace(PERSONAL, identifier="subject", identifier_when="length(full_name) = 18")
    assert banned(con, "吸毒人员", always) == ["offence.person"] and banned(con, "622202123456789012", always) == []
    assert banned(con, "王某患精神病", sometimes) == ["health.mental"]
    assert banned(con, "长" * 200, sometimes) == [FREE_TEXT]
    assert banned(con, "622202123456789012", sometimes) == []


def test_record_keys_are_no_cards(con):
    """One long record number in ten passes Luhn; a column that makes a record key is spared that test and no other."""
    key = replace(HOSTEL.column("guest_no"), type="text")
    assert banned(con, "6222021234567890128", key) == []
    assert banned(con, "浙C12345", key) == ["location.plate"]


@pytest.mark.parametrize(("header", "limit"), [("登记情形", 30), ("现住地址", 120), ("主体名称", 60)])
def test_long_text_is_free_text(con, header, limit):
    """Text longer than the feed's limit is refused; addresses and names of bodies may be longer."""
    column = replace(PLAIN, name="column_1", header=header)
    assert banned(con, "字" * limit, column) == []
    assert banned(con, "字" * (limit + 1), column) == [FREE_TEXT]


@given(digits=st.text("0123456789", min_size=15, max_size=19))
def test_luhn_is_luhn(con, digits):
    """The SQL check sum agrees with a plain one, apart from plausible identity numbers, which it never reports."""
    total = sum(int(d) if place % 2 == 0 else sum(divmod(2 * int(d), 10)) for place, d in enumerate(reversed(digits)))
    found = con.execute(f"select {luhn_sql('$1')}", [digits]).fetchone()[0]
    assert not found or total % 10 == 0
    if digits[0] in "09" or len(digits) not in {15, 18}:
        assert found == (total % 10 == 0)


def test_code_lists_are_banned_by_name():
    """GB/T 3304, GB/T 4762 and the like cannot be named as a column's code list."""
    assert [banned_code_list(name) for name in ("gbt3304", "ethnicity", "political_status", "health_status", "sex")] == ["belief"] * 3 + ["health", None]


def test_every_rule_tells_what_is_permitted_instead():
    """Each topic has a label and an alternative in both languages; rule ids are unique and values carry their topic's id."""
    rules = ban_list().rules
    assert all(text for rule in rules for text in (rule.topic.zh, rule.topic.en, rule.instead.zh, rule.instead.en))
    ids = [value.id for rule in rules for value in rule.values] + [rule.id for rule in rules]
    assert len(set(ids)) == len(ids)
    assert all(value.id.startswith(f"{rule.id}.") for rule in rules for value in rule.values)
