"""History and as-of as a person uses them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from contracts.read import load
from tests.cabin.kit import cabin, done, hashes, holds_english
from warehouse.hashes import mart_hashes
from warehouse.history import read_manifest


@pytest.fixture(scope="module")
def remembered(small_cabin: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small cabin with its history; read it only."""
    data = tmp_path_factory.mktemp("remembered") / "data"
    shutil.copytree(small_cabin, data)
    done(data, "history", "load")
    return data


def test_history_is_loaded_shown_checked_and_merged(small_cabin: Path, tmp_path: Path) -> None:
    """Loading tells the rows added, the second time none; every file is as it was written, and stays so when small ones are merged."""
    data = tmp_path / "data"
    shutil.copytree(small_cabin, data)
    assert "history is empty" in done(data, "history", "show").out
    for command in (("history", "check"), ("asof", "person")):
        said = cabin(data, *command)
        assert said.code != 0 and "cabin history load" in said.err
    assert not (data / "history").exists()
    added = done(data, "--json", "history", "load").document["added"]
    assert added["claim_person"] > 30
    assert done(data, "history", "load").out == "history: 0 rows added\n"
    shown = {row["table"]: row["rows"] for row in done(data, "--json", "history", "show").document["tables"]}
    assert shown == added
    done(data, "history", "compact", "--few", "1")
    files = read_manifest(data / "history").files
    assert done(data, "--json", "history", "check").document["files"] == len(files) == len({(file.table, file.bucket) for file in files})


def test_history_is_its_owners_alone(remembered: Path, tmp_path: Path) -> None:
    """Its files hold names in clear like the state's: nobody else may read them, and doctor says so once somebody may."""
    files = [path for path in (remembered / "history").rglob("*") if path.is_file()]
    assert len(files) > 10 and [path for path in files if path.stat().st_mode & 0o077] == []
    data = tmp_path / "data"
    shutil.copytree(remembered, data)
    data.chmod(0o755)
    assert done(data, "doctor").code == 0
    (data / "history" / read_manifest(data / "history").files[0].path).chmod(0o644)
    said = cabin(data, "doctor")
    assert said.code == 1 and "history in the data folder" in said.out


def test_damage_is_found_and_mended(remembered: Path, tmp_path: Path) -> None:
    """A file that is gone is named by `check` with what to do; after `rebuild` all is well."""
    data = tmp_path / "data"
    shutil.copytree(remembered, data)
    lost = read_manifest(data / "history").of("claim_person")[0]
    (data / "history" / lost.path).unlink()
    said = cabin(data, "history", "check")
    assert said.code == 1 and lost.path in said.out and "missing" in said.out and "cabin history rebuild" in said.err
    said = cabin(data, "asof", "person", lang="zh")
    assert said.code == 1 and lost.path in said.err
    done(data, "history", "rebuild")
    done(data, "history", "check")


def test_the_warehouse_is_made_anew_from_history(small_cabin: Path, tmp_path: Path) -> None:
    """From an empty history or a full one it gives the published marts, compared in a clean place; put in the place of a lost file it is published, and runs go on from it."""
    data = shutil.copytree(small_cabin, tmp_path / "data")
    before = hashes(data)
    compared = done(data, "--json", "rebuild", "--from", "history").document
    assert compared["equal"] and len(compared["marts"]) == len(before)
    (data / "warehouse" / "current.duckdb").unlink()
    said = done(data, "history", "restore")
    assert "published snapshot 000002" in said.out and hashes(data) == before
    assert "published" not in done(data, "run").err
    assert not list(data.glob("rebuild-*"))


def test_what_was_believed_is_told(remembered: Path) -> None:
    """A kind as a list, an entity unit by unit as `explain` words it; before anything was recorded nobody was known, which is said in a sentence."""
    people = done(remembered, "--json", "asof", "person").document
    assert people["count"] == len(people["entities"]) > 30
    first = next(each for each in people["entities"] if each["label"])
    values = {row["attribute"]: row["value"] for row in done(remembered, "--json", "asof", "person", first["entity"]).document["values"]}
    assert values["name"] == first["label"] and "*" in values["name"]
    explained = done(remembered, "explain", "person", first["entity"]).out
    assert all(value in explained for value in values.values())
    nobody = done(remembered, "--json", "asof", "person", "--recorded", "2020-01-01").document
    assert nobody["count"] == 0 and "--recorded" in nobody["hint"] and "hint" not in people
    assert "没有找到" in cabin(remembered, "asof", "person", "--recorded", "2020-01-01", lang="zh").out
    assert done(remembered, "--json", "asof", "person", "--observed", "2020-01-01").document["count"] < people["count"]
    assert "--limit 0" in done(remembered, "asof", "person", "--limit", "3").err


def test_all_marts_as_of_a_moment_lie_in_a_file_of_their_own(remembered: Path, tmp_path: Path) -> None:
    """Uncut they are the published ones; a file that exists is never written over."""
    target = tmp_path / "then.duckdb"
    done(remembered, "asof", "--marts", str(target))
    assert mart_hashes(target, load()) == hashes(remembered)
    said = cabin(remembered, "asof", "--marts", str(target))
    assert said.code == 2 and "exists already" in said.err


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("asof",), "kind-needed"),
        (("asof", "nothing"), "unknown-kind"),
        (("asof", "person", "nobody"), "not-known-then"),
        (("asof", "person", "--marts", "new.duckdb"), "one-question"),
        (("asof", "--marts", "nowhere/new.duckdb"), "folder-missing"),
        (("asof", "person", "--recorded", "yesterday"), "moment-unreadable"),
        (("asof", "person", "--observed", "2026-01-01T00:00:00+08:00"), "moment-unreadable"),
    ],
)
def test_a_mistake_is_told_in_both_languages(remembered: Path, arguments: tuple[str, ...], code: str) -> None:
    """One sentence and a hint, with a stable code, and no English in the Chinese one."""
    said = cabin(remembered, "--json", *arguments, lang="zh")
    error = said.document["error"]
    assert said.code == 2 and error["code"] == code
    assert not holds_english(error["fact"] + error["hint"])
