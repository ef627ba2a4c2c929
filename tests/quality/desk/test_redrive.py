"""Redrives: what they send, what becomes of it, and that one which dies anywhere is taken up again without doing anything twice."""

from __future__ import annotations

from datetime import datetime

import pytest

from contracts.desk import FIRST_REPAIR, FIX, REDRIVE
from contracts.ipc import read_table
from contracts.normalising import HELD
from contracts.topics import CLAIMS, RAW
from quality.desk import ask
from quality.desk.decide import undone
from quality.desk.errors import FixWouldFail
from quality.desk.index import opened
from quality.desk.pattern import Pattern
from quality.desk.redrive import redriven
from quality.desk.steps import Sending
from quality.desk.work import planned, tried
from tests.quality.desk.kit import ADDRESS, KIND, TO_VENUE, Dying, Place, check, claimed, contracts, lease, reasons, repairs


def test_a_repair_that_is_quarantined_again_is_open_again(here: Place) -> None:
    """Rows redriven although a rule still stops them are the same rows, open again under the next repair number; mended once more, they are accepted."""
    delivery = here.deliver("fire_hazard", [check(1, "饭店"), check(2, "饭店")])
    desk = here.desk()
    useless = {"kind": "map", "columns": ["object_kind"], "values": {"饭店": "酒楼"}}
    trial = tried(desk, KIND, useless)
    assert trial.failing == {"object-unknown": 2}
    step = desk.append(desk.step(FIX, "under rules of another release", feed="fire_hazard", fix=useless, rows=trial.rows))
    assert redriven(desk, step.step, trial) == 2 and here.account() == (2, 0, 2, 0)
    here.normalise()
    assert here.account() == (2, 2, 0, 0)
    trial = tried(desk, KIND, TO_VENUE | {"values": {"酒楼": "3"}})
    redriven(desk, planned(desk, trial, "now right").step, trial)
    here.normalise()
    assert here.account() == (2, 0, 2, 0)
    assert repairs(here) == [(delivery, str(FIRST_REPAIR), f"{delivery}/0"), (delivery, str(FIRST_REPAIR + 1), f"{delivery}/{FIRST_REPAIR}")]
    assert set(claimed(here).values()) == {1}


@pytest.mark.parametrize("after", [False, True], ids=["unwritten", "unacknowledged"])
@pytest.mark.parametrize("crash_on", range(1, 6))
def test_a_redrive_that_dies_anywhere_is_taken_up_again(here: Place, crash_on: int, after: bool) -> None:
    """Whichever append dies, before or after it is written, going on redrives every row exactly once: no repair message twice, no row lost."""
    deliveries = {here.deliver("fire_hazard", [check(n, "饭店") for n in range(start, start + 2)]) for start in (1, 11)}
    broken = here.desk(Dying(here.log, crash_on, after))  # type: ignore[arg-type]
    with pytest.raises(OSError, match=r"power|acknowledgement"):
        redriven(broken, planned(broken, tried(broken, KIND, TO_VENUE), "why").step)
    desk = here.desk()
    with opened(desk.folder, desk.log) as con:
        steps = [each["step"] for each in ask.history(con) if each["kind"] == "fix" and each["state"] in ("planned", "redriving")]
    for step in steps or ([planned(desk, tried(desk, KIND, TO_VENUE), "why").step] if here.account()[1] else []):
        redriven(desk, step)
    assert {delivery for delivery, _, _ in repairs(here)} == deliveries and len(repairs(here)) == 2
    here.normalise()
    assert here.account() == (4, 0, 4, 0)
    found = claimed(here)
    assert found and set(found.values()) == {1}


