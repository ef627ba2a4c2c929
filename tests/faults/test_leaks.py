"""No planted identity number outside the vault, no planted name where it may not stand, in anything a whole district leaves behind."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from streams.log import EmbeddedLog
from streams.normalise import decode
from tests.cabin.kit import District, cabin, done
from tests.cabin.test_explain_and_reveal import visit_row

NUMBER = re.compile(r"(?=(\d{17}[\dXx]))")
HAN = re.compile("[\u4e00-\u9fff]{2,}")
TOKEN = re.compile(r"\bp[0-9a-f]{24}\b")
CLEAR_TOPICS = ("cabin.claims", "cabin.changes")
"""Facts hold names in clear: the folder that keeps them is the cabin itself. All other topics hold none."""


@dataclass(frozen=True, slots=True)
class Planted:
    """What the scan looks for."""

    numbers: frozenset[str]
    names: frozenset[str]

    def numbers_in(self, text: str) -> set[str]:
        return {number for number in NUMBER.findall(text) if number.upper() in self.numbers}

    def names_in(self, text: str) -> set[str]:
        """Names of three and four characters anywhere; those of two only where nothing stands around them, because streets and estates are made of the same characters."""
        runs = set(HAN.findall(text))
        return (runs | {run[at : at + size] for run in runs for size in (3, 4) for at in range(len(run) - size + 1)}) & self.names


@pytest.fixture(scope="module")
def planted(district: District) -> Planted:
    numbers, names = (frozenset(pq.read_table(district.truth / f"planted_{what}.parquet")["value"].to_pylist()) for what in ("identifiers", "names"))
    return Planted(numbers, names)


@pytest.fixture(scope="module")
def messages(district: District) -> dict[str, str]:
    return decoded(district.data)


def decoded(data: Path) -> dict[str, str]:
    """The decoded text of every topic: headers, keys, JSON, and the cells of compressed Arrow tables."""
    with EmbeddedLog.open(data / "log.sqlite") as log:
        return {topic: "\n".join(_spoken(log, topic)) for topic in log.topics()}


def _spoken(log: EmbeddedLog, topic: str) -> Iterator[str]:
    for partition in range(log.partitions):
        offset = 0
        while read := log.read(topic, partition, offset):
            for message in (stored.message for stored in read):
                yield f"{dict(message.headers)} {message.key.decode('utf-8', 'ignore')}"
                yield from [message.value.decode()] if "json" in message.headers["content-type"] else _cells(decode(message.value))
            offset = read[-1].position.offset + 1


def _cells(table: pa.Table) -> Iterator[str]:
    for column in table.columns:
        for cell in column.to_pylist() if pa.types.is_nested(column.type) else column.unique().to_pylist():
            yield cell.decode("utf-8", "ignore") if isinstance(cell, bytes) else str(cell)
        if pa.types.is_string(column.type):  # what stands behind a null too
            yield from (bytes(buffer).decode("utf-8", "ignore") for chunk in column.chunks for buffer in chunk.buffers()[2:] if buffer)


def tables(file: Path) -> str:
    """Every distinct cell of every table of a DuckDB file."""
    with duckdb.connect(str(file), read_only=True) as engine:
        listed = engine.execute("select schema_name, table_name, column_name from duckdb_columns() where not internal").fetchall()
        queries = [f'select distinct "{column}"::varchar from "{schema}"."{table}" where "{column}" is not null' for schema, table, column in listed]
        return "\n".join(cell for query in queries for (cell,) in engine.execute(query).fetchall())


def files(data: Path) -> list[Path]:
    """Every file of a data folder."""
    return [path for path in sorted(data.rglob("*")) if path.is_file()]


def texts(file: Path) -> list[str]:
    """The bytes of a file as text, in the encodings that departments deliver in."""
    content = file.read_bytes()
    return [content.decode(encoding, "ignore") for encoding in ("utf-8", "gb18030")]


def test_the_scanner_can_fail(district: District, planted: Planted, messages: dict[str, str]) -> None:
    """It finds numbers and names in the deliveries, names in claims and state, and tokens in raw rows: every container is really opened."""
    delivered = [text for each in district.manifest.deliveries for text in texts(each.file)]
    assert len(planted.numbers) == len(planted.names) == 1_000 and {len(name) for name in planted.names} == {2, 3, 4}
    assert len(set.union(*(planted.numbers_in(text) for text in delivered))) > 950
    assert {size: len({name for text in delivered for name in planted.names_in(text) if len(name) == size}) > 5 for size in (2, 3, 4)} == {
        2: True,
        3: True,
        4: True,
    }
    assert len(set.union(*(planted.names_in(text) for text in delivered))) > 950
    assert len(planted.names_in(messages["cabin.claims"])) > 800  # children are reduced
    assert planted.names_in(tables(district.data / "state" / "p0.duckdb")) and planted.names_in(tables(district.data / "warehouse" / "current.duckdb"))
    assert len(set(TOKEN.findall(messages["cabin.raw.ps_resident"]))) > 500


def test_no_number_stands_outside_the_vault(district: District, planted: Planted) -> None:
    """Not in the bytes of any file, in whatever encoding."""
    outside = [file for file in files(district.data) if "vault" not in file.parts]
    assert len(outside) > 4
    assert {str(file.name): len(found) for file in outside for text in texts(file) if (found := planted.numbers_in(text))} == {}


def test_no_number_stands_in_any_message(planted: Planted, messages: dict[str, str]) -> None:
    """Not in a header, a key, a JSON value or a cell of any topic."""
    assert {"cabin.raw.ps_resident", "cabin.claims", "cabin.changes", "cabin.outcomes"} <= set(messages)
    assert {topic: len(found) for topic, text in messages.items() if (found := planted.numbers_in(text))} == {}


def test_no_number_stands_in_any_table(district: District, planted: Planted) -> None:
    """Not in the states, the current file, the published snapshot, or the desk's index where another test made one."""
    databases = [file for file in files(district.data) if file.suffix == ".duckdb"]
    assert sorted(file.parent.name for file in databases if file.parent.name != "desk") == ["published", "state", "state", "warehouse"]
    assert {file.name: len(found) for file in databases if (found := planted.numbers_in(tables(file)))} == {}


