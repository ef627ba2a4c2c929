"""Fixes over rows of one pattern: what they mend, what they refuse, and that a redrive which dies anywhere is taken up again without doing anything twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from cabin.ledger import accounts
from contracts.desk import FIRST_REPAIR, FIX, REDRIVE
from contracts.ipc import read_table
from contracts.normalising import HELD
from contracts.partition import partition_of
from contracts.ports import Message
from contracts.topics import CLAIMS, DESK, RAW
from quality.desk import ask
from quality.desk.decide import rejected, undone
from quality.desk.errors import FixChangesNothing, FixUnusable, FixWouldFail, NotFixable, NothingOpen, PatternTooWide, ReasonMissing, StepFinal, TooManyRows
from quality.desk.index import opened
from quality.desk.pattern import Pattern
from quality.desk.preview import preview
from quality.desk.redrive import redriven
from quality.desk.steps import Sending
from quality.desk.work import planned, tried
from streams.landing import Declared
from tests.quality.desk.kit import Dying, Place, check, contracts, identity, lease, place

KIND = Pattern(feed="fire_hazard", reason="object-unknown")
TO_VENUE = {"kind": "map", "columns": ["object_kind"], "values": {"饭店": "3"}}
ADDRESS = "温州市鹿城区五马街道解放街7号1单元101室"
GARBLED = ADDRESS.encode("gb18030").decode("euc_kr")


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Place]:
    with place(tmp_path) as found:
        yield found


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


def test_rows_of_a_pattern_are_mended_in_all_their_deliveries(here: Place) -> None:
    """A mapping over a pattern: one repair message per raw message, named after it; all rows are accepted by the next run and none is open; the repairs keep delivery and row."""
    deliveries = [here.deliver("fire_hazard", [check(n, "饭店" if n % 2 else "3") for n in range(start, start + 4)]) for start in (1, 11)]
    desk = here.desk()
    trial = tried(desk, KIND, TO_VENUE)
    assert (trial.count, trial.accepted, trial.changed, trial.failing) == (4, 4, 4, {})
    assert preview(contracts().feeds["fire_hazard"], trial)[0]["after"] == "3"
    assert here.log.end(DESK, 0) == 0 and here.account() == (4, 4, 0, 0)
    redriven(desk, planned(desk, trial, "the form says so").step, trial)
    assert here.account() == (4, 0, 4, 0)
    assert repairs(here) == sorted((delivery, str(FIRST_REPAIR), f"{delivery}/0") for delivery in deliveries)
    here.normalise()
    assert here.account() == (4, 0, 4, 0)
    counted = accounts(here.log)
    (count,) = counted.counts()
    assert (count.landed, count.normalised, count.quarantined, count.repaired, counted.broken()) == (8, 8, 4, 4, [])
    assert {(delivery, row) for _, delivery, row in claimed(here)} >= {(delivery, row) for delivery in deliveries for row in (1, 3)}
    with pytest.raises(NothingOpen):
        tried(desk, KIND, TO_VENUE)


def test_rows_that_would_still_fail_are_refused_with_their_count(here: Place) -> None:
    """A fix that leaves rows failing is refused, with how many and why, and writes nothing; the sound ones alone may be redriven, the others stay open."""
    here.deliver("fire_hazard", [check(1, "饭店"), check(2, "车库"), check(3, "饭店", day="某日")])
    desk = here.desk()
    trial = tried(desk, KIND, TO_VENUE)
    assert (trial.accepted, trial.failing) == (1, {"object-unknown": 1})
    with pytest.raises(FixWouldFail) as refusal:
        planned(desk, trial, "why")
    assert refusal.value.values["failing"] == len(trial.failed) and "object-unknown 1" in str(refusal.value)
    assert here.log.end(DESK, 0) == 0
    assert redriven(desk, planned(desk, trial, "why", only_sound=True).step, trial) == trial.accepted == 1
    here.normalise()
    ever, left, gone, _ = here.account()
    assert (ever, left, gone) == (len(here.states()), len(here.states()) - 1, 1)


def test_a_sealed_cell_is_mended_without_being_shown(here: Place) -> None:
    """Addresses that were read in a wrong encoding are opened, read again and sealed again: accepted; neither the preview nor the desk's topic nor the raw topic holds
    the address, and the row's subject keeps its key."""
    here.deliver("rental", [lease(1), lease(7, address=GARBLED)])
    desk = here.desk()
    trial = tried(
        desk, Pattern(feed="rental", reason="address-unreadable"), {"kind": "recode", "columns": ["address"], "read_as": "euc_kr", "meant": "gb18030"}
    )
    assert (trial.accepted, trial.failing) == (1, {})
    (shown,) = preview(contracts().feeds["rental"], trial)
    assert shown["before"] != shown["after"] and "汉" in shown["after"] and "温州" not in str(shown)
    redriven(desk, planned(desk, trial, "delivered in GBK").step, trial)
    stored = [each.message.value for topic in (DESK, RAW + "rental") for part in range(2) for each in here.log.read(topic, part, 0)]
    assert not any("解放街".encode() in value or GARBLED.encode() in value for value in stored)
    first, second = (read_table(value) for value in stored if value[:4] == b"\xff\xff\xff\xff")
    assert second["subject"].to_pylist() == first["subject"].to_pylist()[1:]
    assert second["tenant_doc_no"].to_pylist() == first["tenant_doc_no"].to_pylist()[1:]
    here.normalise()
    assert here.account() == (1, 0, 1, 0)


