"""One dwelling under two names becomes one when a person releases the alias table, and two again when the registry takes it back."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from cabin.pipeline import Pipeline, Places
from cabin.ports import open_ports
from contracts.read import load
from contracts.topics import CLAIMS, OUTCOMES, QUARANTINE, RAW
from streams.local import Ports
from streams.log import EmbeddedLog
from tests.cabin.alias_kit import NEW, OLD, land_all, merged, registered, registry, sql
from tests.cabin.kit import District, cabin, done, hashes
from vault import Vault
from warehouse.hashes import mart_hashes
from warehouse.publish import snapshot_path

NAMES = ("__finding", "__delivery", "differs")
"""Columns that tell which finding or which delivery: not the same in two cabins."""
VIEWS = {
    "dwelling": "from dwelling_current order by entity",
    "residency": "exclude (entity, person) from residency_current order by dwelling, residence_type, residence_status",
    "household": "exclude (resident, dwelling), dwelling from household order by dwelling, residence_type, residence_status",
    "entity": "exclude (entity) from entity_current where kind in ('dwelling', 'residency') order by all",
    "discrepancy": "kind, attribute, source, claimed, golden, status, count(*) as n from discrepancy group by all order by all",
}


@pytest.fixture(scope="module")
def separate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cabin in which the registry has merged the two, and nothing is released."""
    data = tmp_path_factory.mktemp("alias") / "data"
    land_all(data, data.parent / "deliveries")
    merged(data, data.parent / "deliveries")
    done(data, "run")
    return data


