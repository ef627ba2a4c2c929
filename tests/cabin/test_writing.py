"""Files that a person asks for: where they cannot be written, one sentence says so, whatever command was to write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from cabin.__main__ import account
from cabin.settings import Settings
from tests.cabin.kit import District, cabin

ASKED = {
    "a grid's report": ("report", "{grid}", "--to"),
    "a scorecard": ("quality", "scorecard", "rental", "--to"),
    "the dictionary": ("dictionary", "--to"),
    "a query's answer": ("sql", "select 1 as a", "--format", "csv", "--output"),
    "rows for a department": ("quarantine", "return", "ps_resident", "--to"),
}


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_place_that_does_not_exist_is_told(district: District, tmp_path: Path, asked: str, lang: str) -> None:
    """Nothing is made on the way there."""
    grid = cabin(district.data, "--json", "sql", "select grid from visit_plan where length(grid) = 15 order by grid limit 1").document["rows"][0]
    ending = {"a query's answer": "csv", "rows for a department": "xlsx"}.get(asked, "html")
    words = [word.format(grid=grid["grid"] if isinstance(grid, dict) else grid[0]) for word in ASKED[asked]]
    said = cabin(district.data, "--json", *words, str(tmp_path / "nowhere" / f"file.{ending}"), lang=lang)
    assert (said.code, said.document["error"]["code"]) == (2, "file-unwritable") and list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["docs", "asyncapi"])
def test_a_folder_that_is_a_file_is_told(district: District, tmp_path: Path, command: str) -> None:
    """The file stays as it is."""
    file = tmp_path / "file"
    file.write_text("kept", encoding="utf-8")
    said = cabin(district.data, "--json", "contract", command, "--folder", str(file))
    assert (said.code, said.document["error"]["code"]) == (2, "file-unwritable") and file.read_text(encoding="utf-8") == "kept"


def test_who_acts_is_the_account_where_nothing_else_says_so() -> None:
    """CABIN_ACTOR before USER before LOGNAME; the account's own name last."""
    assert Settings.from_mapping({"LOGNAME": "c", "USER": "b", "CABIN_ACTOR": "a"}).actor == "a"
    assert Settings.from_mapping({"LOGNAME": "c", "USER": "b"}).actor == "b"
    assert Settings.from_mapping({**account(), "LOGNAME": "c"}).actor == "c" and set(account()) <= {"LOGNAME"}