def test_a_mapping_of_personal_cells_lies_sealed_on_the_desk(here: Place) -> None:
    """What a person types for a personal column is sealed in the step, and still done when the redrive is taken up by another process."""
    here.deliver("rental", [lease(1, address="不详"), lease(2, status="9")])
    desk = here.desk()
    trial = tried(desk, Pattern(feed="rental", reason="address-unreadable"), {"kind": "map", "columns": ["address"], "values": {"不详": ADDRESS}})
    step = planned(desk, trial, "asked the agency").step
    assert not any("温州".encode() in each.message.value for each in here.log.read(DESK, 0, 0))
    assert redriven(desk, step) == 1
    here.normalise()
    assert here.states() == {1: "redriven", 2: "open"}


def test_two_columns_change_places(here: Place) -> None:
    """Number and day delivered in each other's column: one swap mends both."""
    line = check(1).split(",")
    here.deliver("fire_hazard", [",".join([line[1], line[0], *line[2:]]), check(2)])
    desk = here.desk()
    trial = tried(desk, Pattern(feed="fire_hazard", reason="date-unreadable"), {"kind": "swap", "columns": ["check_no", "checked_on"]})
    assert trial.failing == {} and trial.keys_changed == 0
    redriven(desk, planned(desk, trial, "swapped").step, trial)
    here.normalise()
    assert here.account() == (1, 0, 1, 0)


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


def test_a_row_whose_key_was_destroyed_cannot_be_mended(here: Place) -> None:
    """What is sealed under a destroyed key stays unreadable: such a row would fail as erased, and nothing of it is written."""
    here.deliver("rental", [lease(1, status="9"), lease(2, status="9")])
    (token, _) = read_table(next(each.message.value for part in range(2) for each in here.log.read(RAW + "rental", part, 0)))["subject"].to_pylist()
    assert here.vault.destroy(token, here.clock.now())
    trial = tried(here.desk(), Pattern(feed="rental", reason="status-unknown"), {"kind": "map", "columns": ["status"], "values": {"9": "1"}})
    assert (trial.failing, trial.accepted, len(trial.mended.messages)) == ({"erased": 1}, 1, 1)


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


def test_a_number_that_strayed_into_a_plain_column_is_told_nowhere(here: Place) -> None:
    """What a person types to mend it holds the number: the step is sealed as for a personal column, and neither the desk's topic nor the index has it."""
    number = identity(5)
    here.deliver("fire_hazard", [check(1, name=f"{number}饭店"), check(2)])
    desk = here.desk()
    reason = next(iter(reasons(here)))
    with opened(desk.folder, desk.log) as con:
        (line,) = ask.listed(con, Pattern(feed="fire_hazard", reason=reason))
    values = {f"{number}饭店1": "饭店1"}
    trial = tried(desk, Pattern(line["delivery"], line["row"]), {"kind": "map", "columns": ["object_name"], "values": values})
    redriven(desk, planned(desk, trial, "the number does not belong there").step)
    told = [each.message.value for each in here.log.read(DESK, 0, 0)]
    assert told and not any(number.encode() in each for each in told)
    here.normalise()
    assert here.account() == (1, 0, 1, 0)
    assert number.encode() not in (desk.folder / "index.duckdb").read_bytes()


def test_a_fix_that_names_another_record_of_a_full_list_says_so(here: Place) -> None:
    """Rows of a complete list leave a presence by their key; where a fix changes the key, the dry run counts them. A repair keeps the list's moment, area and mode."""
    moment = datetime(2026, 1, 1)
    lines = ["330302,鹿城区,330300,,,,2020-01-01,", "3303O2,鹿城区,330300,,WG01,一网格,2020-01-01,"]
    delivery = here.deliver("division", lines, Declared(moment=moment, area="3303", mode="snapshot", rows=2))
    desk = here.desk()
    trial = tried(desk, Pattern(feed="division", reason="code-invalid"), {"kind": "map", "columns": ["code"], "values": {"3303O2": "330302"}})
    assert (trial.count, trial.keys_changed) == (1, 1)
    redriven(desk, planned(desk, trial, "a letter for a digit").step, trial)
    (headers,) = [each for _, each in here.log.headers(RAW + "division", partition_of(delivery, 2), 0) if each.get("repair", "0") != "0"]
    assert (headers["moment"], headers["area"], headers["mode"]) == ("2026-01-01T00:00:00.000", "3303", "snapshot")


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


def test_what_cannot_be_done_is_said(here: Place) -> None:
    """No reason, too wide a pattern, columns that are none or hold identity numbers, fixes without effect, and more rows than allowed within an hour."""
    here.deliver("fire_hazard", [check(n, "饭店") for n in range(1, 5)])
    desk = here.desk(rows_an_hour=5)
    with pytest.raises(PatternTooWide):
        tried(desk, Pattern(feed="fire_hazard"), TO_VENUE)
    with pytest.raises(FixChangesNothing, match="4"):
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
