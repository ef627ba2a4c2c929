"""Decisions at the desk: rejected, undone, refused, and taken by two at the same time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest

from contracts.ports import Message
from contracts.topics import DESK, RAW
from quality.desk.decide import rejected, undone
from quality.desk.errors import FixChangesNothing, FixUnusable, NotFixable, NothingOpen, PatternTooWide, ReasonMissing, StepFinal, TooManyRows
from quality.desk.pattern import Pattern
from quality.desk.redrive import redriven
from quality.desk.work import Desk, planned, taken, tried
from streams.log import EmbeddedLog
from tests.quality.desk.kit import KIND, TO_VENUE, Place, check, claimed, repairs


class Overtaken:
    """A log on which somebody else decides just before a step is appended to the desk's topic."""

    def __init__(self, log: EmbeddedLog, before: Callable[[], object]) -> None:
        self._log, self._before = log, [before]

    def append(self, topic: str, partition: int, messages: Sequence[Message]) -> object:
        if topic == DESK and self._before:
            self._before.pop()()
        return self._log.append(topic, partition, messages)

    def __getattr__(self, name: str) -> object:
        return getattr(self._log, name)


def overtaken(here: Place, before: Callable[[], object]) -> Desk:
    """The desk of a second officer, overtaken once."""
    return here.desk(Overtaken(here.log, before), actor="second officer")  # type: ignore[arg-type]


def test_steps_are_undone_until_they_are_redriven(here: Place) -> None:
    """A rejection and a planned fix free their rows again; a step that was redriven, undone, or is none is refused; two decisions over a row: the first holds."""
    here.deliver("fire_hazard", [check(1, "饭店"), check(2, "饭店")])
    desk = here.desk()
    refusal = rejected(desk, KIND, "not ours")
    assert here.account() == (2, 0, 0, 2)
    undone(desk, refusal.step, "ours after all")
    with pytest.raises(StepFinal, match="undone"):
        undone(desk, refusal.step, "again")
    plan = planned(desk, tried(desk, KIND, TO_VENUE), "why")
    assert here.account() == (2, 2, 0, 0)
    with pytest.raises(NothingOpen):
        rejected(desk, KIND, "they wait for the plan")
    undone(desk, plan.step, "no")
    trial = tried(desk, KIND, TO_VENUE)
    first, second = planned(desk, trial, "one"), planned(desk, trial, "two at the same time")
    assert (redriven(desk, first.step), redriven(desk, second.step)) == (2, 0)
    with pytest.raises(StepFinal, match="redriven"):
        undone(desk, first.step, "too late")
    assert here.account() == (2, 0, 2, 0) and len(repairs(here)) == 1


def test_rows_set_aside_whole_are_rejected_not_mended(here: Place) -> None:
    """A message that nobody can read has no cells to mend: a fix says so, a rejection counts all its rows."""
    here.deliver("fire_hazard", [check(1)])
    named = {
        "ce_id": "strange/0",
        "ce_type": "raw.rows",
        "ce_time": "2026-02-04T09:00:00.000",
        "feed": "fire_hazard",
        "delivery": "strange",
        "chunk": "0",
        "rows": "7",
    }
    here.log.append(RAW + "fire_hazard", 0, [Message(b"no table", named)])
    here.normalise()
    desk, pattern = here.desk(), Pattern(feed="fire_hazard", reason="undecodable")
    assert here.account() == (7, 7, 0, 0)
    with pytest.raises(NotFixable):
        tried(desk, pattern, TO_VENUE)
    rejected(desk, pattern, "sent by mistake")
    assert here.account() == (7, 0, 0, 7)