def test_a_planned_fix_is_tried_again_before_it_is_redriven(here: Place) -> None:
    """Between plan and redrive a key was destroyed: the redrive is refused with the count and sends nothing, and the rows wait until the step is undone."""
    here.deliver("rental", [lease(1, status="9"), lease(2, status="9")])
    desk = here.desk()
    plan = planned(desk, tried(desk, Pattern(feed="rental", reason="status-unknown"), {"kind": "map", "columns": ["status"], "values": {"9": "1"}}), "why")
    (token, _) = read_table(next(each.message.value for part in range(2) for each in here.log.read(RAW + "rental", part, 0)))["subject"].to_pylist()
    assert here.vault.destroy(token, here.clock.now())
    with pytest.raises(FixWouldFail, match="erased 1"):
        redriven(desk, plan.step)
    assert repairs(here, "rental") == [] and here.account() == (2, 2, 0, 0)
    undone(desk, plan.step, "one of them is gone")
    assert here.account() == (2, 2, 0, 0)


def test_a_row_without_a_time_of_its_own_stays_as_old_as_it_was(here: Place) -> None:
    """A lease that says not when it was pushed is dated by its delivery, also where it is mended weeks later: what came in between is newer."""
    dateless = lease(1, status="9") | {next(column.header for column in contracts().feeds["rental"].columns if column.name == "pushed_at"): ""}
    here.deliver("rental", [dateless])
    landed, here.clock.at = here.clock.at, datetime(2026, 3, 20, 9)
    desk = here.desk()
    trial = tried(desk, Pattern(feed="rental", reason="status-unknown"), {"kind": "map", "columns": ["status"], "values": {"9": "1"}})
    redriven(desk, planned(desk, trial, "the agency says so").step, trial)
    here.normalise()
    claims = [each.message for partition in range(2) for each in here.log.read(CLAIMS, partition, 0) if each.message.headers["ce_type"].startswith("claim.")]
    dated = {row["observed_at"] for each in claims for row in read_table(each.value).to_pylist()}
    assert dated == {landed}


def test_a_held_message_is_redriven_as_it_is(here: Place) -> None:
    """Rows that were held because too much of their message breaks a soft rule are let through by a redrive that changes nothing, with its reason on the desk."""
    feed = contracts().feeds["visit"]
    limited = [rule for rule in feed.rules if rule.limit]
    assert limited, "no rule of visits has a limit any more"
    header = {column.name: column.header for column in feed.columns}
    rows = [
        {
            header["visit_no"]: f"V{n}",
            header["event"]: "开始",
            header["visited_at"]: "2026-02-03 08:00:00",
            header["actor"]: "W1",
            header["address"]: ADDRESS,
            header["device_clock"]: "2020-01-01 08:00:00",
        }
        for n in range(60)
    ]
    here.deliver("visit", rows)
    (held,) = {each for each in reasons(here) if each.startswith(HELD)}
    desk = here.desk()
    trial = tried(desk, Pattern(feed="visit", reason=held), {"kind": "as-is"})
    assert (trial.count, trial.accepted, trial.changed) == (60, 60, 0)
    redriven(desk, planned(desk, trial, "the clock stood still, the visits are real").step, trial)
    here.normalise()
    assert here.account() == (60, 0, 60, 0)


def test_two_redrives_that_begin_at_once_take_different_numbers(here: Place) -> None:
    """Two people redrive rows of one delivery at the same moment: the second finds the numbers of its messages taken and takes others, so that no repair passes for a copy."""
    delivery = here.deliver("fire_hazard", [check(1, "饭店"), check(2, "酒楼")])
    desk = here.desk()
    trials = [tried(desk, Pattern(delivery, row), TO_VENUE | {"values": {cell: "3"}}) for row, cell in ((1, "饭店"), (2, "酒楼"))]
    plans = [planned(desk, trial, "at once").step for trial in trials]
    for plan in plans:
        desk.append(desk.step(REDRIVE, "at once", of=plan, feed="fire_hazard", messages=(Sending(delivery, 0, FIRST_REPAIR, 1),)))
    assert [redriven(desk, plan, trial) for plan, trial in zip(plans, trials, strict=True)] == [1, 1]
    assert [chunk for _, chunk, _ in repairs(here)] == [str(FIRST_REPAIR), str(FIRST_REPAIR + 1)]
    here.normalise()
    assert here.account() == (2, 0, 2, 0) and set(claimed(here).values()) == {1}
