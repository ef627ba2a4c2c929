"""A delivery becomes raw messages: what is on the log, what is not, and what the report says."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.facts import CLOSED
from contracts.partition import partition_of
from streams.landing import Declared, land
from tests.streams.landing.kit import HEADER, PEOPLE, RECORDED, closing, identity, messages, opened, people, person, plainly, raw_rows, snapshot, write_csv


def test_messages_are_as_agreed(tmp_path: Path) -> None:
    """Seven rows in messages of three: chunks 0-2 in order, then the closing fact, all on the delivery's partition, with every header."""
    file = write_csv(tmp_path / "people.csv", people(7))
    with opened(tmp_path) as landing:
        report = land(landing, PEOPLE, file, snapshot(7))
        found = messages(landing)
        partition = partition_of(report.delivery, 2)
        assert landing.log.end("cabin.raw.people", 1 - partition) == 0
        assert landing.log.end("cabin.raw.people", partition) == 4
    assert [message.headers["ce_id"] for message in found] == [f"{report.delivery}/{chunk}" for chunk in range(4)]
    assert [message.headers["rows"] for message in found] == ["3", "3", "1", "0"]
    assert [message.headers["ce_type"] for message in found] == ["raw.rows"] * 3 + ["delivery.closed"]
    first = dict(found[0].headers)
    assert int(first.pop("vault_sequence")) > 0
    assert first == {
        "ce_id": f"{report.delivery}/0",
        "ce_source": "cabin/landing",
        "ce_type": "raw.rows",
        "ce_time": "2026-11-25T10:01:00.000",
        "ce_dataschema": "people/1",
        "content-type": "application/vnd.apache.arrow.stream",
        "feed": "people",
        "delivery": report.delivery,
        "chunk": "0",
        "rows": "3",
        "mode": "snapshot",
        "moment": "2026-11-01T00:00:00.000",
        "area": "330302",
        "repair": "0",
    }


def test_closing_fact_has_the_fields_of_the_contract(tmp_path: Path) -> None:
    """`delivery.closed` carries exactly the agreed fields, and the people's report beside them."""
    file = write_csv(tmp_path / "people.csv", people(4))
    with opened(tmp_path) as landing:
        report = land(landing, PEOPLE, file, snapshot(4, part=1, parts=2, supersedes=("abc",)))
        fact = closing(landing)[0]
    assert list(fact) == [*CLOSED.names, "report"]
    assert fact["source"] == "people"
    assert (fact["part"], fact["parts"], fact["supersedes"], fact["chunks"]) == (1, 2, ["abc"], 2)
    assert (fact["declared"], fact["delivered"], fact["landed"]) == (4, 4, 4)
    assert report.recorded_at == RECORDED.replace(minute=1)


def test_identifiers_become_tokens_and_personal_cells_are_sealed(tmp_path: Path) -> None:
    """Raw rows hold tokens and checks; the personal cells come back from the vault, the birth date as its year; nothing clear is on disk outside the vault."""
    rows = people(5)
    file = write_csv(tmp_path / "people.csv", rows)
    with opened(tmp_path) as landing:
        land(landing, PEOPLE, file, Declared())
        found = raw_rows(landing)
    assert [row["row"] for row in found] == [1, 2, 3, 4, 5]
    for row, given_row in zip(found, rows, strict=True):
        assert str(row["number"]).startswith("p")
        assert row["subject"] == row["number"]
        assert (row["number_check"], row["number_birth_agrees"], row["number_sex_agrees"]) == ("valid", True, True)
        assert str(row["phone"]).startswith("t")
        assert row["phone_check"] == "mobile"
        expected = {"name": given_row["姓名"], "sex": given_row["性别"], "birth": given_row["出生日期"][:4], "address": given_row["现住地址"]}
        assert row["opened"] == expected
        assert (row["work"], row["fault"], row["flags"]) == ("鹿城区某某公司", None, None)
    everything = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file() and path != file)
    for cell in (rows[0]["证件号码"], rows[0]["现住地址"], rows[0]["联系电话"]):
        assert cell.encode() not in everything


def test_same_number_has_the_same_token_in_every_form(tmp_path: Path) -> None:
    """Full-width, padded and 15-digit forms of one number name one subject, each with its flag."""
    number = identity("19491231", 2, "110105")
    legacy = number[:6] + number[8:17]
    wide = "".join(chr(ord(char) + 0xFEE0) for char in number)
    rows = [person(0, 证件号码=form) for form in (number, f" {number}　", wide, legacy)]
    with opened(tmp_path) as landing:
        report = land(landing, PEOPLE, write_csv(tmp_path / "people.csv", rows), Declared())
        found = raw_rows(landing)
    assert len({row["number"] for row in found}) == 1
    assert [row["number_check"] for row in found] == ["valid", "valid", "valid", "legacy15"]
    assert [row["flags"] for row in found] == [None, "padded", "full-width", "legacy15"]
    assert report.fixes == {"full-width": 1, "legacy15": 1, "padded": 1}


