"""A small installation whose deliveries came on sixteen days, the last of them odd: landed by the real landing under a clock that is set."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

from contracts.model import Feed
from contracts.read import load
from streams.landing import Declared, Landing, engine_of, land
from streams.log import EmbeddedLog
from vault import Vault

BEGIN, DAYS = date(2026, 3, 2), 16
LAST = BEGIN + timedelta(days=DAYS - 1)
CONTRACTS = load()
ROWS = 24
NUMBER, NAME = "330302197001010014", "王小明"
"""A constructed number and an invented name that stand in every row about persons."""


class SetClock:
    """Implements `contracts.ports.Clock`."""

    def __init__(self) -> None:
        self.moment = datetime.combine(BEGIN, time(7))

    def now(self) -> datetime:
        return self.moment


def counts_on(day: date) -> list[dict[str, str]]:
    """Numbers of bank counters; on the last day a third of the rows, with amounts of another unit and a column nobody declared."""
    odd = day == LAST
    rows = [
        {"日期": day.isoformat(), "网点代码": f"B{row % 6}", "预警数": str(3 + row % 5), "劝阻数": str(row % 3), "止损金额(万元)": f"{2 + (row + day.day) % 7}"}
        for row in range(ROWS)
    ]
    return [{**row, "止损金额(万元)": f"{row['止损金额(万元)']}0000", "渠道": "1"} for row in rows[: ROWS // 3]] if odd else rows


def residents_on(day: date) -> list[str]:
    """Lines of residents; on the last day nobody has a name."""
    headers = [column.header for column in CONTRACTS.feeds["ps_resident"].columns]
    known = {"证件号码": NUMBER, "姓名": "" if day == LAST else NAME, "更新时间": f"{day} 06:00:00", "操作标志": "U"}
    return [",".join(headers), *(",".join({**known, "人员编号": f"RY{day:%j}{row}"}.get(header, "") for header in headers) for row in range(ROWS))]


def deliveries(folder: Path) -> Iterator[tuple[date, Feed, Path]]:
    """The files of all days."""
    folder.mkdir(parents=True, exist_ok=True)
    for day in (BEGIN + timedelta(days=each) for each in range(DAYS)):
        counts, residents = folder / f"counts{day}.jsonl", folder / f"residents{day}.csv"
        counts.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in counts_on(day)), encoding="utf-8")
        residents.write_bytes("\r\n".join([*residents_on(day), ""]).encode("gb18030"))
        yield day, CONTRACTS.feeds["bank_counter"], counts
        yield day, CONTRACTS.feeds["ps_resident"], residents


def landed_in(folder: Path) -> Path:
    """The data folder after all days."""
    data = folder / "data"
    data.mkdir(parents=True)
    land_at(data, ((datetime.combine(day, time(7)), feed, file) for day, feed, file in deliveries(folder / "files")))
    return data


def land_at(data: Path, given: Iterable[tuple[datetime, Feed, Path]]) -> None:
    """Lands files, each at its moment."""
    clock = SetClock()
    with EmbeddedLog.open(data / "log.sqlite", 1) as log, Vault.open(data / "vault") as vault, engine_of(CONTRACTS) as engine:
        landing = Landing(log, vault, clock, CONTRACTS, data / "spool", engine=engine)
        for moment, feed, file in given:
            clock.moment = moment
            land(landing, feed, file, Declared(mode="increment"))
