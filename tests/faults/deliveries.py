"""Deliveries for the harness, all invented: a generated district's own, then wave after wave in which its residents, leases and visits are said anew with other values.

The same seed gives the same bytes. What a file holds is counted here, with plain Python, so that the accounts can be held against it.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cabin.demo.generate import Manifest, generate

PEOPLE, DISTRICT_SEED = 2_500, 7
BEGIN = datetime(2026, 10, 1)
"""Later than everything the district says, and weeks before anybody runs this."""
STEP = timedelta(minutes=10)
AREA = "330302"
LEFT_OUT = ("thing_device",)
"""Sixteen thousand rows in one file that say little."""
SNAPSHOT_EVERY = 5
RESIDENTS, LEASES, VISITS = 0.75, 0.2, 0.05
"""Shares of a wave's rows."""
STATUS, RESIDENCE, UPDATED, OPERATION, NUMBER = 10, 9, 13, 14, 2
"""Columns of `ps_resident`."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One file with its manifest beside it; `rows` are its data rows as counted when it was written."""

    file: Path
    feed: str
    mode: str
    rows: int


@dataclass(frozen=True, slots=True)
class Wave:
    """Files that arrive together, in a folder of their own."""

    folder: Path
    deliveries: tuple[Delivery, ...]

    @property
    def rows(self) -> int:
        return sum(each.rows for each in self.deliveries)


class Town:
    """What departments go on saying about one district. `waves` never ends."""

    def __init__(self, folder: Path, seed: int, wave_rows: int) -> None:
        self._folder = folder
        self._wave_rows = wave_rows
        self._chance = random.Random(seed)
        self._manifest = generate(folder / "district", PEOPLE, DISTRICT_SEED)
        self._header, self._residents = _lines(self._manifest)
        self._leases = _objects(self._manifest, "rental")
        self._visits = [row for row in _objects(self._manifest, "visit") if row["事件"] not in ("复核", "更正")]

    def waves(self, rows: int) -> Iterator[Wave]:
        """The district's own deliveries, some at a time, and then as many waves as bring `rows` rows in all."""
        told = 0
        for wave in self._own():
            told += wave.rows
            yield wave
        number = 0
        while told < rows:
            number += 1
            wave = self._wave(number)
            told += wave.rows
            yield wave

    def _own(self) -> Iterator[Wave]:
        kept = [each for each in self._manifest.deliveries if each.feed not in LEFT_OUT]
        for number, start in enumerate(range(0, len(kept), 12)):
            folder = self._made(f"district-{number}")
            moved = []
            for each in kept[start : start + 12]:
                for path in (each.file, each.file.with_name(each.file.name + ".manifest.json")):
                    path.rename(folder / path.name)
                moved.append(Delivery(folder / each.file.name, each.feed, each.mode, each.rows))
            yield Wave(folder, tuple(moved))

    def _wave(self, number: int) -> Wave:
        folder, moment = self._made(f"wave-{number:04d}"), BEGIN + number * STEP
        found = [self._residents_told(folder, number, moment), self._leases_told(folder, moment), self._visits_told(folder, number, moment)]
        return Wave(folder, tuple(found))

    def _residents_told(self, folder: Path, number: int, moment: datetime) -> Delivery:
        """An increment; every fifth time a full list from which some are missing. A few rows name nobody or an unknown code."""
        whole = number % SNAPSHOT_EVERY == 0
        if whole:
            chosen = self._chance.sample(self._residents, len(self._residents) * 9 // 10)
        else:
            chosen = self._chance.choices(self._residents, k=int(self._wave_rows * RESIDENTS))
        lines = []
        for line in chosen:
            cells = line.split(",")
            cells[STATUS] = self._chance.choice("1224")
            cells[RESIDENCE] = self._chance.choice("0129").zfill(2)
            cells[UPDATED] = (moment - timedelta(seconds=self._chance.randrange(500))).strftime("%Y-%m-%d %H:%M:%S")
            cells[OPERATION] = "D" if self._chance.random() < 0.03 and not whole else "U"
            if self._chance.random() < 0.01:
                cells[NUMBER] = ""
            lines.append(",".join(cells))
        text = "\r\n".join([self._header, *lines, ""])
        mode = "snapshot" if whole else "increment"
        return _write(
            folder / "1_ps_resident.csv", text.encode("gb18030"), len(lines), feed="ps_resident", mode=mode, moment=moment, area=AREA if whole else None
        )

    def _leases_told(self, folder: Path, moment: datetime) -> Delivery:
        rows = []
        for lease in self._chance.choices(self._leases, k=int(self._wave_rows * LEASES)):
            said = (moment - timedelta(seconds=self._chance.randrange(500))).strftime("%Y-%m-%d %H:%M:%S")
            rows.append({**lease, "承租人电话": f"158{self._chance.randrange(10**8):08d}", "同住人数": self._chance.randrange(6), "推送时间": said})
        return _write(folder / "2_rental.jsonl", _json_lines(rows), len(rows), feed="rental", mode="increment")

    def _visits_told(self, folder: Path, number: int, moment: datetime) -> Delivery:
        """Visits of the district, made once more under other numbers."""
        numbers = sorted({str(row["走访编号"]) for row in self._visits})
        chosen = {old: f"ZF27{number:04d}{place:04d}" for place, old in enumerate(self._chance.sample(numbers, len(numbers) // 3))}
        said = moment.strftime("%Y-%m-%d %H:%M:%S")
        rows = [
            {**row, "走访编号": chosen[row["走访编号"]], "走访时间": said, "设备时钟": said, "已见版本": None}
            for row in self._visits
            if row["走访编号"] in chosen
        ]
        most = int(self._wave_rows * VISITS)
        return _write(folder / "3_visit.jsonl", _json_lines(rows[:most]), len(rows[:most]), feed="visit", mode="increment")

    def _made(self, name: str) -> Path:
        folder = self._folder / "waves" / name
        folder.mkdir(parents=True)
        return folder


def _lines(manifest: Manifest) -> tuple[str, list[str]]:
    """The header and rows of the district's full list of residents."""
    file = max((each for each in manifest.deliveries if each.feed == "ps_resident"), key=lambda each: each.rows).file
    header, *lines = file.read_text("gb18030").splitlines()
    return header, lines


def _objects(manifest: Manifest, feed: str) -> list[dict[str, Any]]:
    files = [each.file for each in manifest.deliveries if each.feed == feed and each.mode == "increment"]
    return [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()]


def _json_lines(rows: Sequence[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def _write(file: Path, content: bytes, rows: int, *, feed: str, mode: str, moment: datetime | None = None, area: str | None = None) -> Delivery:
    stated = {"feed": feed, "mode": mode, "moment": moment.isoformat() if moment else None, "area": area, "rows": rows}
    file.write_bytes(content)
    file.with_name(file.name + ".manifest.json").write_text(json.dumps({name: value for name, value in stated.items() if value is not None}), encoding="utf-8")
    return Delivery(file, feed, mode, rows)
