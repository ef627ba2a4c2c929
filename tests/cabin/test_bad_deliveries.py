"""Each bad delivery, as an officer meets it at the command line: one clear sentence, a hint in the chosen language, the exit code, and nothing half done."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from cabin.ledger import counts
from cabin.ports import open_landing
from contracts.topics import LINEAGE
from streams.landing import Job, Landing, declared_for, engine_of, land_many
from streams.landing.inspect import inspect
from streams.log import EmbeddedLog
from tests.cabin.kit import ENVIRONMENT, District, Said, cabin, done, holds_english

CHINESE = re.compile("[\u4e00-\u9fff]{3,}")
SNAPSHOT = ("--mode", "snapshot", "--moment", "2026-02-01T06:00:00", "--area", "330302")
PLAIN = ("--mode", "increment")


@dataclass(frozen=True, slots=True)
class Delivered:
    """A sound delivery's header and lines, and the whole of a workbook."""

    header: str
    lines: Sequence[str]
    workbook: bytes


@dataclass(frozen=True, slots=True)
class Bad:
    """How a delivery is spoilt, what is typed, and what is answered."""

    code: str
    spoilt: Callable[[Delivered], bytes]
    options: Sequence[str] = PLAIN
    exit_code: int = 1
    feed: str = "ps_resident"
    name: str = "ps_resident.csv"
    says: str = ""


def csv(delivered: Delivered, header: str | None = None, lines: Sequence[str] | None = None) -> bytes:
    return "\r\n".join([header or delivered.header, *(delivered.lines if lines is None else lines), ""]).encode("gb18030")


def with_column(name: str, cell: str) -> Callable[[Delivered], bytes]:
    return lambda it: csv(it, f"{it.header},{name}", [f"{line},{cell}" for line in it.lines])


def without_column(delivered: Delivered, header: str) -> bytes:
    at = delivered.header.split(",").index(header)
    cut = [",".join(cell for place, cell in enumerate(line.split(",")) if place != at) for line in (delivered.header, *delivered.lines)]
    return csv(delivered, cut[0], cut[1:])


def exchanged(delivered: Delivered) -> bytes:
    return csv(delivered, delivered.header.replace("姓名", "#").replace("证件号码", "姓名").replace("#", "证件号码"))


