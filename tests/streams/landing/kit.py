"""Hand-made feeds, deliveries and ports for the landing tests: small, and independent of the released contracts' layouts."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path

import duckdb
import openpyxl
import pyarrow.ipc

from contracts.model import Classification, CodeList, Column, Contracts, Feed, Label, Mapped, Minors
from contracts.model import Mapping as FeedMapping
from contracts.ports import Message
from streams.landing import Declared, Landing, Sizes, engine_of
from streams.landing.messages import topic_of
from streams.log.embedded import EmbeddedLog
from vault import Vault

LABEL = Label("标", "label")
RULES = (Path(__file__).parents[3] / "contracts" / "rules.sql").read_text(encoding="utf-8")
RECORDED = datetime(2026, 11, 25, 10, 0)
MOMENT = datetime(2026, 11, 1)
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def identity(birth: str = "19700101", sequence: int = 1, division: str = "330302") -> str:
    """A synthetic identity number with a right check character."""
    body = f"{division}{birth}{sequence:03d}"
    return body + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True)) % 11]


def column(name: str, header: str, kind: str = "code", **more: object) -> Column:
    given = {"classification": Classification.PLAIN, "purpose": "test", "legal_basis": "test", "description": header} | more
    return Column(name=name, id=f"t.{name}", header=header, type=kind, **given)  # type: ignore[arg-type]


PEOPLE = Feed(
    name="people",
    catalogue="T01",
    version=1,
    version_text="1.0.0",
    label=LABEL,
    department=LABEL,
    format="csv",
    encoding="gb18030",
    delimiter=",",
    modes=("increment", "snapshot", "correction", "withdrawal"),
    columns=(
        column("person_no", "人员编号"),
        column("number", "证件号码", "text", classification=Classification.IDENTIFIER, identifier="subject", sex_column="sex", birth_column="birth"),
        column("name", "姓名", "text", classification=Classification.PERSONAL),
        column("sex", "性别", code_list="sex", classification=Classification.PERSONAL),
        column("birth", "出生日期", "date", classification=Classification.PERSONAL, keep="year"),
        column("address", "现住地址", "address", classification=Classification.PERSONAL, other_headers=("居住地址",)),
        column("work", "工作单位", "text", required=False),
        column("phone", "联系电话", "text", classification=Classification.IDENTIFIER, identifier="phone", required=False),
        column("updated", "更新时间", "timestamp"),
    ),
    observed_at=("updated",),
    area="null",
    mappings=(
        FeedMapping("person", (Mapped("name", "name"),), entity="number"),
        FeedMapping("residency", (Mapped("person", "number"), Mapped("dwelling", "address"))),
    ),
    record="person_no",
    subject="number",
    minors=Minors("birth", ("address",)),
)
HOMES = replace(
    PEOPLE,
    name="homes",
    encoding="utf-8",
    format="xlsx",
    columns=(
        column("estate", "楼盘名称", "text"),
        column("room", "房号"),
        column("area_m2", "建筑面积(㎡)", "decimal"),
        column("built", "竣工日期", "date", required=False),
    ),
    mappings=(FeedMapping("dwelling", (), entity="estate || room"),),
    record=None,
    subject=None,
    minors=None,
)
OBJECTS = replace(
    PEOPLE,
    name="objects",
    encoding="utf-8",
    format="jsonl",
    columns=(
        column("event_no", "编号"),
        column("kind", "对象类型"),
        column("code", "对象编号", "text", classification=Classification.IDENTIFIER, identifier="subject", identifier_when="kind = '人'"),
        column("value", "核实值", "text", classification=Classification.PERSONAL, required=False),
        column("seen", "已见版本", "text", required=False),
    ),
    mappings=(FeedMapping("finding", (), entity="code"),),
    record="event_no",
    subject="code",
    minors=None,
)
FEEDS = {feed.name: feed for feed in (PEOPLE, HOMES, OBJECTS)}
CONTRACTS = Contracts(FEEDS, {}, {}, {"sex": CodeList("sex", {"1": Label("男", "male"), "2": Label("女", "female")}, None)}, RULES, "test", {"330302": LABEL})
HEADER = [each.header for each in PEOPLE.columns]


@cache
def engine() -> duckdb.DuckDBPyConnection:
    """One engine for all tests of a process; it holds only the vocabulary."""
    return engine_of(CONTRACTS)


class FixedClock:
    """Implements `Clock`: each question a minute later, so that two spools of one delivery would differ."""

    def __init__(self) -> None:
        self.asked = 0

    def now(self) -> datetime:
        self.asked += 1
        return RECORDED.replace(minute=self.asked % 60)


@contextmanager
def opened(folder: Path, **more: object) -> Iterator[Landing]:
    """Real log, real vault, small messages."""
    with EmbeddedLog.open(folder / "log.sqlite", 2) as log, Vault.open(folder / "vault") as vault:
        landing = Landing(
            log,
            vault,
            FixedClock(),
            CONTRACTS,
            folder / "spool",
            sizes=Sizes(message_rows=3, block_bytes=4_000, append_bytes=600, lock_seconds=5),
            engine=engine(),
        )
        yield replace(landing, **more)  # type: ignore[arg-type]


def person(index: int, **cells: str) -> dict[str, str]:
    """One clean row of `PEOPLE` by header."""
    names = "赵钱孙李周吴郑王"
    row = {
        "人员编号": f"RK{index:06d}",
        "证件号码": identity(f"19{50 + index % 50:02d}0{index % 9 + 1}1{index % 9}", index % 900 + 1),
        "姓名": names[index % 8] + names[(index + 3) % 8],
        "性别": "1" if index % 900 % 2 == 0 else "2",
        "出生日期": f"19{50 + index % 50:02d}-0{index % 9 + 1}-1{index % 9}",
        "现住地址": f"五马街道解放街{index % 40 + 1}号{index % 5 + 1}幢{index}室",
        "工作单位": "鹿城区某某公司",
        "联系电话": f"138{index:08d}",
        "更新时间": "2026-10-01 08:00:00",
    }
    return row | cells


def people(count: int, start: int = 0) -> list[dict[str, str]]:
    return [person(start + index) for index in range(count)]


def csv_bytes(
    rows: Sequence[Mapping[str, str]], encoding: str = "gb18030", delimiter: str = ",", header: Sequence[str] = HEADER, titles: Sequence[str] = ()
) -> bytes:
    """The rows as CSV with CRLF; cells without a value are empty."""
    text = io.StringIO(newline="")
    text.write("".join(title + "\r\n" for title in titles))
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([row.get(name, "") for name in header] for row in rows)
    return text.getvalue().encode(encoding)


def write_csv(path: Path, rows: Sequence[Mapping[str, str]], **how: object) -> Path:
    path.write_bytes(csv_bytes(rows, **how))  # type: ignore[arg-type]
    return path


def write_jsonl(path: Path, rows: Sequence[Mapping[str, object]]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def write_xlsx(path: Path, rows: Sequence[Sequence[object]], merged: Sequence[str] = ()) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(list(row))
    for cells in merged:
        sheet.merge_cells(cells)
    book.save(path)
    return path


def messages(landing: Landing, feed: Feed = PEOPLE) -> list[Message]:
    """All raw messages of a feed, partition by partition."""
    found = []
    for partition in range(landing.log.partitions):
        found += [stored.message for stored in landing.log.read(topic_of(feed), partition, 0, 1 << 40)]
    return found


def raw_rows(landing: Landing, feed: Feed = PEOPLE, kind: str = "raw.rows") -> list[dict[str, object]]:
    """The raw rows on the log, with the sealed cells opened under `opened`."""
    rows = []
    for message in messages(landing, feed):
        if message.headers["ce_type"] == kind:
            table = pyarrow.ipc.open_stream(message.value).read_all()
            clear = landing.sealer.unseal(table["subject"].combine_chunks(), table["sealed"].combine_chunks())
            rows += [row | {"opened": json.loads(text) if text else {}} for row, text in zip(table.to_pylist(), clear.to_pylist(), strict=True)]
    return rows


def arrow_bytes_of(landing: Landing, feed: Feed = PEOPLE) -> bytes:
    """Every buffer of every table of a feed, decompressed: also what stands behind a null."""
    tables = (pyarrow.ipc.open_stream(message.value).read_all() for message in messages(landing, feed) if message.headers["ce_type"] != "delivery.closed")
    return b"".join(bytes(buffer) for table in tables for column in table.columns for chunk in column.chunks for buffer in chunk.buffers() if buffer)


def closing(landing: Landing, feed: Feed = PEOPLE) -> list[dict[str, object]]:
    return [json.loads(message.value) for message in messages(landing, feed) if message.headers["ce_type"] == "delivery.closed"]


def snapshot(rows: int | None = None, **more: object) -> Declared:
    return Declared(mode="snapshot", moment=MOMENT, area="330302", rows=rows, **more)  # type: ignore[arg-type]


def plainly(text: str | None) -> str | None:
    """The definition: invisible characters out, trimmed, NFKC, trimmed, blank to null."""
    if text is None:
        return None
    trimmed = re.sub("[\u200b-\u200f\u2060\ufeff]", "", text).strip()
    return unicodedata.normalize("NFKC", trimmed).strip() or None
