"""`cabin quality` as a person meets it: what is checked, what is told, what stays, and with which exit code."""

from __future__ import annotations

import json
import shutil
from datetime import datetime
from pathlib import Path

import duckdb
import pytest
import structlog

from cabin.checking import Wanted, _logged, is_checked
from cabin.output import Output
from cabin.session import Session
from cabin.settings import Settings
from contracts.read import load
from quality.promises.from_contracts import suites
from quality.promises.results import KEYS, MARKS, history
from tests.cabin.kit import ENVIRONMENT, cabin, done
from warehouse.publish import snapshot_path

AT = datetime(2026, 12, 1, 8)


@pytest.fixture(scope="module")
def checked(small_cabin: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small cabin with its snapshot checked once."""
    data: Path = shutil.copytree(small_cabin, tmp_path_factory.mktemp("checked") / "data")
    said = cabin(data, "--json", "quality", "check")
    assert (said.code, said.document["errors"], said.document["failed"]) == (0, 0, 0), said
    return data


def session(data: Path) -> Session:
    return Session(Settings.from_mapping({**ENVIRONMENT, "CABIN_DATA": str(data)}), Output())


def altered(checked: Path, folder: Path, *statements: str) -> Path:
    """A copy of the data folder whose published snapshot somebody altered by hand."""
    data: Path = shutil.copytree(checked, folder / "data")
    path = snapshot_path(data / "published")
    path.chmod(0o640)
    with duckdb.connect(str(path)) as con:
        for statement in statements:
            con.execute(statement)
    return data


def test_a_sound_snapshot_is_marked_and_its_results_stay(checked: Path) -> None:
    """Every check of every kind and mart was judged on it; the snapshot is marked as checked, its file is as it was, and the history holds each check once."""
    wanted = sum(len(suite.checks) for suite in suites(load()) if suite.flavour != "feeds")
    assert is_checked(session(checked), "000001") and not is_checked(session(checked), "000002")
    with history(checked / "quality") as con:
        assert con.execute("select count(*), count(distinct (suite, check_name)), min(status) from quality_result").fetchall() == [(wanted, wanted, "passed")]
    assert len((checked / "quality" / KEYS).read_text("utf-8").splitlines()) == wanted
    assert (snapshot_path(checked / "published").stat().st_mode & 0o777) == 0o440


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_findings_are_told_with_count_share_and_limit(checked: Path, tmp_path: Path, lang: str) -> None:
    """A mart with a row twice and a share above 1 exits 1, names both checks with their promise, and the keys of the rows; a warning that fails alone exits 0."""
    data = altered(checked, tmp_path, "insert into visit_plan select * from visit_plan limit 1", "update visit_plan set floor_share = 2 where rowid = 0")
    said = cabin(data, "quality", "check", "--suite", "marts/visit_plan", lang=lang)
    assert said.code == 1 and "key-twice" in said.out and "share-out-of-range" in said.out
    assert ("比例在零与一之间" if lang == "zh" else "shares lie between 0 and 1") in said.out
    lines = {line["check"]: line for line in map(json.loads, (data / "quality" / KEYS).read_text("utf-8").splitlines())}
    assert (lines["key-twice"]["status"], lines["key-twice"]["broken"], len(lines["key-twice"]["keys"])) == ("failed", 2, 2)
    assert lines["dwelling-null"]["status"] == "passed"
    soft = altered(checked, tmp_path / "soft", "update visit_plan set area = '999999' where rowid = 0")
    assert cabin(soft, "--json", "quality", "check", "--suite", "visit_plan", lang=lang).document["warned"] == 1


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_error_of_a_check_is_named_and_never_a_pass(checked: Path, tmp_path: Path, lang: str) -> None:
    """A column that a check reads is gone: the run exits 3, names check and suite, and the snapshot's other checks are judged; the history keeps the error as such."""
    data = altered(checked, tmp_path, "alter table thing_stock drop column working_share")
    said = cabin(data, "quality", "check", "--suite", "thing_stock", lang=lang)
    assert said.code == 3 and "share-out-of-range" in said.err and "marts/thing_stock" in said.err and "Traceback" not in said.err
    machine = cabin(data, "--json", "quality", "check", "--suite", "thing_stock", lang=lang).document
    assert machine["error"]["code"] == "check-error" and machine["errors"] == 1 and machine["failed"] == 1 and machine["passed"] > 3
    with history(data / "quality") as con:
        assert con.execute("select distinct check_name, rows, broken from quality_result where status = 'error'").fetchall() == [
            ("share-out-of-range", None, None)
        ]


def test_names_and_numbers_of_failing_rows_stay_out(checked: Path, tmp_path: Path) -> None:
    """What a failing row holds besides its key is in no output, no file of keys and no history."""
    twice = "insert into household select * replace (dwelling || '/9' as dwelling) from household where main_residence limit 3"
    data = altered(checked, tmp_path, "update household set name = '秘密人', residence_status = 'x'", twice)
    said = cabin(data, "quality", "check", "--suite", "household", "--all")
    texts = [file.read_text("utf-8") for file in (data / "quality").rglob("*.json*")]
    with history(data / "quality") as con:  # compressed: its bytes would hide a name
        results = con.execute("select * from quality_result").fetchall()
    assert texts and results
    kept = said.out + said.err + "".join(texts) + str(results)
    assert said.code == 1 and "main-residence-twice" in said.out
    assert "秘密人" not in kept


def test_the_newest_delivery_of_a_feed_is_checked_as_landed(checked: Path, tmp_path: Path) -> None:
    """The rows that the check of identity numbers tells, by delivery and number, are those that were set aside as unidentified; checks that read sealed cells are left to normalising."""
    data = shutil.copytree(checked, tmp_path / "data")
    said = cabin(data, "--json", "quality", "check", "--suite", "feeds/ps_resident", "--all")
    named = {row["check"]: row for row in said.document["checks"]}
    lines = [json.loads(line) for line in (data / "quality" / KEYS).read_text("utf-8").splitlines()]
    told = {(key["delivery"], key["row"]) for line in lines if line["check"] == "doc_no-identity" for key in line["keys"]}
    aside = done(data, "--json", "quarantine", "list", "--feed", "ps_resident", "--reason", "unidentified").document["rows"]
    with history(data / "quality") as con:
        looked_at = con.execute("select distinct snapshot from quality_result where suite like 'feeds/%'").fetchall()
    assert looked_at == [(delivery,) for delivery in {delivery for delivery, _ in told}]
    assert told == {(row["delivery"], row["row"]) for row in aside} != set()
    assert named["doc_no-identity"]["status"] == "failed" and "address-unreadable" not in named
    assert not is_checked(session(data), "")


def test_suites_are_listed_checked_and_written(checked: Path, tmp_path: Path) -> None:
    """`--list` tells all suites, `--check` that the committed ones are those of the contracts; one edited by hand is named, with how to write it again, and exits 1."""
    assert len(done(checked, "--json", "quality", "suites", "--list").document["suites"]) == len(suites(load()))
    done(checked, "quality", "suites", "--check")
    assert done(checked, "--json", "quality", "suites", "--folder", str(tmp_path)).document["written"] == len(suites(load()))
    edited = tmp_path / "marts" / "household.json"
    edited.write_text(edited.read_text("utf-8").replace("0.99", "0.5"), "utf-8")
    for lang in ("zh", "en"):
        said = cabin(checked, "quality", "suites", "--check", "--folder", str(tmp_path), lang=lang)
        assert said.code == 1 and "marts/household" in said.err and "`cabin quality suites`" in said.err
    done(checked, "quality", "suites", "--folder", str(tmp_path))
    done(checked, "quality", "suites", "--check", "--folder", str(tmp_path))


def test_an_unknown_suite_is_told(checked: Path) -> None:
    """Wrong use, with where to look."""
    said = cabin(checked, "--json", "quality", "check", "--suite", "nobody")
    assert (said.code, said.document["error"]["code"]) == (2, "unknown-suite")


def test_history_tells_runs_and_checks(checked: Path) -> None:
    """One line a run, saying whether it looked at the whole snapshot; of one suite every check."""
    (run,) = done(checked, "--json", "quality", "history").document["runs"]
    assert (run["snapshot"], run["whole"], run["errors"]) == ("000001", "yes", 0)
    listed = done(checked, "--json", "quality", "history", "--suite", "household").document["checks"]
    assert {row["suite"] for row in listed} == {"marts/household"} and len(listed) > 4
    assert done(checked, "--json", "quality", "history", "--broken").document["checks"] == []


def test_a_beat_checks_only_what_was_not_checked(checked: Path, tmp_path: Path) -> None:
    """With `--every` a snapshot that was checked under these contracts is left alone; one that was not is checked and marked, and what fails is a warning of the log."""
    data = altered(checked, tmp_path, "update visit_plan set floor_share = 2 where rowid = 0")
    with structlog.testing.capture_logs() as first:
        _logged(session(data), Wanted(), AT)
    (data / "quality" / MARKS).unlink()
    with structlog.testing.capture_logs() as second:
        _logged(session(data), Wanted(), AT)
    assert [(line["event"], line["snapshot"]) for line in first] == [("quality.unchanged", "000001")]
    assert [(line["event"], line["log_level"], line["count"]) for line in second] == [("quality.broken", "warning", 1)]
    assert is_checked(session(data), "000001")


def test_nothing_published_is_unavailable(tmp_path: Path) -> None:
    """Before the first run there is nothing to check."""
    assert cabin(tmp_path / "data", "--json", "quality", "check").document["error"]["code"] == "no-snapshot"
