"""Every delivery that is wrong as a whole: one error class with code, fact and hint in both languages, and nothing half done."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from contracts.errors import CabinError, Unavailable, UsageError
from streams import errors
from streams.landing import Declared, feed_named, land, manifest_of
from streams.landing.model import UNDECLARED
from tests.cabin.kit import ENGLISH
from tests.streams.landing.kit import (
    CONTRACTS,
    HEADER,
    HOMES,
    OBJECTS,
    PEOPLE,
    csv_bytes,
    messages,
    opened,
    people,
    person,
    snapshot,
    write_csv,
    write_jsonl,
    write_xlsx,
)


@dataclass(frozen=True)
class Bad:
    """A bad delivery: how its file is made, how it is declared, and the code and exit code it must end with."""

    code: str
    make: Callable[[Path], Path]
    declared: Declared = UNDECLARED
    exit_code: int = 1
    feed: str = "people"
    says: str = ""


def text(name: str, data: bytes) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        (folder / name).write_bytes(data)
        return folder / name

    return make


def rows(**how: object) -> Callable[[Path], Path]:
    given = how.pop("rows", people(12))
    return lambda folder: write_csv(folder / "people.csv", given, **how)  # type: ignore[arg-type]


def workbook(cut: float) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = write_xlsx(folder / "homes.xlsx", [["楼盘名称", "房号", "建筑面积(㎡)"], *([f"小区{index}", "501", 88.5] for index in range(200))])
        data = path.read_bytes()
        path.write_bytes(data[: int(len(data) * cut)])
        return path

    return make


def with_manifest(content: bytes) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = write_csv(folder / "people.csv", people(3))
        manifest_of(path).write_bytes(content)
        return path

    return make


def swapped(count: int, share: float) -> list[dict[str, str]]:
    given = people(count)
    return [row | {"姓名": row["证件号码"], "证件号码": row["姓名"]} if index < share * count else row for index, row in enumerate(given)]


SCRAMBLED = csv_bytes(people(12), "utf-8")[:-40] + b"\xff\xfe\xff" + csv_bytes(people(1), "utf-8")
TWICE = csv_bytes(people(3), "utf-8").decode("gb18030", "replace").encode("utf-8")
BANNED_HEADER = [*HEADER, "健康状况"]

BAD = {
    "a missing file": Bad("file-missing", lambda folder: folder / "none.csv", exit_code=2),
    "an unknown format": Bad("unknown-format", text("people.parquet", b"PAR1"), exit_code=2),
    "an empty file": Bad("empty-delivery", text("people.csv", b"")),
    "a header without rows": Bad("empty-delivery", rows(rows=[])),
    "only blank rows": Bad("empty-delivery", rows(rows=[{}, {}])),
    "UTF-16": Bad("wrong-encoding", rows(encoding="utf-16")),
    "bytes of no encoding": Bad("wrong-encoding", text("people.csv", SCRAMBLED)),
    "text converted twice": Bad("wrong-encoding", text("people.csv", TWICE)),
    "bytes of no encoding, JSON": Bad("wrong-encoding", text("objects.jsonl", b'{"\xff\xff": 1}\n'), feed="objects"),
    "no header": Bad("no-header", text("people.csv", csv_bytes(people(3)).split(b"\r\n", 1)[1])),
    "a file of no feed": Bad("no-header", text("people.csv", "统一社会信用代码,主体名称\r\n1,2\r\n".encode())),
    "another feed's file": Bad("another-layout", text("people.csv", "标题\r\n编号,对象类型,对象编号,备注\r\n1,物,2,无\r\n".encode()), says="objects"),
    "another feed's workbook": Bad(
        "another-layout", lambda folder: write_xlsx(folder / "x.xlsx", [["编号", "对象类型", "对象编号"], ["1", "物", "2"]]), says="objects"
    ),
    "another feed's objects": Bad("another-layout", text("x.jsonl", b"[" + json.dumps(people(1)[0]).encode() + b"]"), feed="objects", says="people"),
    "few of another feed's columns": Bad("no-header", text("people.csv", "编号,对象类型,对象编号,甲,乙,丙,丁\r\n1,物,2,3,4,5,6\r\n".encode())),
    "objects without the feed's fields": Bad("missing-column", text("objects.jsonl", b'{"colour": "red"}\n'), feed="objects", says="编号, 对象类型"),
    "a semicolon as delimiter": Bad("wrong-delimiter", rows(delimiter=";"), says=";"),
    "a missing column": Bad("missing-column", rows(header=[name for name in HEADER if name != "姓名"]), says="姓名"),
    "a column twice": Bad("duplicate-column", rows(header=[*HEADER, "居住地址"]), says="现住地址"),
    "a JSON key twice": Bad("duplicate-column", text("objects.jsonl", '{"编号":"1","对象类型":"人","对象编号":"x","编号":"2"}\n'.encode()), feed="objects"),
    "a banned column": Bad("banned-column", rows(header=BANNED_HEADER), says="健康状况"),
    "a banned column, in English": Bad("banned-column", rows(header=[*HEADER, "HealthStatus"]), says="HealthStatus"),
    "a banned column in one JSON line": Bad(
        "banned-column",
        lambda folder: write_jsonl(
            folder / "o.jsonl", [{"编号": "1", "对象类型": "房", "对象编号": "x"}, {"编号": "2", "对象类型": "房", "对象编号": "y", "民族": "01"}]
        ),
        feed="objects",
        says="民族",
    ),
    "exchanged columns": Bad("swapped-columns", rows(rows=swapped(40, 0.95)), says="姓名"),
    "a row too short": Bad("broken-rows", text("people.csv", csv_bytes(people(5)) + b"1,2,3\r\n"), says="line 7"),
    "an open quote": Bad("broken-rows", text("people.csv", csv_bytes(people(5)) + b'RK9,"open\r\n')),
    "a line that is no JSON": Bad(
        "broken-json", text("o.jsonl", '{"编号":"1","对象类型":"人","对象编号":"x"}\n{"编号":'.encode()), feed="objects", says="row 2"
    ),
    "a truncated workbook": Bad("broken-workbook", workbook(0.7), feed="homes", declared=snapshot(200)),
    "a workbook cut to its beginning": Bad("broken-workbook", workbook(0.05), feed="homes", declared=snapshot(200)),
    "a text named workbook": Bad("broken-workbook", text("homes.xlsx", b"a,b\r\n1,2\r\n"), feed="homes", declared=snapshot(1)),
    "too few rows": Bad("wrong-row-count", rows(), declared=Declared(rows=13), says="13"),
    "too many rows": Bad("wrong-row-count", rows(), declared=snapshot(11)),
    "a snapshot without moment": Bad("snapshot-undeclared", rows(), declared=Declared(mode="snapshot", rows=12, area="330302"), exit_code=2, says="moment"),
    "a snapshot without anything": Bad("snapshot-undeclared", rows(), declared=Declared(mode="snapshot"), exit_code=2, says="moment, area, rows"),
    "a mode the feed does not have": Bad("wrong-declaration", rows(), declared=Declared(mode="refresh"), exit_code=2),  # type: ignore[arg-type]
    "a part beyond the parts": Bad("wrong-declaration", rows(), declared=Declared(part=3, parts=2), exit_code=2),
    "an area that is no code": Bad("wrong-declaration", rows(), declared=Declared(area="鹿城"), exit_code=2),
    "a manifest that is no JSON": Bad("broken-manifest", with_manifest(b"{"), exit_code=2),
    "a manifest with unknown fields": Bad("broken-manifest", with_manifest(b'{"row": 3}'), exit_code=2, says="row"),
    "a manifest of another feed": Bad("wrong-declaration", with_manifest(b'{"feed": "homes"}'), exit_code=2),
    "a manifest with a wrong moment": Bad("wrong-declaration", with_manifest(b'{"moment": "yesterday"}'), exit_code=2),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_delivery_is_refused_whole(name: str, tmp_path: Path) -> None:
    """One clear sentence and a hint in both languages, the exit code of the design, nothing on the log, nothing in the spool, no token made."""
    bad = BAD[name]
    with opened(tmp_path / "data") as landing:
        before = landing.sealer.sequence
        with pytest.raises(CabinError) as caught:
            land(landing, CONTRACTS.feeds[bad.feed], bad.make(tmp_path), bad.declared)
        assert landing.log.topics() == []
        assert landing.sealer.sequence == before
        assert not (tmp_path / "data" / "spool").exists()
    assert (caught.value.code, caught.value.exit_code) == (bad.code, bad.exit_code)
    for lang in ("zh", "en"):
        fact, hint = caught.value.render(lang)
        assert fact and hint and "{" not in fact + hint
        assert lang == "en" or not ENGLISH.search(fact), fact
    assert bad.says in caught.value.render("en")[0]


def test_no_refusal_names_a_cell(tmp_path: Path) -> None:
    """Names, numbers and addresses of the rows appear in no message, not even when a row is taken for a header."""
    cells = {cell for row in people(40) for key, cell in row.items() if key in ("姓名", "证件号码", "现住地址", "联系电话")}
    with opened(tmp_path / "data") as landing:
        for index, bad in enumerate(BAD.values()):
            folder = tmp_path / str(index)
            folder.mkdir()
            with pytest.raises(CabinError) as caught:
                land(landing, CONTRACTS.feeds[bad.feed], bad.make(folder), bad.declared)
            shown = " ".join((*caught.value.render("zh"), *caught.value.render("en")))
            assert not any(cell in shown for cell in cells)


def test_nearly_exchanged_columns_are_not_refused(tmp_path: Path) -> None:
    """At nine rows in ten the delivery lands: its wrong rows are the rows' fault."""
    with opened(tmp_path) as landing:
        report = land(landing, PEOPLE, write_csv(tmp_path / "people.csv", swapped(40, 0.9)))
    assert report.landed == 40
    assert report.faults == {"identifier-in-wrong-column": 36}


