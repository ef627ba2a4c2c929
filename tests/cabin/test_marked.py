"""How `cabin status` and `cabin doctor` tell what the last run of all suites found, and what was published in spite of a broken promise."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from cabin.marked import FOLDER, marked
from contracts.model import Severity
from contracts.read import load
from quality.promises.outcomes import Outcome, Status
from quality.promises.results import MARKS, Run, mark
from tests.cabin.kit import cabin, done, holds_english
from tests.quality.kit import check, suite
from warehouse.gating.overrides import OVERRIDDEN, Override, Overrides

AT, OURS = datetime(2026, 9, 2, 8), "contracts of now"
WORDS = {"kept": ("kept", "全部通过"), "broken": ("broken", "有不通过"), "error": ("error of a check", "有无法判定"), "unchecked": ("not checked", "未检查")}


def outcome(status: Status, severity: Severity = Severity.ERROR) -> Outcome:
    asked = check("filled", "expect_column_values_to_not_be_null", severity=severity, column="id")
    return Outcome(suite(asked), asked, status, None if status is Status.ERROR else 9, None if status is Status.ERROR else 3)


def mark_with(data: Path, *outcomes: Outcome, snapshot: str = "000001", contracts: str = OURS, hours: int = 2) -> None:
    """The mark that a run of so many hours ago leaves."""
    mark(data / FOLDER, Run(AT - timedelta(hours=hours), snapshot, tuple(outcomes)), contracts)


PASSED, FAILED, ERRED = outcome(Status.PASSED), outcome(Status.FAILED), outcome(Status.ERROR)
WARNED = outcome(Status.FAILED, Severity.WARNING)


COUNTED = (
    ("passed", Status.PASSED, Severity.ERROR),
    ("failed", Status.FAILED, Severity.ERROR),
    ("warned", Status.FAILED, Severity.WARNING),
    ("errors", Status.ERROR, Severity.ERROR),
)


@pytest.mark.parametrize(
    ("found", "state"),
    [((), "unchecked"), ((PASSED, WARNED), "kept"), ((PASSED, FAILED, FAILED), "broken"), ((PASSED, ERRED), "error"), ((FAILED, ERRED), "broken")],
)
def test_the_mark_is_told_in_both_languages(tmp_path: Path, found: Sequence[Outcome], state: str) -> None:
    """Kept, broken with the count, an error of a check, or not checked, and how old."""
    if found:
        mark_with(tmp_path, *found)
    known = marked(tmp_path, "000001", OURS, AT)
    counts = {name: sum(each.status is status and each.check.severity is severity for each in found) for name, status, severity in COUNTED}
    assert known.state == known.last == state and {name: known.document.get(name, 0) for name in counts} == counts
    assert known.age_seconds == (7200 if found else None)
    en, zh = WORDS[state]
    assert en in known.fact.en and zh in known.fact.zh and not holds_english(known.fact.zh)


@pytest.mark.parametrize("other", [{"snapshot": "000000"}, {"contracts": "of another release"}])
def test_the_mark_of_another_snapshot_is_no_mark_of_this_one(tmp_path: Path, other: dict[str, str]) -> None:
    """What is published counts as not checked where another snapshot was, or this one under other contracts; what was found there is told as such."""
    mark_with(tmp_path, FAILED, **other)
    known = marked(tmp_path, "000001", OURS, AT)
    assert (known.state, known.last, known.document["failed"]) == ("unchecked", "broken", 1)
    assert "not checked; snapshot" in known.fact.en and "未检查；最近检查的快照" in known.fact.zh
    mark_with(tmp_path, PASSED, hours=1)
    assert marked(tmp_path, "000001", OURS, AT).state == "kept"


def test_status_and_doctor_tell_it(small_cabin: Path, tmp_path: Path) -> None:
    """Both say what the last run found, and what was published in spite of a broken promise, which ends with the decision; doctor finds fault with a broken promise."""
    data = shutil.copytree(small_cabin, tmp_path / "data")
    standing = Override("household.no-first", 3, "an officer", "the list is being mended", "2026-09-02T08:00:00.000", "000001")
    ended = Override("household.no-second", 4, "an officer", "why not", "2026-09-02T08:00:00.000", "000001", ended="000001")
    (data / "published" / OVERRIDDEN).write_text(Overrides([ended, standing]).text(), encoding="utf-8")
    told = done(data, "--json", "status").document["promises"]
    assert (told["state"], told["in_spite_of"]) == ("unchecked", ["household.no-first"])
    assert done(data, "doctor").code == 0
    mark_with(data, FAILED, contracts=load().fingerprint)
    for lang, words in zip(("en", "zh"), WORDS["broken"], strict=True):
        status, doctor = done(data, "status", lang=lang), cabin(data, "doctor", lang=lang)
        assert doctor.code == 1
        for out in (status.out, doctor.out):
            assert words in out and "household.no-first" in out and "an officer" in out and "no-second" not in out


@pytest.mark.parametrize("found", [(FAILED, PASSED), (ERRED, WARNED)])
def test_what_a_person_let_through_is_no_fault(small_cabin: Path, tmp_path: Path, found: Sequence[Outcome]) -> None:
    """Doctor says that it is let through, by whom and until when, and finds fault only with what else was broken, or once the decision has ended; a mark that names nothing is no excuse."""
    data = shutil.copytree(small_cabin, tmp_path / "data")
    let = Override("judged_rows.filled", 3, "an officer", "the list is being mended", "2026-09-02T08:00:00.000", "000001")
    record = data / "published" / OVERRIDDEN
    record.write_text(Overrides([let]).text(), encoding="utf-8")
    mark_with(data, *found, contracts=load().fingerprint)
    for lang, words in (("en", "until it is kept again"), ("zh", "已放行")):
        told = done(data, "doctor", lang=lang)
        assert words in told.out and "judged_rows.filled" in told.out and "an officer" in told.out
    marks = data / FOLDER / MARKS
    named = marks.read_text("utf-8")
    marks.write_text(named.replace('"judged_rows.filled"', ""), "utf-8")
    assert cabin(data, "doctor").code == 1, "nobody knows which checks failed"
    marks.write_text(named, "utf-8")
    record.write_text(Overrides([dataclasses.replace(let, ended="000001")]).text(), encoding="utf-8")
    assert cabin(data, "doctor").code == 1, "the decision has ended"
    record.write_text(Overrides([let]).text(), encoding="utf-8")
    other = dataclasses.replace(FAILED, check=dataclasses.replace(FAILED.check, name="other"))
    mark_with(data, *found, other, contracts=load().fingerprint)
    assert cabin(data, "doctor").code == 1, "another check failed"


def test_nothing_published_is_nothing_to_check(tmp_path: Path) -> None:
    """A new cabin says nothing about promises, and doctor finds it sound."""
    assert "promises" not in done(tmp_path, "--json", "status").document
    assert done(tmp_path, "doctor").code == 0
