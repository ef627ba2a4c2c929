"""Fixes over rows of one pattern: what they mend, what they refuse, and what they tell."""

from __future__ import annotations

from datetime import datetime

import pytest

from cabin.ledger import accounts
from contracts.desk import FIRST_REPAIR
from contracts.ipc import read_table
from contracts.partition import partition_of
from contracts.topics import DESK, RAW
from quality.desk import ask
from quality.desk.errors import FixWouldFail, NothingOpen
from quality.desk.index import opened
from quality.desk.pattern import Pattern
from quality.desk.preview import preview
from quality.desk.redrive import redriven
from quality.desk.work import planned, tried
from streams.landing import Declared
from tests.quality.desk.kit import ADDRESS, KIND, TO_VENUE, Place, check, claimed, identity, lease, reasons, repairs

GARBLED = ADDRESS.encode("gb18030").decode("euc_kr")


def test_rows_of_a_pattern_are_mended_in_all_their_deliveries(here: Place) -> None:
    """A mapping over a pattern: one repair message per raw message, named after it; all rows are accepted by the next run and none is open; the repairs keep delivery and row."""
    deliveries = [here.deliver("fire_hazard", [check(n, "饭店" if n % 2 else "3") for n in range(start, start + 4)]) for start in (1, 11)]
    desk = here.desk()
    trial = tried(desk, KIND, TO_VENUE)
    assert (trial.count, trial.accepted, trial.changed, trial.failing) == (4, 4, 4, {})
    assert preview(trial)[0]["after"] == "3"
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
    (shown,) = preview(trial)
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


def test_a_row_whose_key_was_destroyed_cannot_be_mended(here: Place) -> None:
    """What is sealed under a destroyed key stays unreadable: such a row would fail as erased, and nothing of it is written."""
    here.deliver("rental", [lease(1, status="9"), lease(2, status="9")])
    (token, _) = read_table(next(each.message.value for part in range(2) for each in here.log.read(RAW + "rental", part, 0)))["subject"].to_pylist()
    assert here.vault.destroy(token, here.clock.now())
    trial = tried(here.desk(), Pattern(feed="rental", reason="status-unknown"), {"kind": "map", "columns": ["status"], "values": {"9": "1"}})
    assert (trial.failing, trial.accepted, len(trial.mended.messages)) == ({"erased": 1}, 1, 1)


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