def test_no_name_stands_on_raw_quarantine_or_outcomes(planted: Planted, messages: dict[str, str]) -> None:
    """Only facts name people; what was delivered is sealed, and what is told about rows is counted."""
    assert {topic: sorted(found)[:3] for topic, text in messages.items() if topic not in CLEAR_TOPICS and (found := planted.names_in(text))} == {}


def test_no_name_stands_in_the_published_snapshot(district: District, planted: Planted) -> None:
    """Marts, wide tables and the search table show a surname and stars."""
    published = [file for file in files(district.data) if file.parent.name == "published" and file.suffix == ".duckdb"]
    assert published and "*" in tables(published[0])
    assert {file.name: sorted(found)[:3] for file in published if (found := planted.names_in(tables(file)))} == {}


def test_no_name_stands_in_other_files(district: District, planted: Planted) -> None:
    """Spool, vault, pointer and locks hold no name in clear."""
    others = [file for file in files(district.data) if file.suffix != ".duckdb" and not file.name.startswith("log.sqlite")]
    assert any("vault" in file.parts for file in others)
    assert {file.name: sorted(found)[:3] for file in others for text in texts(file) if (found := planted.names_in(text))} == {}


def test_the_vault_holds_no_number_in_clear(district: District, planted: Planted) -> None:
    """Not even the vault's files: numbers lie there encrypted under a key of their own."""
    vault = [file for file in files(district.data) if "vault" in file.parts]
    assert vault and not any(planted.numbers_in(text) for file in vault for text in texts(file))


def quarantined(district: District) -> list[tuple[str, str]]:
    """Delivery and row of a quarantined row of each feed and reason."""
    listed = done(district.data, "--json", "quarantine", "list", "--limit", "5000").document["rows"]
    return [(row["delivery"], str(row["row"])) for row in {(row["feed"], row["reason"]): row for row in listed}.values()]