def test_unknown_feed_names_near_ones() -> None:
    """A slip of the pen is answered with the name that was meant."""
    with pytest.raises(errors.UnknownFeed) as caught:
        feed_named(CONTRACTS, "peeple")
    assert "people" in caught.value.render("en")[0]
    assert caught.value.exit_code == 2


def test_vault_older_than_the_log_is_refused(tmp_path: Path) -> None:
    """A vault that lost tokens would split persons in two: landing stops before it makes any."""
    with opened(tmp_path) as landing:
        land(landing, PEOPLE, write_csv(tmp_path / "people.csv", people(5)))
        with opened(tmp_path / "restored") as older, pytest.raises(errors.VaultBehindLog) as caught:
            land(replace(landing, sealer=older.sealer), PEOPLE, write_csv(tmp_path / "more.csv", people(5, 100)))
        assert len(messages(landing)) == 3
    assert caught.value.exit_code == 3


def test_manifest_declares_and_options_win(tmp_path: Path) -> None:
    """What the manifest says holds where options say nothing; a total number of rows given as option replaces the manifest's."""
    file = write_csv(tmp_path / "people.csv", people(4))
    manifest_of(file).write_text(
        json.dumps({"feed": "people", "mode": "snapshot", "moment": "2026-11-01T00:00:00+08:00", "area": "330302", "rows": 5, "part": 2, "parts": 2})
    )
    with opened(tmp_path) as landing:
        report = land(landing, PEOPLE, file, Declared(rows=4))
    assert (report.mode, str(report.moment), report.area) == ("snapshot", "2026-11-01 00:00:00", "330302")


