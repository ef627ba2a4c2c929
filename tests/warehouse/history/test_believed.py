"""The law of the past: what we believed on one day is what the main job makes of what was recorded by then, whatever kind of fact comes later."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from cabin.clock import BeijingClock
from cabin.pipeline import Pipeline, Places
from contracts.facts import FACTS
from contracts.model import Contracts
from contracts.topics import RAW
from streams.local import Ports
from streams.log import EmbeddedLog
from tests.cabin.kit import done, hashes
from tests.cabin.test_visits import JUDGED, RESIDENTS, VISITED
from tests.laws.strategies import NIGHTLY
from tests.warehouse.history.kit import appended
from vault import Vault
from warehouse.hashes import mart_hashes
from warehouse.history import AsOf, Cut, Means, read_manifest
from warehouse.publish import snapshot_path

MEANS = Means(threads=1, memory_mb=700, on_disk=True)
DIVISIONS = "统计用区划代码,名称,上级代码,城乡分类代码,网格编码,网格名称,启用日期,停用日期\n"
VILLAGE, LATER = "330302006071", "330302006079"
Moments = Mapping[str, datetime]


@pytest.fixture(scope="module")
def told(small_cabin: Path, known: Contracts, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Moments]:
    """A cabin that was told of everything there is, and the moments before each thing: a visit with a request, its verification, the division table, one with a code withdrawn, a recall."""
    data = Path(shutil.copytree(small_cabin, tmp_path_factory.mktemp("told") / "data"))
    folder, moments = data.parent, {}
    (folder / "residents.csv").write_bytes(RESIDENTS.encode("gb18030"))
    rental = next(row["delivery"] for row in done(data, "--json", "feed", "show", "rental").document["deliveries"])
    tables = (
        f"{VILLAGE},八仙楼社区,330302006,111,,,2023-06-30,\n",
        f"{VILLAGE},八仙楼社区,330302006,111,,,2023-06-30,2026-01-01\n{LATER},八仙楼社区,330302006,111,,,2026-01-01,\n",
    )
    steps = {
        "visit": (
            ("ps_resident", folder / "residents.csv"),
            ("visit", _lines(folder / "visited.jsonl", [*VISITED, {**VISITED[0], "事件": "结束", "核实值": "完成"}])),
        ),
        "verification": (("visit", _lines(folder / "judged.jsonl", JUDGED)),),
        "divisions": (("division", _table(folder / "1.csv", tables[0], "2025-12-01T08:00:00")),),
        "withdrawn": (("division", _table(folder / "2.csv", tables[1], "2026-01-05T08:00:00")),),
    }
    for name, files in steps.items():
        moments[name] = _now()
        for feed, file in files:
            done(data, "land", feed, str(file), *(() if feed == "division" else ("--mode", "increment")))
    moments["recall"] = _now()
    done(data, "feed", "recall", rental, "--reason", "wrong list")
    done(data, "run")
    with EmbeddedLog.open(data / "log.sqlite") as log:
        appended(data / "history", known, log)
    return data, moments


def test_every_kind_of_fact_is_there_and_comes_at_different_times(told: tuple[Path, Moments]) -> None:
    """So that the law below says something of each: there is no table of facts without rows, and of each of these some come after a cut."""
    data, moments = told
    newest = {table: max(file.newest for file in read_manifest(data / "history").of(table)) for table in FACTS}
    assert newest["request"] >= moments["visit"] and newest["verification"] >= moments["verification"] and newest["switch"] >= moments["recall"]
    assert {each.table for each in read_manifest(data / "history").files} >= {
        *FACTS,
        "claim_person",
        "claim_residency",
        "claim_dwelling",
        "claim_place",
        "outcome",
        "quarantined",
        "release",
    }
    with duckdb.connect(str(snapshot_path(data / "published")), read_only=True) as snapshot:
        areas = {area for (area,) in snapshot.execute("select distinct left(area, 12) from dwelling_current").fetchall()}
    assert LATER in areas and VILLAGE not in areas


@pytest.mark.parametrize("before", ["visit", "verification", "divisions", "withdrawn", "recall"] if NIGHTLY else ["verification", "recall"])
def test_what_was_believed_is_what_the_main_job_would_have_made(told: tuple[Path, Moments], known: Contracts, tmp_path: Path, before: str) -> None:
    """At a moment before something was told every mart has the hash that the main job gives over the raw messages recorded up to then, and another one than what is published now."""
    data, moments = told
    with AsOf.open(data / "history", known, Cut(recorded=moments[before]), MEANS) as asof:
        asof.marts(tmp_path / "marts.duckdb", "key")
    with EmbeddedLog.open(data / "log.sqlite") as log, EmbeddedLog.open(tmp_path / "log.sqlite", log.partitions) as cut, Vault.open(data / "vault") as vault:
        for topic in (topic for topic in log.topics() if topic.startswith(RAW)):
            for partition in range(log.partitions):
                stored = log.read(topic, partition, 0, 1_000_000_000)
                kept = [each.message for each in stored if datetime.fromisoformat(each.message.headers["ce_time"]).replace(tzinfo=None) <= moments[before]]
                if kept:
                    cut.append(topic, partition, kept)
        Pipeline(tmp_path, Ports(cut, known, vault), Places.of(tmp_path), 1, 700, lambda en, zh: None).drain()
    made = mart_hashes(tmp_path / "marts.duckdb", known)
    assert made == mart_hashes(snapshot_path(tmp_path / "published"), known) != hashes(data)


def _now() -> datetime:
    """A moment after everything recorded so far and before everything to come."""
    time.sleep(0.01)
    now = BeijingClock().now()
    time.sleep(0.01)
    return now


def _lines(file: Path, rows: Iterable[Mapping[str, Any]]) -> Path:
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return file


def _table(file: Path, rows: str, moment: str) -> Path:
    """A full list of divisions with its manifest."""
    file.write_text(DIVISIONS + rows, encoding="utf-8")
    manifest = {"mode": "snapshot", "moment": moment, "area": "330302", "rows": rows.count("\n")}
    file.with_name(f"{file.name}.manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return file
