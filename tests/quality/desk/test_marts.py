"""Mended rows in the golden record: marts stay a function of the raw log, and a repair takes nothing from a complete list."""

from __future__ import annotations

from pathlib import Path

from tests.cabin.kit import done, hashes


def test_marts_with_repairs_are_rebuilt_alike(small_cabin: Path, tmp_path: Path) -> None:
    """A district of which a quarantined lease was mended: its dwelling's golden record has what the lease says, a rebuild from raw gives equal marts, every account holds,
    and nobody of the full list of residents was withdrawn by it."""
    import json
    import shutil

    from contracts.read import load
    from tests.quality.desk.kit import lease

    data = tmp_path / "data"
    shutil.copytree(small_cabin, data)
    status = next(column.header for column in load().feeds["rental"].columns if column.name == "status")
    file = tmp_path / "rental.jsonl"
    file.write_text(json.dumps(lease(901) | {status: "在租"}, ensure_ascii=False) + "\n", encoding="utf-8")
    done(data, "land", "rental", str(file))
    done(data, "run")
    stays = "select entity from entity_current where kind = 'residency'"
    before = {each["entity"] for each in done(data, "--json", "sql", stays, "--limit", "100000").document["rows"]}
    fix = ("quarantine", "fix", "--feed", "rental", "--broken", "status-unknown", "--on", "status", "--map", "在租=1", "--go", "--reason", "在租 is 1")
    assert done(data, "--json", *fix).document["redriven"] == 1
    done(data, "run")
    after = {each["entity"] for each in done(data, "--json", "sql", stays, "--limit", "100000").document["rows"]}
    (stay,) = after - before
    assert before < after
    assert done(data, "--json", "reveal", "residency", stay, "from_on", "--purpose", "test").document["value"] == "2026-01-01"
    assert done(data, "--json", "quarantine", "list", "--reason", "status-unknown").document["rows"] == []
    status_now = done(data, "--json", "status").document
    assert all(each["behind"] == 0 for each in status_now["feeds"])
    published = hashes(data)
    assert done(data, "--json", "rebuild", "--verify").code == 0
    assert hashes(data) == published