def test_what_cannot_be_done_is_said(here: Place) -> None:
    """No reason, too wide a pattern, columns that are none or hold identity numbers, fixes without effect, and more rows than allowed within an hour."""
    here.deliver("fire_hazard", [check(n, "饭店") for n in range(1, 5)])
    desk = here.desk(rows_an_hour=5)
    with pytest.raises(PatternTooWide):
        tried(desk, Pattern(feed="fire_hazard"), TO_VENUE)
    with pytest.raises(FixChangesNothing, match="rows looked at: 4"):
        tried(desk, KIND, TO_VENUE | {"values": {"酒楼": "3"}})
    wrong = ({}, {"kind": "map", "columns": ["object_kind"]}, {"kind": "swap", "columns": ["object_kind"]}, TO_VENUE | {"columns": ["nothing"]})
    for given in (*wrong, {"kind": "recode", "columns": ["address"], "read_as": "gbk", "meant": "nothing"}):
        with pytest.raises(FixUnusable):
            tried(desk, KIND, given)
    with pytest.raises(ReasonMissing):
        planned(desk, tried(desk, KIND, TO_VENUE), " ")
    undone(desk, rejected(desk, KIND, "once").step, "back")
    with pytest.raises(TooManyRows) as refusal:
        planned(desk, tried(desk, KIND, TO_VENUE), "twice")
    assert refusal.value.values == {"actor": "officer", "rows": 8, "limit": 5, "done": 4}


def test_two_rejections_at_once_say_what_each_of_them_did(here: Place) -> None:
    """Both looked before either decided: the first has all its rows, the second those that are left, and says so; the account counts every row once."""
    delivery = here.deliver("fire_hazard", [check(n, "饭店") for n in range(1, 5)])
    desk, firsts = here.desk(), []
    step = rejected(overtaken(here, lambda: firsts.append(rejected(desk, Pattern(delivery, 2), "mine"))), KIND, "all of them")
    assert (step.count, taken(desk, step), taken(desk, firsts[0])) == (4, 3, 1)
    assert here.account() == (4, 0, 0, 4)
    again = here.deliver("fire_hazard", [check(9, "饭店")])
    assert again != delivery
    late = rejected(overtaken(here, lambda: rejected(desk, KIND, "mine")), KIND, "all of them")
    assert (late.count, taken(desk, late)) == (1, 0) and here.account() == (5, 0, 0, 5)


def test_two_fixes_at_once_say_what_each_of_them_did(here: Place) -> None:
    """A fix that was overtaken by another over some of its rows redrives the others, each row once."""
    delivery = here.deliver("fire_hazard", [check(n, "饭店") for n in range(1, 5)])
    desk, firsts = here.desk(), []
    mine = tried(desk, Pattern(delivery, 3), TO_VENUE)
    second = overtaken(here, lambda: firsts.append(planned(desk, mine, "mine")))
    trial = tried(second, KIND, TO_VENUE)
    step = planned(second, trial, "all of them")
    assert (trial.count, taken(second, step), taken(desk, firsts[0])) == (4, 3, 1)
    assert (redriven(second, step.step, trial), redriven(desk, firsts[0].step, mine)) == (3, 1)
    here.normalise()
    assert here.account() == (4, 0, 4, 0) and set(claimed(here).values()) == {1}


def test_single_rows_count_for_what_a_person_may_decide(here: Place) -> None:
    """Row by row is no way around the limit: undone decisions count, too, another person and another hour begin anew."""
    delivery = here.deliver("fire_hazard", [check(n, "饭店") for n in range(1, 6)])
    desk = here.desk(rows_an_hour=3)
    for row in (1, 2):
        rejected(desk, Pattern(delivery, row), "one by one")
    undone(desk, rejected(desk, Pattern(delivery, 3), "one by one").step, "no")
    with pytest.raises(TooManyRows) as refusal:
        rejected(desk, Pattern(delivery, 4), "one more")
    assert refusal.value.values == {"actor": "officer", "rows": 4, "limit": 3, "done": 3}
    with pytest.raises(TooManyRows):
        planned(desk, tried(desk, Pattern(delivery, 4), TO_VENUE), "nor as a fix")
    rejected(here.desk(rows_an_hour=3, actor="second officer"), Pattern(delivery, 4), "as somebody else")
    here.clock.at += timedelta(minutes=61)
    rejected(desk, Pattern(delivery, 5), "an hour later")
    assert here.account() == (5, 1, 0, 4)
