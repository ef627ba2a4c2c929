"""A feed goes from version 1 to version 2 while its messages lie on the log: nothing on the log is rewritten, everything old is read as before, everything new as it is."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from streams.log import EmbeddedLog
from tests.cabin.alias_kit import number_of
from tests.cabin.kit import cabin, done
from tests.cabin.lodging_kit import CONTRACT_1, CONTRACT_2, HEADER, bumped, write

pytestmark = pytest.mark.slow
TYPES = "select residence_type as type, count(*) as n from residency_current group by all order by all"
TOPIC = "cabin.raw.lodging"


def delivered(data: Path, name: str, header: str, *rows: str) -> None:
    file = data.parent / name
    file.write_text("\r\n".join([header, *rows, ""]), encoding="utf-8", newline="")
    done(data, "land", "lodging", str(file), "--mode", "increment")


def raw(data: Path) -> list[tuple[str, bytes]]:
    """Version and bytes of every message of the feed on the log."""
    with EmbeddedLog.open(data / "log.sqlite") as log:
        stored = [each for partition in range(log.partitions) for each in log.read(TOPIC, partition, 0, 1 << 24)]
    return [(each.message.headers["ce_dataschema"], each.message.value) for each in stored]


def home(room: int) -> str:
    return f"鹿城区五马街道解放街1号2幢1单元{room}室"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation that ran under version 1: two lodgers, and one whose name is too short."""
    data = tmp_path_factory.mktemp("lodging") / "data"
    write(data, "lodging.yaml", CONTRACT_1)
    rows = [f"J{at},{number_of(at)},{name},{home(300 + at)},2026-03-0{at} 08:00:00" for at, name in ((1, "王小明"), (2, "李小红"), (3, "张"))]
    delivered(data, "first.csv", HEADER, *rows)
    done(data, "run")
    return data


@pytest.fixture(scope="module")
def newer(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of it that takes version 2 (elsewhere, because a process reads the contracts of a folder once)."""
    copy = Path(shutil.copytree(data, tmp_path_factory.mktemp("bumped") / "data"))
    bumped(copy)
    return copy


def test_old_messages_say_what_they_said_and_new_ones_are_taken(data: Path, newer: Path) -> None:
    """After the bump a list in the new layout is landed as version 2 beside what version 1 left, and speaks for itself; sealed names open; rows in quarantine keep their
    reason; everything computed again from raw by version 2 equals what was derived by version 1 before; no message on the log was touched."""
    before, refused = raw(data), done(data, "--json", "quarantine", "list").document["rows"]
    data = newer
    assert {version for version, _ in before} == {"lodging/1"} and [row["reason"] for row in refused] == ["name-too-short"]
    assert cabin(data, "contract", "check").out == "all contracts are valid\n"
    delivered(data, "second.csv", f"{HEADER},居住类型", f"J4,{number_of(4)},赵小刚,{home(304)},2026-04-01 08:00:00,2")
    done(data, "run")
    assert done(data, "--json", "sql", TYPES).document["rows"] == [{"type": "2", "n": 1}, {"type": "3", "n": 2}]
    person = done(data, "--json", "sql", "select entity from person_current order by entity").document["rows"]
    named = {done(data, "--json", "reveal", "person", each["entity"], "name", "--purpose", "test").document["value"] for each in person}
    assert named == {"王小明", "李小红", "赵小刚"}
    assert done(data, "--json", "quarantine", "list").document["rows"] == refused
    assert done(data, "--json", "rebuild", "--verify").document["equal"] is True
    after = raw(data)
    assert set(before) < set(after) and {version for version, _ in after} == {"lodging/1", "lodging/2"}
    told = done(data, "quarantine", "show", refused[0]["delivery"], str(refused[0]["row"]), lang="zh").out
    assert "姓名过短" in told


def test_an_old_version_that_is_dropped_is_told_by_the_comparison(data: Path, tmp_path: Path) -> None:
    """Who bumps a feed and drops its old version is told so by the comparison, and no version bump makes it right; with the old file kept the bump tells enough."""
    for name, text in (("1/lodging.yaml", CONTRACT_1), ("2/lodging.yaml", CONTRACT_2)):
        write(tmp_path / name.partition("/")[0], "lodging.yaml", text)
    said = cabin(data, "--json", "contract", "diff", str(tmp_path / "1" / "feeds"), str(tmp_path / "2" / "feeds"))
    codes = {change["code"] for each in said.document["contracts"] for change in each["changes"]}
    assert said.code == 1 and "version-not-kept" in codes
    write(tmp_path / "2", "old/lodging.v1.yaml", CONTRACT_1)
    kept = cabin(data, "--json", "contract", "diff", str(tmp_path / "1" / "feeds"), str(tmp_path / "2" / "feeds"))
    assert kept.code == 0 and {"column-renamed", "column-added-required"} <= {
        change["code"] for each in kept.document["contracts"] for change in each["changes"]
    }


def test_contracts_of_a_moment_of_release_can_be_compared(data: Path, tmp_path: Path) -> None:
    """What was in force when version 1 ran is known from history: compared with now, version 2 tells enough, and would not with a lower number."""
    was = Path(shutil.copytree(data, tmp_path / "was" / "data"))
    done(was, "history", "load")
    now = Path(shutil.copytree(was, tmp_path / "now" / "data"))
    bumped(now)
    said = cabin(now, "--json", "contract", "diff", "2099-01-01")
    assert said.code == 0, said
    assert [(each["name"], each["before"], each["after"], each["enough"]) for each in said.document["contracts"]] == [("lodging", "1.0.0", "2.0.0", True)]


def test_a_row_of_the_old_version_is_mended_in_its_own_layout(newer: Path, tmp_path: Path) -> None:
    """A quarantined row keeps the version it was delivered under: it is mended by that version's names and rules, its repair carries that version, and what it then says is told by
    the new one, as of any old row. Beside a row of the new version it waits for a pattern of its own, and is told so."""
    data = Path(shutil.copytree(newer, tmp_path / "data"))
    (row,) = done(data, "--json", "quarantine", "list").document["rows"]
    done(data, "quarantine", "show", row["delivery"], str(row["row"]))
    own = ("quarantine", "fix", "--delivery", row["delivery"], "--row", str(row["row"]))
    assert cabin(data, "--json", *own, "--on", "lodger", "--map", "张=张三").document["error"]["code"] == "fix-unusable"
    delivered(data, "third.csv", f"{HEADER},居住类型", f"J5,{number_of(5)},李,{home(305)},2026-04-02 08:00:00,2")
    done(data, "run")
    pattern = ("quarantine", "fix", "--feed", "lodging", "--broken", "name-too-short")
    mixed = cabin(data, "--json", *pattern, "--on", "lodger", "--map", "李=李四").document
    assert (mixed["rows"], mixed["accepted"], {each["reason"]: each["rows"] for each in mixed["reasons"]}) == (2, 1, {"older-version": 1})
    old = [version for version, _ in raw(data)].count("lodging/1")
    done(data, *own, "--on", "guest", "--map", "张=张三", "--go", "--reason", "the register says so")
    done(data, "run")
    assert [version for version, _ in raw(data)].count("lodging/1") == old + 1
    assert {each["state"] for each in done(data, "--json", "quarantine", "list", "--state", "all", "--delivery", row["delivery"]).document["rows"]} == {
        "redriven"
    }
    types = {each["type"]: each["n"] for each in done(data, "--json", "sql", TYPES).document["rows"]}
    assert types["3"] == 3
    assert done(data, "--json", "rebuild", "--verify").document["equal"] is True