def test_broken_numbers_are_not_kept(tmp_path: Path) -> None:
    """A number that fails its check has no token and its row is sealed with the delivery's key."""
    wrong = identity()[:17] + ("0" if identity()[17] != "0" else "1")
    rows = [person(0, 证件号码=wrong), person(1, 证件号码=identity("20990101")), person(2, 证件号码="")]
    with opened(tmp_path) as landing:
        report = land(landing, PEOPLE, write_csv(tmp_path / "people.csv", rows), Declared())
        found = raw_rows(landing)
    assert [row["number_check"] for row in found] == ["wrong_check", "impossible_date", "missing"]
    assert {row["number"] for row in found} == {None}
    assert {row["subject"] for row in found} == {f"d:{report.delivery}"}
    assert [row["opened"]["name"] for row in found] == [row["姓名"] for row in rows]  # type: ignore[index]


def test_the_same_delivery_again_lands_nothing(tmp_path: Path) -> None:
    """The second time the report says so, with the first one's counts and time; another moment is another delivery."""
    file = write_csv(tmp_path / "people.csv", people(7))
    with opened(tmp_path) as landing:
        first = land(landing, PEOPLE, file, snapshot(7))
        again = land(landing, PEOPLE, file, snapshot(7))
        assert len(messages(landing)) == 4
        later = land(landing, PEOPLE, file, Declared(mode="snapshot", moment=RECORDED, area="330302", rows=7))
        assert len(messages(landing)) == 8
    assert (first.already_landed, again.already_landed, later.already_landed) == (False, True, False)
    assert (again.delivery, again.recorded_at, again.landed) == (first.delivery, first.recorded_at, 7)
    assert later.delivery != first.delivery
    assert list((tmp_path / "spool").iterdir()) == []


@settings(max_examples=12)
@given(order=st.permutations(HEADER), encoding=st.sampled_from(["gb18030", "utf-8", "utf-8-sig"]), delimiter=st.sampled_from([",", "\t"]))
def test_column_order_and_encoding_do_not_change_the_delivery(tmp_path_factory, order, encoding, delimiter) -> None:
    """The same cells are the same delivery, however the file writes them."""
    folder = tmp_path_factory.mktemp("order")
    with opened(folder) as landing:
        first = land(landing, PEOPLE, write_csv(folder / "a.csv", people(5)), Declared())
        second = land(landing, PEOPLE, write_csv(folder / "b.csv", people(5), header=order, encoding=encoding, delimiter=delimiter), Declared())
    assert second.delivery == first.delivery
    assert second.already_landed


CELLS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=20)


@settings(max_examples=25)
@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=12))
def test_landing_then_opening_gives_back_the_cells(tmp_path_factory, cells) -> None:
    """Whatever text stands in a personal and in a plain cell comes back clean and whole, unless the row is refused for a banned value."""
    folder = tmp_path_factory.mktemp("cells")
    rows = [person(index, 姓名=name, 现住地址=address) for index, (name, address) in enumerate(cells)]
    with opened(folder) as landing:
        report = land(landing, PEOPLE, write_csv(folder / "people.csv", rows, encoding="utf-8"), Declared())
        found = {row["row"]: row for row in raw_rows(landing)}
    assert report.landed + report.refused == len(rows)
    for number, row in found.items():
        given_row = rows[int(str(number)) - 1]
        assert row["opened"].get("name") == plainly(given_row["姓名"])  # type: ignore[attr-defined]
        assert row["opened"].get("address") == plainly(given_row["现住地址"])  # type: ignore[attr-defined]


def test_optional_columns_may_be_missing_and_undeclared_ones_are_drift(tmp_path: Path) -> None:
    """Of an undeclared column name, type and count are told and kept; its values are nowhere."""
    rows = [row | {"楼长": "甲乙丙丁", "层数": "7"} for row in people(3)]
    header = [name for name in HEADER if name != "工作单位"] + ["楼长", "层数", ""]
    with opened(tmp_path) as landing:
        report = land(landing, PEOPLE, write_csv(tmp_path / "people.csv", rows, header=header), Declared())
        assert {row["work"] for row in raw_rows(landing)} == {None}
        told = closing(landing)[0]["report"]
    assert {(drift.kind, drift.column, drift.type, drift.values) for drift in report.drift} == {
        ("undeclared", "楼长", "text", 3),
        ("undeclared", "层数", "integer", 3),
        ("missing", "工作单位", "text", 0),
    }
    assert "甲乙丙丁" not in json.dumps(told, ensure_ascii=False)