def test_no_command_says_a_number_or_a_name(district: District, planted: Planted) -> None:
    """What landing, running and looking around print names nobody; `reveal` alone does."""
    said = [district.landed, district.ran]
    for arguments in (("status",), ("feed", "show", "ps_resident"), ("quarantine", "list"), ("quarantine", "counts"), ("find", "王")):
        said += [cabin(district.data, *arguments), cabin(district.data, "--json", *arguments)]
    for arguments in (
        ("sql", "select * from household"),
        ("sql", "select * from discrepancy"),
        ("sql", "select * from entity_value"),
        ("contract", "show", "ps_resident"),
        ("alias", "list"),
        ("access",),
    ):
        said.append(cabin(district.data, "--json", *arguments))
    said += [done(district.data, "quarantine", "show", *row) for row in quarantined(district)]
    person = done(district.data, "--json", "find", "王").document["found"][0]["entity"]
    said.append(done(district.data, "explain", "person", person))
    shown = "\n".join(each.out + each.err for each in said)
    assert person in shown and "王*" in shown
    assert (planted.numbers_in(shown), planted.names_in(shown)) == (set(), set())


def test_visits_full_of_names_show_none(planted: Planted, tmp_path: Path) -> None:
    """Officers who write somebody's name as reason, value, close or object of a visit: sealed on raw, in quarantine and in everything printed about it."""
    names, data = sorted(planted.names), tmp_path / "data"
    forms = (
        {"事件": "计划", "结果": None},
        {"字段": "use"},
        {"对象类型": "人", "对象编号": sorted(planted.numbers)[0], "字段": "name"},
        {"事件": "结束", "结果": None},
        {"事件": "敲门"},
    )
    home = "浙江省温州市鹿城区五马街道八仙楼社区解放街12号3幢2单元501室"
    rows = [visit_row(number, 房屋地址=home, 核实值=name, **forms[number % len(forms)]) for number, name in enumerate(names)]
    (tmp_path / "visit.jsonl").write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    said = [done(data, "--json", "land", "visit", str(tmp_path / "visit.jsonl"), "--mode", "increment"), done(data, "--json", "run")]
    listed = done(data, "--json", "quarantine", "list", "--limit", "5000").document["rows"]
    said += [done(data, "quarantine", "show", row["delivery"], str(row["row"])) for row in listed[:40]]
    quiet = {topic: text for topic, text in decoded(data).items() if topic not in CLEAR_TOPICS}
    assert len(planted.names_in((tmp_path / "visit.jsonl").read_text("utf-8"))) == len(names) and {len(name) for name in names} == {2, 3, 4}
    assert len(listed) > 500 and {"cabin.raw.visit", "cabin.quarantine"} <= set(quiet)
    shown = "\n".join(each.out + each.err for each in said)
    assert {topic: len(found) for topic, text in {**quiet, "said": shown}.items() if (found := planted.names_in(text))} == {}


def test_refusals_say_neither(district: District, planted: Planted, tmp_path: Path) -> None:
    """Deliveries full of planted values, each with another mistake: no error repeats one, in either language."""
    source = next(each.file for each in district.manifest.deliveries if each.feed == "ps_resident")
    header, *lines = source.read_text("gb18030").splitlines()
    broken = {
        "headless": lines,
        "short": [header, *lines[:20], lines[20].rpartition(",")[0]],
        "quoted": [header, *lines[:20], '"' + lines[20]],
        "renamed": [header.replace("姓名", "称呼").replace("证件号码", "号码"), *lines],
        "banned": [header + ",健康状况", *(f"{line},{line.split(',')[3]}" for line in lines)],
        "exchanged": [header.replace("姓名", "#").replace("证件号码", "姓名").replace("#", "证件号码"), *lines],
    }
    said = []
    for name, text in broken.items():
        (tmp_path / f"{name}.csv").write_bytes("\r\n".join([*text, ""]).encode("gb18030"))
        said += [cabin(tmp_path / "data", "land", "ps_resident", str(tmp_path / f"{name}.csv"), "--mode", "increment", lang=lang) for lang in ("zh", "en")]
    shown = "\n".join(each.out + each.err for each in said)
    assert [each.code for each in said] == [1] * len(said)
    assert (planted.numbers_in(shown), planted.names_in(shown)) == (set(), set())