def test_every_error_has_code_fact_and_hint() -> None:
    """All errors of streams: unique kebab code, docstring, both languages, format fields alike in both, exit codes of the design."""
    found = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, CabinError) and each.__module__ == "streams.errors"]
    assert len({each.code for each in found}) == len(found) >= 20
    for each in found:
        assert each.__doc__
        assert each.code.replace("-", "").isalpha()
        assert set(each.fact) == set(each.hint) == {"zh", "en"}
        assert each.exit_code == (2 if issubclass(each, UsageError) or each is errors.SnapshotUndeclared else 3 if issubclass(each, Unavailable) else 1)


def test_same_file_names_of_other_feeds_do_not_matter(tmp_path: Path) -> None:
    """A file lands as the feed it is landed as; only its header must fit."""
    with opened(tmp_path) as landing:
        report = land(landing, OBJECTS, write_jsonl(tmp_path / "people.jsonl", [{"编号": "1", "对象类型": "房", "对象编号": "a"}]))
        assert (
            land(
                landing,
                HOMES,
                write_csv(tmp_path / "x.csv", [{"楼盘名称": "甲", "房号": "1", "建筑面积(㎡)": "9"}], header=["楼盘名称", "房号", "建筑面积(㎡)"]),
            ).landed
            == 1
        )
    assert report.landed == 1
    assert person(1)["姓名"]
