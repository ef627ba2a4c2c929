"""Tasks from the desk's pushes to what officers read: every fault is seen, places set timers, marts grow as if made anew, nobody can tell why a door is knocked at."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from contracts.read import load
from contracts.topics import TASKS
from streams.log.embedded import EmbeddedLog
from tests.cabin.kit import done
from tests.golden.harness import SAMPLES
from warehouse.hashes import mart_hashes
from warehouse.publish import snapshot_path

SAMPLE = SAMPLES / "task_exchange" / "sample.jsonl"
HOME = "浙江省温州市鹿城区五马街道八仙楼社区解放街{}号3幢2单元501室"
MARTS = ("officer_today", "officer_result", "partner_flow", "service_level", "task_guide", "task_loop")


def asked(data: Path, sql: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = done(data, "--json", "sql", sql).document["rows"]
    return rows


def file_of(folder: Path, name: str, rows: Iterable[Mapping[str, object]]) -> Path:
    path = folder / f"{name}.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def land(data: Path, file: Path, *more: str) -> None:
    done(data, "land", "task_exchange", str(file), "--mode", "increment", *more)


def task(number: int, state: str, **more: object) -> dict[str, object]:
    row = {"任务编号": f"RW{number}", "来源": "内", "任务类型": "走访", "对象类型": "房屋", "对象地址": HOME.format(number)}
    return row | {"派发时间": "2026-03-01 09:00:00", "时限": "12小时", "接收人工号": "W00601", "状态": state} | more


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cabin whose place sets a timer, with the sample run once."""
    folder = tmp_path_factory.mktemp("tasks") / "data"
    (folder / "feeds").mkdir(parents=True)
    timers = (
        "place,milestone,from_stage,to_stage,timer,source\n330302006,follow_up,dispatched,fed_back,1小时,test\n330302,response,dispatched,fed_back,3,test\n"
    )
    (folder / "feeds" / "service_level.test.csv").write_text(timers, encoding="utf-8")
    land(folder, SAMPLE)
    done(folder, "run")
    return folder


def test_every_fault_is_seen_and_none_is_lost(data: Path) -> None:
    """Feedback before dispatch, a repeated acknowledgement and a verifier who is the feeder stand in the loop; rows without number, time or state are quarantined with their reason."""
    loop = {row["task"].removeprefix("task_exchange:RW20260301-"): row for row in asked(data, "select * from task_loop")}
    assert set(loop) == {"0001", "0002", "0003", "0004", "0005", "0006"}
    whole = loop["0001"]
    assert (whole["accept_minutes"], whole["feed_back_minutes"], whole["verify_minutes"], whole["repeated_acks"], whole["independent"]) == (
        20,
        100,
        1320,
        1,
        True,
    )
    assert (loop["0004"]["feedback_before_dispatch"], loop["0004"]["feed_back_minutes"]) == (True, None)
    assert (loop["0005"]["independent"], loop["0005"]["verified_at"], loop["0005"]["stage"]) == (False, None, "verified")
    assert (loop["0003"]["due_at"], loop["0003"]["partner"], loop["0003"]["handed_over_at"] is not None) == (None, "street", True)
    counted = asked(data, "select delivered, landed, accepted, quarantined from feed_health where feed = 'task_exchange'")
    assert counted == [{"delivered": 13, "landed": 13, "accepted": 10, "quarantined": 3}]


def test_a_place_sets_its_timers_and_a_number_without_unit_sets_none(data: Path) -> None:
    """O19: the file of the installation adds a follow-up of an hour for one township; 3 and 1-3-5 have no unit and time nothing."""
    made = asked(data, "select milestone, place, allowed_minutes, count(*) as tasks from service_level group by all")
    assert made == [{"milestone": "follow_up", "place": "330302006", "allowed_minutes": 60, "tasks": 3}]
    states = {row["task"][-4:]: row["state"] for row in asked(data, "select task, state from service_level")}
    assert states == {"0001": "missed", "0002": "missed", "0005": "kept"}


