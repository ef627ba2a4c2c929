"""The access ledger summed by person, purpose and day."""

from __future__ import annotations

import shutil
from pathlib import Path

from cabin.accessed import Day, by_day, export_entry
from tests.cabin.kit import cabin, done, holds_english


def entry(viewer: str, purpose: str, at: str) -> dict[str, str]:
    return {"viewer": viewer, "kind": "person", "entity": "p1", "attribute": "name", "purpose": purpose, "recorded_at": at}


def test_looks_and_exports_are_summed_by_person_purpose_and_day() -> None:
    """A look is a value, an export its rows; days are those of recording, the newest first; each person and purpose by itself."""
    taken = {**export_entry("b", "audit", "marts", 70), "recorded_at": "2026-09-02T08:00:00.000"}
    entries = [
        entry("a", "visit", "2026-09-01T23:59:59.999"),
        entry("a", "visit", "2026-09-01T08:00:00.000"),
        entry("a", "visit", "2026-09-02T00:00:00.000"),
        entry("b", "audit", "2026-09-02T07:00:00.000"),
        taken,
        taken,
    ]
    expected = [Day("a", "visit", "2026-09-02", 1, 0), Day("b", "audit", "2026-09-02", 1, 140), Day("a", "visit", "2026-09-01", 2, 0)]
    assert by_day(entries) == by_day(entries[::-1]) == expected


def test_an_export_is_in_the_ledger_with_who_why_and_how_much(small_cabin: Path, tmp_path: Path) -> None:
    """What was written is recorded once, with its rows; an export that writes nothing new is not; without a purpose it says `export`."""
    data = shutil.copytree(small_cabin, tmp_path / "data")
    made = done(data, "--json", "export", "--no-history", "--purpose", "月度备份").document
    assert not done(data, "--json", "export", "--no-history", "--purpose", "月度备份").document["fresh"]
    done(data, "export", "--no-history", "--to", str(tmp_path / "elsewhere"))
    days = done(data, "--json", "access", "--daily").document["days"]
    assert [(day["viewer"], day["purpose"], day["viewed"], day["exported"]) for day in days] == [
        ("tester", "export", 0, made["rows"]),
        ("tester", "月度备份", 0, made["rows"]),
    ]
    (newest, _) = done(data, "--json", "access").document["accesses"]
    assert (newest["kind"], newest["entity"], newest["attribute"]) == ("marts", "*", "*")
    told = cabin(data, "access", "--daily", lang="zh").out
    assert "导出" in told and not holds_english(told.replace("tester", "").replace("export", ""))
