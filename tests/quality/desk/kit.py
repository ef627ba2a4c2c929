"""A small installation in one folder - log, vault, landing, normalising, desk - and fire checks and leases as departments deliver them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

import duckdb

from cabin.desk import RawRows
from contracts.ipc import read_table
from contracts.model import Contracts
from contracts.ports import Log, Message, Position
from contracts.read import load
from contracts.topics import CLAIMS, RAW
from quality.desk import ask
from quality.desk.index import opened
from quality.desk.pattern import Pattern
from quality.desk.work import Desk
from streams.landing import Declared, Landing, engine_of, land
from streams.local import append, pending, read_span, steps
from streams.log import EmbeddedLog
from streams.normalise import normalise_messages
from vault import Vault

HEADER = "检查编号,检查日期,对象类型,对象代码,对象名称,地址,隐患类别,隐患数,整改期限,整改结果"
DIVISIONS = "统计用区划代码,名称,上级代码,城乡分类代码,网格编码,网格名称,启用日期,停用日期"
KIND = Pattern(feed="fire_hazard", reason="object-unknown")
TO_VENUE = {"kind": "map", "columns": ["object_kind"], "values": {"饭店": "3"}}
HEADS = {"fire_hazard": HEADER, "division": DIVISIONS}
STREET = "五马街道解放街"
ADDRESS = f"温州市鹿城区{STREET}7号1单元101室"
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@cache
def contracts() -> Contracts:
    return load()


@cache
def engine() -> duckdb.DuckDBPyConnection:
    """One for all tests: making it takes longer than what they do with it."""
    return engine_of(contracts())


def identity(sequence: int) -> str:
    """A synthetic identity number with a right check character."""
    born = date(1970, 1, 1) + timedelta(days=sequence // 99)
    body = f"330302{born:%Y%m%d}{sequence % 99 + 101:03d}"
    return body + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True)) % 11]


def check(number: int, kind: str = "3", day: str = "2026-02-03", name: str = "饭店") -> str:
    """One delivered line of fire checks; kinds 1 to 3 are known."""
    return f"JC{number:06d},{day},{kind},XK{number},{name}{number},{STREET}{number}号,其他,1,2026-03-01,"


def lease(number: int, status: str = "1", address: str | None = None) -> dict[str, str]:
    """One lease; statuses 1 to 4 are known, the address is personal."""
    named = {column.name: column.header for column in contracts().feeds["rental"].columns}
    given = {
        "contract_no": f"HT{number:06d}",
        "address": address or f"温州市鹿城区{STREET}{number}号1单元101室",
        "tenant_doc_no": identity(number),
        "status": status,
        "from_on": "2026-01-01",
        "to_on": "2026-12-31",
        "pushed_at": f"2026-02-03 08:00:{number % 60:02d}",
    }
    return {named[name]: text for name, text in given.items() if name in named}


@dataclass(slots=True)
class Clock:
    """A clock that stands until it is set."""

    at: datetime = datetime(2026, 2, 4, 9)

    def now(self) -> datetime:
        return self.at


@dataclass(frozen=True, slots=True)
class Place:
    """The installation; what is delivered is normalised at once."""

    folder: Path
    log: EmbeddedLog
    vault: Vault
    clock: Clock
    raw: RawRows

    def deliver(self, feed: str, lines: Sequence[str] | Sequence[dict[str, str]], declared: Declared | None = None) -> str:
        """Lands the lines as one delivery and normalises; its id."""
        texts = [each if isinstance(each, str) else json.dumps(each, ensure_ascii=False) for each in lines]
        declares = contracts().feeds[feed]
        file = self.folder / f"{feed}.{declares.format}"
        head = [HEADS[feed]] if feed in HEADS else []
        file.write_text("\n".join([*head, *texts, ""]), encoding="utf-8")
        landing = Landing(self.log, self.vault, self.clock, contracts(), self.folder / "spool", engine=engine())
        delivery = land(landing, declares, file, declared or Declared()).delivery
        self.normalise()
        return delivery

    def normalise(self) -> None:
        for step in steps(pending(self.log)):
            stored = [each for span in step for each in read_span(self.log, span)]
            known = {key: time for span in step for key, time in span.known.items()}
            append(self.log, normalise_messages(engine(), contracts(), self.vault, stored, self.log.partitions, known))

    def desk(self, log: Log | None = None, **more: object) -> Desk:
        raw = self.raw if log is None else replace(self.raw, log=log)
        return replace(Desk(self.folder / "desk", log or self.log, self.vault, self.clock, contracts(), raw, "officer"), **more)  # type: ignore[arg-type]

    def states(self) -> dict[int, str]:
        """The state of every row ever quarantined, by row number."""
        with opened(self.folder / "desk", self.log) as con:
            return {each["row"]: each["state"] for each in ask.listed(con, Pattern(), state=None, limit=10_000)}

    def account(self) -> tuple[int, int, int, int]:
        """Ever, open, redriven, rejected of all feeds; each account must hold."""
        with opened(self.folder / "desk", self.log) as con:
            found = ask.accounts(con)
        assert all(each.holds for each in found)
        return tuple(sum(getattr(each, name) for each in found) for name in ("ever", "open", "redriven", "rejected"))  # type: ignore[return-value]


@contextmanager
def place(folder: Path) -> Iterator[Place]:
    folder.mkdir(parents=True, exist_ok=True)
    with EmbeddedLog.open(folder / "log.sqlite", 2) as log, Vault.open(folder / "vault") as vault:
        yield Place(folder, log, vault, Clock(), RawRows(folder / "desk", log, vault, contracts(), engine()))


class Dying:
    """A log whose n-th append is the last: it fails before it writes, or with `after` when it has written, as where the acknowledgement is lost."""

    def __init__(self, log: EmbeddedLog, crash_on: int, after: bool) -> None:
        self._log, self._left, self._after = log, crash_on, after

    def append(self, topic: str, partition: int, messages: Sequence[Message]) -> Sequence[Position]:
        self._left -= 1
        if self._left == 0 and not self._after:
            raise OSError("power gone")
        found = self._log.append(topic, partition, messages)
        if self._left == 0:
            raise OSError("acknowledgement lost")
        return found

    def __getattr__(self, name: str) -> object:
        return getattr(self._log, name)


def repairs(here: Place, feed: str = "fire_hazard") -> list[tuple[str, str, str]]:
    """Delivery, chunk and parent of every repair message on the log."""
    found = [headers for partition in range(2) for _, headers in here.log.headers(RAW + feed, partition, 0) if headers.get("repair", "0") != "0"]
    return sorted((each["delivery"], each["chunk"], each["parent"]) for each in found)


def reasons(here: Place) -> set[str]:
    """Why rows are open."""
    with opened(here.folder / "desk", here.log) as con:
        return {each["reason"] for each in ask.listed(con, Pattern(), limit=1_000)}


def claimed(here: Place) -> Counter[tuple[str, str, int]]:
    """How often each row made a claim: (kind, delivery, row)."""
    found: Counter[tuple[str, str, int]] = Counter()
    for partition in range(2):
        for stored in here.log.read(CLAIMS, partition, 0):
            if stored.message.headers["ce_type"].startswith("claim."):
                rows = read_table(stored.message.value).to_pylist()
                found.update((stored.message.headers["ce_type"], row["delivery"], row["row"]) for row in rows)
    return found