def test_what_changed_is_as_if_made_anew(data: Path, tmp_path: Path) -> None:
    """After further pushes and a recall, the marts that grew equal those built whole; the topic tells the last state of every task, and that one is withdrawn."""
    land(data, file_of(tmp_path, "first", [task(1, "已派单"), task(2, "已派单", 来源="外", 协作单位="社区")]))
    done(data, "run")
    land(data, file_of(tmp_path, "second", [task(1, "已反馈", 反馈时间="2026-03-01 10:00:00"), task(3, "已派单")]), "--moment", "2026-03-02T08:00:00")
    done(data, "run")
    (delivery,) = asked(data, "select distinct task_exchange__delivery as d from event_current where entity = 'task_exchange:RW3'")
    done(data, "feed", "recall", delivery["d"], "--reason", "wrong list")
    done(data, "run")
    stages = {row["task"]: row["stage"] for row in asked(data, "select task, stage from task_loop where task like '%:RW_'")}
    assert stages == {"task_exchange:RW1": "dispatched", "task_exchange:RW2": "dispatched"}
    grown = mart_hashes(snapshot_path(data / "published"), load())
    done(data, "marts", "build")
    anew = mart_hashes(snapshot_path(data / "published"), load())
    assert {mart: anew[mart] for mart in MARTS} == {mart: grown[mart] for mart in MARTS}
    with EmbeddedLog.open(data / "log.sqlite", None) as log:
        told = [json.loads(stored.message.value) for part in range(log.partitions) for stored in log.read(TASKS, part, 0)]
    last = {fact["record"]: (fact["stage"], fact["withdrawn"]) for fact in told}
    assert last["RW1"] == ("dispatched", False) and last["RW3"] == ("dispatched", True)
    assert len(last) == 6 + 3


def test_duties_do_not_tell_who_is_visited_out_of_care(tmp_path: Path) -> None:
    """The neutral-duty test: of dwellings with and without a hidden mark, sent as care visits and as visits, every mart and topic shows the same but for number and address."""
    data = tmp_path / "data"
    marked = {number: number % 2 == 0 for number in range(1, 21)}
    rows = [task(number, "已派单", 任务类型="关爱走访" if mark else "走访") for number, mark in marked.items()]
    land(data, file_of(tmp_path, "pushed", rows))
    done(data, "run")
    about = ("task", "object_id", "record", "observed_at")

    def groups(rows: list[dict[str, Any]]) -> list[set[str]]:
        """What rows look like without number and address, of the unmarked and of the marked."""
        found: list[set[str]] = [set(), set()]
        for row in rows:
            number = int(row["task"].partition(":RW")[2])
            found[marked[number]].add(json.dumps({name: value for name, value in row.items() if name not in about}, sort_keys=True))
        return found

    for mart in ("task_loop", "officer_today", "service_level"):
        unmarked, cared = groups(asked(data, f"select * from {mart}"))
        assert unmarked == cared, mart
    with EmbeddedLog.open(data / "log.sqlite", None) as log:
        told = [json.loads(stored.message.value) for part in range(log.partitions) for stored in log.read(TASKS, part, 0)]
    assert len(told) == len(marked)
    unmarked, cared = groups(told)
    assert unmarked == cared
    flags = asked(data, "select mended from feed_health where feed = 'task_exchange'")
    assert [row["mended"] for row in flags] in ([0], [20], [None])


def test_a_grid_code_is_no_number_of_a_person_and_an_address_may_hold_none(tmp_path: Path) -> None:
    """A code of a grid has the form of an old identity number, one in ten that of a device, and lands; a number inside an address sets its row aside."""
    data = tmp_path / "data"
    grids = [task(number, "已派单", 对象类型="网格", 对象编码=f"330302001{number:03}001", 对象地址=None) for number in range(1, 31)]
    land(data, file_of(tmp_path, "pushed", [*grids, task(40, "已派单", 对象地址=HOME.format(1) + "330302197001010014")]))
    done(data, "run")
    counted = asked(data, "select delivered, refused, accepted, quarantined from feed_health where feed = 'task_exchange'")
    assert counted == [{"delivered": 31, "refused": 0, "accepted": 30, "quarantined": 1}]


def test_no_column_of_tasks_scores_or_names_a_person_of_the_public() -> None:
    """Neither the feed nor a mart of tasks has an identifier or a personal cell; officers are the only people in them, by staff number."""
    known = load()
    assert all(column.classification.value == "plain" and column.identifier is None for column in known.feeds["task_exchange"].columns)
    words = {word for name in (*MARTS, "ask_once") for column in known.marts[name].columns for word in column.name.split("_")}
    assert not words & {"score", "rank", "risk", "person", "subject", "name", "phone", "reason"}
