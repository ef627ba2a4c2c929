"""`cabin contract diff` and `check --against`: contracts of a folder, a file, a git revision and a moment, compared as a person asks for it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.cabin.kit import Said, cabin, holds_english
from tests.cabin.lodging_kit import CONTRACT_1, CONTRACT_2
from tests.cabin.test_commands import refused

SOFTER = CONTRACT_1.replace("severity: error", "severity: warning")
"""A change that nobody breaks by; it needs a minor bump."""
UNTOLD = "\n".join(line for line in CONTRACT_2.replace("version: 2.0.0", "version: 1.5.0").split("\n") if "cabin.upcasts" not in line)
"""A column renamed and a required one added, and only a minor bump."""
CASES = {
    "nothing": (CONTRACT_1, 0, 0, None),
    "nobody breaks, not told": (SOFTER, 0, 1, "1.1.0"),
    "nobody breaks, told": (SOFTER.replace("version: 1.0.0", "version: 1.1.0"), 0, 0, "1.1.0"),
    "somebody breaks, not told": (UNTOLD, 1, 1, "2.0.0"),
    "somebody breaks, told, the old version kept": (CONTRACT_2, 0, 0, "2.0.0"),
}
"""The contract after, the exit codes of `diff` and of `check --against`, and the least version that tells enough."""


def folder(place: Path, text: str, older: str | None = None) -> Path:
    (place / "old").mkdir(parents=True)
    (place / "lodging.yaml").write_text(text, encoding="utf-8")
    if older is not None:
        (place / "old" / "lodging.v1.yaml").write_text(older, encoding="utf-8")
    return place


def git(place: Path, *arguments: str) -> None:
    named = ("-c", "user.name=somebody", "-c", "user.email=somebody@example.invalid", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "-C", str(place), *named, *arguments], check=True, capture_output=True)


def listed(said: Said) -> list[tuple[str, str, bool]]:
    return [(each["name"], each["least"], each["enough"]) for each in said.document["contracts"]]


@pytest.mark.parametrize("name", CASES)
def test_a_version_that_does_not_tell_of_its_changes_is_refused(tmp_path: Path, name: str) -> None:
    """`diff` of two folders exits 1 where somebody breaks and the version does not tell; `check --against` of a git revision or a folder wherever it does not tell enough, with the version to take."""
    text, differs, short, least = CASES[name]
    data, now = tmp_path / "data", tmp_path / "now"
    before = folder(tmp_path / "before", CONTRACT_1)
    folder(now, CONTRACT_1)
    git(now, "init", "--quiet")
    git(now, "add", ".")
    git(now, "commit", "--quiet", "--message", "first")
    (now / "lodging.yaml").write_text(text, encoding="utf-8")
    (now / "old" / "lodging.v1.yaml").write_text(CONTRACT_1, encoding="utf-8") if text.count("version: 2") else None
    shown = cabin(data, "--json", "contract", "diff", str(before), str(now))
    assert shown.code == differs and [(each[1], each[0]) for each in listed(shown)] == ([(least, "lodging")] if least else [])
    for against in ("HEAD", str(before)):
        said = cabin(data, "--json", "contract", "check", str(now), "--against", against)
        assert said.code == short, said
        assert listed(said) == ([("lodging", least, False)] if short else [])


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_change_is_told_with_file_fact_and_hint(tmp_path: Path, lang: str) -> None:
    """A heading with file, line and versions; a line per change with what it means, its rule and who breaks; a hint with the version to take; in one language."""
    before, now = folder(tmp_path / "before", CONTRACT_1), folder(tmp_path / "now", UNTOLD)
    said = cabin(tmp_path / "data", "contract", "diff", str(before), str(now), lang=lang)
    heading, *changes = said.out.splitlines()
    assert said.err == "" and heading.startswith("feeds/lodging.yaml:5: lodging 1.0.0 -> 1.5.0") and "[version-not-bumped]" in heading
    assert {re.search(r"\[([\w-]+); ", line)[1] for line in changes[:-1]} == {"column-added-required", "column-renamed", "mapping-expression-changed"}  # type: ignore[index]
    assert changes[-1].startswith({"en": "  hint: ", "zh": "  建议: "}[lang]) and "2.0.0" in changes[-1]
    assert ("who breaks: the department" in said.out, "受影响：数据提供部门" in said.out) == (lang == "en", lang == "zh")
    assert lang == "en" or not holds_english(re.sub(r"\[[^]]*\]", "", said.out))


def test_what_is_shipped_tells_of_itself(tmp_path: Path) -> None:
    """The contracts of now differ in nothing from those in their folder; one file is compared with its namesake in a whole release only."""
    shipped = Path(__file__).parents[2] / "contracts"
    assert cabin(tmp_path / "data", "contract", "diff", str(shipped)).out == "nothing changed\n"
    changed = tmp_path / "rental.yaml"
    changed.write_text((shipped / "feeds" / "rental.yaml").read_text("utf-8").replace("value: jsonl", "value: csv"), encoding="utf-8")
    said = cabin(tmp_path / "data", "--json", "contract", "diff", str(shipped), str(changed))
    assert said.code == 1 and listed(said) == [("rental", "2.0.0", False)]
    assert [change["code"] for each in said.document["contracts"] for change in each["changes"]] == ["format-changed"]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", ["no-such-thing", "--output=x", "2026-13-45", "HEAD~100000"])
def test_a_name_that_leads_nowhere_is_refused(tmp_path: Path, name: str, lang: str) -> None:
    """What is no file, folder, moment or revision is said in one sentence with a hint; never a traceback, and nothing that begins with a dash reaches git."""
    refused(cabin(tmp_path / "data", "contract", "diff", "--", name, lang=lang), 2, lang)


def test_contracts_that_cannot_be_read_are_named_with_their_revision(tmp_path: Path) -> None:
    """An older revision may hold what nobody reads any more: revision and file are named."""
    now = folder(tmp_path / "now", "id: [")
    git(now, "init", "--quiet")
    git(now, "add", ".")
    git(now, "commit", "--quiet", "--message", "first")
    (now / "lodging.yaml").write_text(CONTRACT_1, encoding="utf-8")
    said = cabin(tmp_path / "data", "contract", "check", str(now), "--against", "HEAD")
    assert said.code == 1 and "HEAD:lodging.yaml" in said.err and "Traceback" not in said.err