BAD = {
    "an unknown feed": Bad("unknown-feed", csv, exit_code=2, feed="ps_residents", says="ps_resident"),
    "a file of no feed": Bad("feed-unnamed", csv, (), exit_code=2, feed="auto", name="liste.csv"),
    "bytes in no encoding": Bad("wrong-encoding", lambda it: csv(it)[:400] + b"\xff\xfe\x81\x00\xff" + csv(it)[400:]),
    "a missing column": Bad("missing-column", lambda it: without_column(it, "证件号码"), says="证件号码"),
    "an empty file": Bad("empty-delivery", lambda it: b""),
    "a header without rows": Bad("empty-delivery", lambda it: csv(it, lines=())),
    "no header": Bad("no-header", lambda it: csv(it, it.lines[0], it.lines[1:])),
    "another separator": Bad("wrong-delimiter", lambda it: csv(it).replace(b",", b";")),
    "a truncated workbook": Bad(
        "broken-workbook", lambda it: it.workbook[: len(it.workbook) // 2], (*SNAPSHOT, "--rows", "472"), feed="ho_dwelling", name="ho.xlsx"
    ),
    "a banned column": Bad("banned-column", with_column("健康状况", "良"), says="健康状况"),
    "a banned column in English": Bad("banned-column", with_column("religion", "x"), says="religion"),
    "a wrong declared count": Bad("wrong-row-count", csv, (*PLAIN, "--rows", "7"), says="7"),
    "a snapshot without moment": Bad("snapshot-undeclared", csv, ("--mode", "snapshot", "--area", "330302", "--rows", "40"), exit_code=2, says="moment"),
    "a snapshot without anything": Bad("snapshot-undeclared", csv, ("--mode", "snapshot"), exit_code=2, says="moment, area, rows"),
    "another department's layout": Bad("another-layout", csv, feed="fire_hazard", says="ps_resident"),
    "exchanged columns": Bad("swapped-columns", exchanged, says="姓名"),
    "a column twice": Bad("duplicate-column", with_column("姓名", "甲"), says="姓名"),
    "a row too short": Bad("broken-rows", lambda it: csv(it, lines=[*it.lines, "1,2,3"])),
    "a mode that is none": Bad("wrong-declaration", csv, ("--mode", "refresh"), exit_code=2),
    "an area that is none": Bad("wrong-declaration", csv, (*PLAIN, "--area", "鹿城"), exit_code=2),
    "a broken line of JSON": Bad("broken-json", lambda it: '{"合同编号": "1"}\n{"合同'.encode(), feed="rental", name="rental.jsonl", says="2"),
    "a picture": Bad("unknown-format", lambda it: b"\x89PNG\r\n", feed="rental", name="rental.png", exit_code=2),
}


@pytest.fixture(scope="module")
def delivered(district: District, deliveries: Path) -> Delivered:
    header, *lines = (deliveries / "1_ps_resident.csv").read_text("gb18030").splitlines()
    workbook = next(each.file for each in district.manifest.deliveries if each.feed == "ho_dwelling")
    return Delivered(header, lines, workbook.read_bytes())


def told(said: Said, code: int, lang: str) -> str:
    """The fact of the one refusal; fact and hint are in the language."""
    assert said.code == code, said
    assert "Traceback" not in said.err
    fact, hint = re.fullmatch(r"error: ([^\n]{10,})\nhint: ([^\n]{5,})\n", said.err).groups()  # type: ignore[union-attr]
    assert bool(CHINESE.search(hint)) == (lang == "zh")
    assert lang == "en" or not holds_english(fact + hint), fact
    assert "{" not in fact + hint
    return str(fact)


def assert_nothing_done(data: Path) -> None:
    """No message on any topic but that of lineage, no spool, no lock."""
    with EmbeddedLog.open(data / "log.sqlite") as log:
        assert set(log.topics()) <= {LINEAGE}  # that a landing was tried and failed
    assert not (data / "spool").exists() or list((data / "spool").iterdir()) == []


@pytest.mark.parametrize("name", BAD)
def test_a_bad_delivery_is_refused_in_words(delivered: Delivered, tmp_path: Path, name: str) -> None:
    """In both languages and in JSON: the same code, the exit code of the design; no row on the log, nothing in the spool."""
    bad, data = BAD[name], tmp_path / "data"
    file = tmp_path / bad.name
    file.write_bytes(bad.spoilt(delivered))
    facts = [told(cabin(data, "land", bad.feed, str(file), *bad.options, lang=lang), bad.exit_code, lang) for lang in ("zh", "en")]
    document = cabin(data, "--json", "land", bad.feed, str(file), *bad.options).document
    error = document.get("error") or document["landed"][0]["error"]
    assert (error["code"], error["fact"]) == (bad.code, facts[1])
    assert all(bad.says in fact for fact in facts)
    if (data / "log.sqlite").exists():
        assert_nothing_done(data)


def test_a_banned_value_refuses_its_row_only(delivered: Delivered, tmp_path: Path) -> None:
    """The rule and the count are told, in both languages, never the value; the other rows land."""
    lines = [re.sub(r",(\d{17}[\dX]),([^,]+),", r",\1,重点人员,", line, count=1) if at == 3 else line for at, line in enumerate(delivered.lines)]
    (tmp_path / "ps_resident.csv").write_bytes(csv(delivered, lines=lines))
    said = {lang: done(tmp_path / lang, "land", "ps_resident", str(tmp_path / "ps_resident.csv"), *PLAIN, "--lang", lang) for lang in ("zh", "en")}
    assert re.search(r"拒收：1 行", said["zh"].out) and re.search(r"refused by [\w.-]+: 1 rows", said["en"].out)
    assert "重点人员" not in said["zh"].out + said["en"].out + said["zh"].err
    with EmbeddedLog.open(tmp_path / "en" / "log.sqlite") as log:
        assert [(count.delivered, count.refused) for count in counts(log)] == [(len(lines), 1)]


def test_two_processes_at_once_land_a_delivery_once(deliveries: Path, tmp_path: Path) -> None:
    """Two commands, started together over the same file: both end well, one says that it is already landed, and every row is there once."""
    line = [sys.executable, "-m", "cabin", "--json", "land", "rental", str(deliveries / "2_rental.jsonl")]
    both = [subprocess.Popen(line, env={**os.environ, **ENVIRONMENT, "CABIN_DATA": str(tmp_path)}, stdout=subprocess.PIPE) for _ in range(2)]
    answers = [json.loads(process.communicate(timeout=120)[0])["landed"][0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sorted(answer["already_landed"] for answer in answers) == [False, True]
    with EmbeddedLog.open(tmp_path / "log.sqlite") as log:
        assert [(count.deliveries, count.landed) for count in counts(log)] == [(1, 13)]


def test_what_a_command_writes_is_the_owners_alone(deliveries: Path, tmp_path: Path) -> None:
    """Log, state, warehouse and snapshots hold names: no file or folder of a cabin can be read by others, whatever the shell's own habit."""
    data = tmp_path / "data"
    for line in (["land", "rental", str(deliveries / "2_rental.jsonl")], ["run"]):
        subprocess.run([sys.executable, "-m", "cabin", *line], env={**os.environ, **ENVIRONMENT, "CABIN_DATA": str(data)}, check=True, umask=0o022)
    written = [data, *data.rglob("*")]
    assert {path.suffix for path in written} >= {".sqlite", ".duckdb"}
    assert [path.name for path in written if path.stat().st_mode & 0o077 and path.parent.name != "published"] == []


def test_a_delivery_in_other_hands_is_left_alone(deliveries: Path, tmp_path: Path) -> None:
    """After the time to wait for the other process: exit code 3, a hint to wait, nothing done."""
    done(tmp_path, "status")
    job = Job("rental", deliveries / "2_rental.jsonl")

    @contextmanager
    def impatient() -> Iterator[Landing]:
        with open_landing(tmp_path) as landing:
            delivery = landing.sealer.digest(hashed(landing, job))
            lock = tmp_path / "spool" / f"{delivery}.lock"
            handle = landing.files.lock(lock)
            assert handle is not None
            yield replace(landing, sizes=replace(landing.sizes, lock_seconds=0))
            landing.files.unlock(lock, handle)

    (outcome,) = land_many(impatient, [job])
    assert outcome.error is not None
    assert (outcome.error.code, outcome.error.exit_code) == ("delivery-in-progress", 3)
    assert "另一进程" in outcome.error.render("zh")[0]
    assert_nothing_done(tmp_path)


def hashed(landing: Landing, job: Job) -> bytes:
    """What names a delivery, as landing finds it."""
    feed = landing.contracts.feeds[job.feed]
    with engine_of(landing.contracts) as engine:
        return inspect(landing, feed, job.file, declared_for(feed, job.file, job.declared), engine).named


def test_one_bad_file_does_not_stop_a_folder(delivered: Delivered, deliveries: Path, tmp_path: Path) -> None:
    """The others land, the bad one is named, and the exit code is the worst of all."""
    folder = shutil.copytree(deliveries, tmp_path / "deliveries")
    (folder / "2_rental.jsonl").write_bytes(b"{")
    said = cabin(tmp_path / "data", "--json", "land", "auto", str(folder))
    assert said.code == 1
    assert [each.get("error", {}).get("code") for each in said.document["landed"]] == [None, "broken-json", None]


FAULTS = {
    "full-width digits": lambda cells: cells | {"证件号码": cells["证件号码"].translate({ord(str(digit)): 0xFF10 + digit for digit in range(10)})},
    "blanks around": lambda cells: cells | {"姓名": f" {cells['姓名']}　", "证件号码": f"\u200b{cells['证件号码']} "},
    "a wrong check digit": lambda cells: cells | {"证件号码": cells["证件号码"][:17] + ("1" if cells["证件号码"][17] != "1" else "2")},
    "a number and a name exchanged in one row": lambda cells: cells | {"证件号码": cells["姓名"], "姓名": cells["证件号码"]},
    "an identity number in a plain column": lambda cells: cells | {"人员编号": cells["证件号码"]},
    "a building without its unit": lambda cells: cells | {"现住地址": re.sub(r"[一二三四\d]+单元", "", cells["现住地址"])},
    "a spreadsheet's day number": lambda cells: cells | {"登记日期": "44927"},
    "a stale time": lambda cells: cells | {"更新时间": "2019-01-01 00:00:00"},
    "a time to come": lambda cells: cells | {"更新时间": "2036-01-01 00:00:00"},
    "no number": lambda cells: cells | {"证件号码": ""},
}
"""The domain's faults of rows: each is told and kept out or mended, and no row is lost."""


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_of_a_row_is_accounted_for(delivered: Delivered, tmp_path: Path, name: str) -> None:
    """The delivery lands; every one of its rows is refused, reduced or landed; the command says nothing that stood in the row."""
    names = delivered.header.split(",")
    adult = next(at for at, line in enumerate(delivered.lines) if line.split(",")[2] and int(line.split(",")[5][:4]) < 2000)
    cells = dict(zip(names, delivered.lines[adult].split(","), strict=True))
    spoilt = FAULTS[name](cells)
    lines = [",".join(spoilt[header] for header in names) if at == adult else line for at, line in enumerate(delivered.lines)]
    (tmp_path / "ps_resident.csv").write_bytes(csv(delivered, lines=lines))
    said = done(tmp_path / "data", "--json", "land", "ps_resident", str(tmp_path / "ps_resident.csv"), *PLAIN)
    landed = said.document["landed"][0]
    assert spoilt != cells
    assert landed["delivered"] == len(lines) == landed["refused"] + landed["reduced"] + landed["layout"] + landed["landed"]
    assert cells["证件号码"] not in said.out + said.err and cells["姓名"] not in said.out + said.err
