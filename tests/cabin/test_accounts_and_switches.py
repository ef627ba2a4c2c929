"""Counted independently: what was delivered is what `cabin status` accounts for; and decisions about feeds can be taken back without a trace in the marts."""

from __future__ import annotations

import json
import shlex
import shutil
from collections import Counter
from pathlib import Path

import pytest

from cabin.demo_summary import NEXT, summary
from cabin.output import Output
from cabin.session import Session
from cabin.settings import Settings
from tests.cabin.kit import ENVIRONMENT, District, cabin, done, hashes

INVENTORY = {"public": 966, "unit": 3065, "private": 6961, "rural": 4958}
"""Shiquan's real inventory of devices by owner."""


def test_status_accounts_for_every_delivered_row(district: District) -> None:
    """Per feed: files that differ, rows in the manifests beside them (and a total row where a list has one) equal what status says; nothing is behind."""
    seen: set[tuple[str, bytes]] = set()
    deliveries, rows = Counter[str](), Counter[str]()
    for file in sorted(district.deliveries.glob("*.manifest.json")):
        stated = json.loads(file.read_text(encoding="utf-8"))
        content = (stated["feed"], file.with_name(file.name.removesuffix(".manifest.json")).read_bytes())
        if content not in seen:
            seen.add(content)
            deliveries[stated["feed"]] += 1
            rows[stated["feed"]] += stated["rows"]
    landed = [each for each in district.landed.document["landed"] if not each["already_landed"]]
    layout = Counter[str]()
    for each in landed:
        layout[each["feed"]] += each["layout"]
    status = done(district.data, "--json", "status").document
    assert {each["feed"]: (each["deliveries"], each["delivered"]) for each in status["feeds"]} == {
        feed: (deliveries[feed], rows[feed] + layout[feed]) for feed in rows
    }
    for each in status["feeds"]:
        assert each["delivered"] == each["refused"] + each["reduced"] + each["layout"] + each["landed"]
        assert each["landed"] == each["normalised"] == each["accepted"] + each["quarantined"]
        assert each["behind"] == 0
    assert sum(each["landed"] for each in status["feeds"]) == sum(each["landed"] for each in landed) <= district.ran.document["rows"]
    assert status["behind"] == 0 and status["claims"] == status["folded"] > 10_000


def test_the_demo_explains_its_numbers(district: District) -> None:
    """Rows generated, those among them that came twice, and title and total rows give the rows delivered: computed from what landing said."""
    repeated = sum(each["delivered"] - each["layout"] for each in district.landed.document["landed"] if each["already_landed"])
    session = Session(Settings.from_mapping({**ENVIRONMENT, "CABIN_DATA": str(district.data)}), Output(as_json=True))
    summary(session, district.manifest, repeated)
    session.close()
    told = session.out.document
    assert told["repeated"] == repeated > 0
    assert told["generated"] - told["repeated"] + told["accounts"]["layout"] == told["accounts"]["delivered"]


def test_a_delivery_sent_again_landed_once(district: District) -> None:
    """The district re-sends a push; landing told so and added nothing."""
    assert [each["feed"] for each in district.landed.document["landed"] if each["already_landed"]] == ["rental"]


def test_the_whole_inventory_of_devices_is_in_the_marts(district: District) -> None:
    """966 + 3065 + 6961 + 4958 = 15950, from the workbook to the published snapshot, and the total row agrees."""
    listed = done(district.data, "--json", "sql", "select ownership, count(*) as n from thing_current group by all").document["rows"]
    total = done(district.data, "--json", "sql", "select count(*) as n from entity_current where kind = 'thing'").document["rows"]
    assert {each["ownership"]: each["n"] for each in listed} == INVENTORY
    assert total == [{"n": 15_950}] == [{"n": sum(INVENTORY.values())}]


def test_rebuilding_from_raw_gives_equal_marts(small_cabin: Path) -> None:
    """Everything computed again in a clean place is equal, mart by mart, and the clean place is gone afterwards."""
    said = done(small_cabin, "--json", "rebuild", "--verify").document
    assert said["equal"] is True and {each["equal"] for each in said["marts"]} == {"yes"}
    assert {"entity_current", "household", "discrepancy", "visit_plan", "coverage", "source_quality", "feed_health"} <= {each["mart"] for each in said["marts"]}
    assert not list(small_cabin.glob("rebuild-*"))


def test_rebuilding_notices_what_is_not_published(small_cabin: Path, district: District, tmp_path: Path) -> None:
    """The comparison can fail: with something landed since, the marts differ, exit code 1 and a hint."""
    data = shutil.copytree(small_cabin, tmp_path / "data")
    more = next(each.file for each in district.manifest.deliveries if each.feed == "venue")
    done(data, "land", "auto", str(more))
    said = cabin(data, "--json", "rebuild", "--verify")
    assert (said.code, said.document["error"]["code"]) == (1, "rebuild-differs")
    assert "NO" in {each["equal"] for each in said.document["marts"]}


@pytest.mark.parametrize("what", ["feed", "delivery"])
def test_what_is_taken_back_leaves_no_trace(small_cabin: Path, tmp_path: Path, what: str) -> None:
    """Withdrawn, a feed counts for nothing, a recalled delivery as never made; restored, every mart is equal to before, feed health included."""
    data = shutil.copytree(small_cabin, tmp_path / "data")
    before = hashes(data)
    target = "visit" if what == "feed" else done(data, "--json", "feed", "show", "visit").document["deliveries"][0]["delivery"]
    off, on = (("withdraw", target), ("restore", target)) if what == "feed" else (("recall", target), ("recall", target, "--undo"))
    done(data, "feed", *off, "--reason", "test")
    done(data, "run")
    without = hashes(data)
    done(data, "feed", *on, "--reason", "test")
    done(data, "run")
    after = hashes(data)
    assert without["residency_current"] != before["residency_current"] and without["entity_current"] != before["entity_current"]
    assert {name for name in before if after[name] != before[name]} == set()


@pytest.mark.parametrize("line", [line for line, _, _ in NEXT])
def test_what_the_demo_suggests_finds_something(district: District, line: str) -> None:
    """The commands worth typing next answer with rows, not with nothing."""
    document = done(district.data, "--json", *shlex.split(line)).document
    assert document.get("rows") or document.get("found")
