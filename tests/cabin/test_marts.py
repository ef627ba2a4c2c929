"""`cabin marts`: what there is, one whole build, and two snapshots compared, as a person and as a script meet it."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from cabin.machine import told_of_machine
from contracts.read import load
from tests.cabin.kit import ENVIRONMENT, cabin, done, hashes, holds_english
from warehouse.catalogue import mart_files
from warehouse.publish import pointed, snapshot_path


@pytest.fixture
def data(small_cabin: Path, tmp_path: Path) -> Path:
    """A copy of the small cabin that a test may write into."""
    return shutil.copytree(small_cabin, tmp_path / "data")


def test_marts_are_listed_in_building_order_with_what_is_published(small_cabin: Path) -> None:
    """Sentence, grain, reads, consumers, how it is kept and how many rows, and the snapshots; without a snapshot no rows."""
    said = done(small_cabin, "--json", "marts", "list").document
    listed = {row["mart"]: row for row in said["marts"]}
    files = mart_files()
    assert list(listed) == list(files)
    for name, row in listed.items():
        assert (row["sentence"], row["grain"], row["reads"], row["consumers"]) == (
            files[name].sentence,
            list(files[name].grain),
            list(files[name].reads),
            list(files[name].consumers),
        )
        with duckdb.connect(str(snapshot_path(small_cabin / "published")), read_only=True) as snapshot:
            assert [(row["rows"],)] == snapshot.execute(f"select count(*) from {name}").fetchall()
    assert [listed[name]["kept"] for name in ("entity_value", "household", "coverage")] == ["view", "renewed", "anew"]
    assert [(each["snapshot"], each["published"]) for each in said["snapshots"]] == [("000001", True)]
    assert {row["rows"] for row in done(small_cabin.parent / "nowhere", "--json", "marts", "list").document["marts"]} == {None}


def test_readers_and_purposes_are_told_in_chinese(small_cabin: Path) -> None:
    """In the list, of one mart and of what rests on a column; a machine gets the codes."""
    assert not holds_english(cabin(small_cabin, "marts", "list", lang="zh").out)
    facts = cabin(small_cabin, "marts", "show", "household", "--rows", "0", lang="zh").out.partition("\n\n")[0]
    assert not holds_english(facts) and "入户走访、基层管理人员" in facts and "household_visit" not in facts
    assert cabin(small_cabin, "marts", "show", "household", "--rows", "0").out.count("household visit") >= 2  # its readers and its purpose
    told = done(small_cabin, "--json", "marts", "show", "household", lang="zh").document["facts"]
    assert (told["consumers"], told["purpose"]) == (["household visit", "base-management officers"], "household_visit")
    line = ("lineage", "show", "--forward", "ps_resident.address")
    assert not holds_english(cabin(small_cabin, *line, lang="zh").out) and "基层管理人员" in cabin(small_cabin, *line, lang="zh").out
    readers = done(small_cabin, "--json", *line, lang="zh").document["readers"]
    assert "household visit, base-management officers" in {row["readers"] for row in readers}


def test_one_mart_is_shown_whole(small_cabin: Path) -> None:
    """Its head, its columns with labels in both languages, its SQL and as many rows as asked for."""
    said = done(small_cabin, "--json", "marts", "show", "household", "--rows", "2").document
    columns = load().marts["household"].columns
    assert [(row["column"], row["zh"], row["en"], row["grain"]) for row in said["columns"]] == [
        (each.name, each.label.zh, each.label.en, each.key) for each in columns
    ]
    assert said["sql"] == mart_files()["household"].sql
    assert said["facts"]["grain"] == ["dwelling", "resident"] and len(said["rows"]) == 2 and list(said["rows"][0]) == [each.name for each in columns]
    text = cabin(small_cabin, "marts", "show", "household", "--rows", "1", lang="zh").out
    assert "居住人" in text and "select" in text and load().marts["household"].description_zh in text
    assert "rows" not in done(small_cabin, "--json", "marts", "show", "household", "--rows", "0").document


def test_build_makes_everything_anew_and_diff_finds_it_equal(data: Path, tmp_path: Path) -> None:
    """A snapshot of its own although nothing was landed, with the same marts, also where the published one is damaged."""
    before, path = hashes(data), snapshot_path(data / "published")
    sound = shutil.copy(path, tmp_path / "sound.duckdb")
    path.chmod(0o640)
    path.write_bytes(b"damaged")
    refused = cabin(data, "sql", "select 1")
    assert refused.code == 3 and "000001" in refused.err and "cabin marts build" in refused.err
    said = done(data, "--json", "marts", "build").document
    assert (said["snapshot"], said["marts"]) == ("000002", len(mart_files()))
    assert hashes(data) == before
    assert done(data, "--json", "marts", "diff", str(sound)).document["equal"] is True


def test_a_difference_is_exit_code_1_with_the_rows_that_differ(data: Path, tmp_path: Path) -> None:
    """By snapshot name and by file, in text and JSON, whole or for one mart."""
    other = shutil.copy(snapshot_path(data / "published"), tmp_path / "other.duckdb")
    other.chmod(0o640)
    with duckdb.connect(str(other)) as snapshot:
        gone = snapshot.execute("delete from household where resident = (select min(resident) from household) returning dwelling, resident").fetchall()
        snapshot.execute("update visit_plan set residents = 77 where dwelling = (select min(dwelling) from visit_plan)")
    said = cabin(data, "--json", "marts", "diff", "000001", str(other))
    marts = {row["mart"]: row for row in said.document["marts"]}
    assert (said.code, said.document["equal"]) == (1, False)
    assert {name for name, row in marts.items() if not row["equal"]} == {"household", "visit_plan"}
    assert (marts["household"]["only_a"], marts["visit_plan"]["changed"], marts["visit_plan"]["columns"]) == (len(gone), 1, {"residents": 1})
    assert {(row["key"]["dwelling"], row["key"]["resident"]) for row in said.document["rows"] if row["mart"] == "household"} == set(gone)
    assert [cell["b"] for row in said.document["rows"] for cell in row["cells"]] == ["77"]
    assert cabin(data, "marts", "diff", "current", str(other), "--mart", "coverage", "--mart", "source_quality").code == 0
    text = cabin(data, "marts", "diff", str(other), "--mart", "household", lang="zh")
    assert text.code == 1 and "仅在 B" in text.out and gone[0][1] in text.out and "visit_plan" not in text.out


def test_a_full_disk_is_one_sentence_and_the_snapshot_stays(data: Path) -> None:
    """The engine's write into the new snapshot fails in the middle: exit code 3, what to do, no traceback."""
    size = snapshot_path(data / "published").stat().st_size // 2
    ran = subprocess.run(
        [sys.executable, "-m", "cabin", "--json", "--data", str(data), "marts", "build"],
        env={**os.environ, **ENVIRONMENT},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert (ran.returncode, ran.stderr) == (3, "")
    assert '"disk-full"' in ran.stdout and pointed(data / "published") == "000001"


@pytest.mark.parametrize(
    ("error", "full"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), True),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), True),
        (duckdb.IOException("IO Error: Could not write file: No space left on device"), True),
        (sqlite3.OperationalError("database or disk is full"), True),
        (OSError(errno.EACCES, "Permission denied"), False),
        (duckdb.IOException("IO Error: Could not read file"), False),
        (sqlite3.OperationalError("no such table: x"), False),
        (ValueError("No space left on device"), False),
    ],
    ids=str,
)
def test_nothing_but_a_full_disk_is_called_one(error: Exception, full: bool) -> None:
    """By what the operating system said, directly or through an engine; every other error stays a bug that shows itself."""
    assert (told_of_machine(error) is not None) == full
