"""The tools of the demo district: check characters, dice, the workbook writer, line makers."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import duckdb
import numpy as np
import openpyxl
import pytest

from cabin.demo.delivery import Plan, write
from cabin.demo.dice import Dice
from cabin.demo.generate import generate
from cabin.demo.numbers import IDENTITY_CHECKS, credit_codes, identity_checks, unique_sequences
from cabin.demo.writing import WRITING_SQL
from cabin.demo.xlsx import Sheet, write_xlsx

FIXED = {"thing_device", "division", "visit", "hotline_count", "bulletin", "bank_counter", "session", "patrol", "programme"}
KNOWN_NUMBERS = ("34052419800101001X", "11010519491231002X", "440524188001010014", "330302197001010014", "35048119850101001X", "810000199001010019")


def test_identity_checks_give_the_published_examples() -> None:
    """GB 11643's own examples and the constructed ones of the domain facts."""
    checks = identity_checks(np.array([int(number[:17]) for number in KNOWN_NUMBERS]))
    assert [IDENTITY_CHECKS[check] for check in checks] == [number[17] for number in KNOWN_NUMBERS]


def test_sequences_never_repeat_within_a_day_and_show_the_sex() -> None:
    """400 men and 400 women of one division and day all get numbers of their own, odd for men."""
    male = np.arange(800) % 2 == 0
    sequences = unique_sequences(np.zeros(800, dtype=np.int64) + 33030219700101, male)
    assert len(set(sequences.tolist())) == 800
    assert ((sequences % 2 == 1) == male).all()
    assert sequences.min() >= 1
    assert sequences.max() <= 998


def test_a_credit_code_of_a_known_body_has_its_check() -> None:
    """Codes are upper case, 18 long, distinct, and use no I, O, S, V, Z."""
    codes = credit_codes(np.arange(2_000))
    assert len(set(codes.tolist())) == 2_000
    assert {len(code) for code in codes.tolist()} == {18}
    assert not set("".join(codes.tolist())) & set("IOSVZ")


def test_a_stream_of_dice_depends_on_seed_and_name_only() -> None:
    """Other draws before it change nothing; another name or seed does."""
    one, two = Dice(7), Dice(7)
    one.ints("other", 0, 9, 1_000)
    assert (one.ints("a", 0, 10**9, 50) == two.ints("a", 0, 10**9, 50)).all()
    assert (one.ints("a", 0, 10**9, 50) != two.ints("b", 0, 10**9, 50)).any()
    assert (one.ints("a", 0, 10**9, 50) != Dice(8).ints("a", 0, 10**9, 50)).any()


def test_faults_come_at_their_rates() -> None:
    """At most one a row, each about as often as its rate says."""
    faults = Dice(7).faults("x", {"FW": 0.1, "CHK": 0.02}, 50_000)
    assert abs((faults == "FW").mean() - 0.1) < 0.01
    assert abs((faults == "CHK").mean() - 0.02) < 0.005


def test_a_workbook_opens_in_another_reader(tmp_path: Path) -> None:
    """openpyxl sees titles, merged cells, texts, numbers and texts that became numbers, blanks and the total."""
    con = duckdb.connect()
    rows = "select * from (values ('甲', 1.5, '0501'), (null, null, '=501')) as given(\"名称\", \"面积(㎡)\", \"房号\")"
    sheet = Sheet(("标题",), "select '合计', 1.5, null::varchar", "select 'A3:A4'")
    assert write_xlsx(tmp_path / "a.xlsx", con, rows, sheet) == 2
    found = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    assert found is not None
    assert [tuple(row) for row in found.iter_rows(values_only=True)] == [
        ("标题", None, None),
        ("名称", "面积(㎡)", "房号"),
        ("甲", 1.5, "0501"),
        (None, None, 501),
        ("合计", 1.5, None),
    ]
    assert {str(each) for each in found.merged_cells.ranges} == {"A1:C1", "A3:A4"}


@pytest.mark.parametrize(("encoding", "start"), [("utf-8", b"a,"), ("utf-8-sig", b"\xef\xbb\xbfa,"), ("gb18030", b"a,")])
def test_csv_is_written_in_the_declared_encoding(tmp_path: Path, encoding: str, start: bytes) -> None:
    """CRLF line ends, blanks for nulls, a byte order mark only where it is asked for."""
    plan = Plan("f", "increment", datetime(2026, 1, 1), "select 'x' as a, null as \"名\" union all select '㎡甲', '2'", None, "csv", encoding)
    assert write(duckdb.connect(), plan, tmp_path / "a.csv") == 2
    data = (tmp_path / "a.csv").read_bytes()
    assert data.startswith(start)
    assert data.decode(encoding) == "a,名\r\nx,\r\n㎡甲,2\r\n"


def test_json_lines_keep_numbers_and_nulls(tmp_path: Path) -> None:
    """Numbers bare, texts quoted, null as null."""
    plan = Plan("f", "increment", datetime(2026, 1, 1), "select 1.5 as a, '甲' as b, null::varchar as c, 3 as d", None, "jsonl")
    write(duckdb.connect(), plan, tmp_path / "a.jsonl")
    assert (tmp_path / "a.jsonl").read_text(encoding="utf-8") == '{"a": 1.5, "b": "甲", "c": null, "d": 3}\n'


def test_every_way_to_write_a_door(tmp_path: Path) -> None:
    """Five habits for one flat, and a hamlet's house that has neither building nor unit."""
    con = duckdb.connect()
    con.execute(WRITING_SQL)
    flat = [con.sql(f"select inside({style}, 3, 2, 501)").fetchall()[0][0] for style in range(5)]
    assert flat == ["3幢2单元501室", "3号楼2单元501室", "3栋二单元501室", "3幢2单元0501室", "3-2-501"]
    assert con.sql("select inside(4, null, null, 101)").fetchall() == [("101室",)]
    assert con.sql(
        "select address_key(0, '330302006071', '解放街', 12, 3, 2, 501), address_key(1, '1', '锦园', null, 3, 2, 501), address_key(2, '1', '山前自然村', 25, null, null, 101)"
    ).fetchall() == [("330302006071/解放街/12/3/2/501", "1/锦园/-/3/2/501", "1/山前自然村/25/-/-/101")]


def test_a_full_district_would_hold_3_8_million_rows(tmp_path: Path) -> None:
    """Rows grow with people: what 1,200,000 people give is read off a small district; what is counted, and what even a small district has some of, does not scale."""
    district = generate(tmp_path, 4_000)
    fixed = sum(each.rows for each in district.deliveries if each.feed in FIXED)
    assert 3.8e6 < (district.rows - fixed) / 4_000 * 1_200_000 < 4.2e6