@pytest.fixture(scope="module")
def one(separate: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same after the release and a run."""
    data = shutil.copytree(separate, tmp_path_factory.mktemp("one") / "data")
    done(data, "alias", "release", "--reason", "merged by the registry")
    done(data, "run")
    return data


def views(data: Path) -> dict[str, list[dict[str, Any]]]:
    """What readers see of the dwellings and their people, without names of deliveries and findings."""
    found = {}
    for name, query in VIEWS.items():
        rows = sql(data, f"select {'' if query.startswith('kind') else '* '}{query}")
        found[name] = [{key: value for key, value in row.items() if not key.endswith(NAMES)} for row in rows]
    return found


def test_before_the_release_they_are_two(separate: Path) -> None:
    """A table that nobody released changes nothing: each list keeps its own dwelling."""
    assert [row["entity"] for row in sql(separate, "select entity from dwelling_current order by entity")] == [OLD, NEW]
    assert {row["dwelling"]: row["n"] for row in sql(separate, "select dwelling, count(*) as n from residency_current where present group by all")} == {
        OLD: 2,
        NEW: 1,
    }


def test_after_the_release_they_are_one(one: Path) -> None:
    """All residents, the findings made under the old key, their verification under the new one, and the claims of every list speak of one dwelling."""
    (dwelling,) = sql(one, "select * from dwelling_current")
    assert (dwelling["entity"], dwelling["address"], dwelling["address__status"], dwelling["building_id"]) == (NEW, NEW, "agreed", NEW.rsplit("/", 2)[0])
    assert (dwelling["tenure"], dwelling["occupancy"], dwelling["occupancy__finding"]) == ("2", "vacant", f"ZF1:{OLD}:occupancy#0")
    assert dwelling["use"] is None  # found under the old key, refuted under the new one
    links = sql(one, "select * from residency_current order by residence_type, present")
    assert {link["dwelling"] for link in links} == {NEW} and {link["entity"] for link in links} == {f"{link['person']}@{NEW}" for link in links}
    assert [(link["residence_type"], link["present"], link["present__status"]) for link in links] == [
        ("1", False, "corrected"), ("1", True, "verified"), ("2", True, "verified"),
    ]  # fmt: skip
    assert [link["residence_status"] for link in links] == ["1", "2", None]


def test_the_reasons_name_both_sides(one: Path) -> None:
    """`explain` of the present key tells the old key's finding, and of a link what the list that used the old key said."""
    said = done(one, "explain", "dwelling", NEW).out
    assert f"ZF1:{OLD}:occupancy#0" in said and "(rental) agrees" in said and "(std_address) agrees" in said
    (link,) = sql(one, "select entity from residency_current where present__status = 'corrected'")
    assert "(ps_resident) differs" in done(one, "explain", "residency", link["entity"]).out
    assert cabin(one, "explain", "dwelling", OLD).code != 0


def test_it_is_as_if_the_lists_had_used_the_present_name(one: Path, tmp_path: Path) -> None:
    """The marts after the release are those of the same deliveries with the new house number written in place of the old one."""
    land_all(tmp_path / "data", tmp_path / "deliveries", "18")
    merged(tmp_path / "data", tmp_path / "deliveries", "18")
    done(tmp_path / "data", "run")
    assert views(one) == views(tmp_path / "data")


def test_a_rebuild_uses_the_released_version(one: Path) -> None:
    """The version is read from the raw topics, so everything computed again in a clean place is equal."""
    assert done(one, "--json", "rebuild", "--verify").document["equal"] is True


def test_everything_derived_names_the_version(separate: Path, one: Path) -> None:
    """Claims, quarantine and outcomes carry it, the snapshot records it; nothing is left of what was derived under another one."""
    for data, version in ((separate, "0"), (one, "1")):
        with EmbeddedLog.open(data / "log.sqlite") as log:
            named = {
                headers["aliases"]
                for topic in (CLAIMS, QUARANTINE, OUTCOMES)
                for partition in range(log.partitions)
                for _, headers in log.headers(topic, partition, 0)
            }
        assert named == {version}
        assert sql(data, "select value from about where name = 'aliases'") == [{"value": version}]
    status = done(one, "--json", "status").document
    assert status["behind"] == 0 and all(each["landed"] == each["accepted"] + each["quarantined"] for each in status["feeds"])


def test_a_split_makes_them_two_again(separate: Path, one: Path, tmp_path: Path) -> None:
    """The registry delivers the old room in use again: the pair is to be removed, and the next version leaves each list its own dwelling."""
    data = shutil.copytree(one, tmp_path / "data")
    registry(data, tmp_path, "split", registered("12", "2026-05-01"))
    listed = done(data, "--json", "alias", "list").document
    assert listed["version"] == 1 and listed["counts"] == {"released": 1, "added": 0, "removed": 1, "ambiguous": 0, "circular": 0}
    done(data, "alias", "release", "--reason", "the merge was an error")
    done(data, "run")
    found, before = views(data), views(separate)
    assert found["household"] == before["household"] and found["residency"] == before["residency"]
    assert [row["entity"] for row in found["dwelling"]] == [OLD, NEW]


def test_what_was_recalled_supports_no_pair(separate: Path, tmp_path: Path) -> None:
    """A recalled delivery of the registry counts as never made, a withdrawn registry as silent: there is nothing to release."""
    data = shutil.copytree(separate, tmp_path / "data")
    assert done(data, "--json", "alias", "list").document["counts"]["added"] == 1
    *_, last = done(data, "--json", "feed", "show", "std_address").document["deliveries"]
    for off, on in ((("recall", last["delivery"]), ("recall", last["delivery"], "--undo")), (("withdraw", "std_address"), ("restore", "std_address"))):
        done(data, "feed", *off, "--reason", "test")
        assert done(data, "--json", "alias", "list").document["counts"]["added"] == 0
        done(data, "feed", *on, "--reason", "test")
    assert done(data, "--json", "alias", "list").document["counts"]["added"] == 1


@pytest.mark.parametrize(("lang", "words"), [("en", "nothing to release: version 1"), ("zh", "无需发布：版本 1")])
def test_releasing_twice_appends_nothing(one: Path, lang: str, words: str) -> None:
    """What the registry gives is released already: the command says so, and the log is as before."""
    ends = _raw_ends(one)
    assert words in cabin(one, "alias", "release", "--reason", "again", lang=lang).out
    assert _raw_ends(one) == ends


def test_nothing_is_released_of_an_ordinary_district(district: District) -> None:
    """The invented district's registry renames no room: no version, nothing to add."""
    found = done(district.data, "--json", "alias", "list").document
    assert (found["version"], found["counts"]["added"], found["counts"]["removed"]) == (0, 0, 0)


def test_one_partition_and_three_give_equal_marts(one: Path, tmp_path: Path) -> None:
    """The two names lie on different partitions or on the same: what is published is equal."""
    made = []
    for partitions in (1, 3):
        folder = tmp_path / str(partitions)
        with EmbeddedLog.open(one / "log.sqlite") as held, EmbeddedLog.open(folder / "log.sqlite", partitions) as log, Vault.open(one / "vault") as vault:
            for topic in (topic for topic in held.topics() if topic.startswith(RAW)):
                for partition in range(held.partitions):
                    log.append(topic, partition % partitions, [stored.message for stored in held.read(topic, partition, 0)])
            Pipeline(folder, Ports(log, load(), vault), Places.of(folder), 1, 1000, lambda en, zh: None).drain()
        made.append(mart_hashes(snapshot_path(folder / "published"), load()))
    assert made[0] == made[1] == hashes(one)


def _raw_ends(data: Path) -> dict[str, list[int]]:
    with open_ports(data) as ports:
        return {topic: [ports.log.end(topic, partition) for partition in range(ports.log.partitions)] for topic in ports.log.topics()}
