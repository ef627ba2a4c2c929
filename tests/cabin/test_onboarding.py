"""The tutorial for a department's first feed, run as it stands: `docs/onboarding.en.md`, and its Chinese twin."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PARTS = re.compile(r"```(sh|text)\n(.*?)```", re.DOTALL)
MARK = "----- next block -----"


def blocks(lang: str) -> list[tuple[str, list[str]]]:
    """The page's blocks of commands, each with the lines that it must show."""
    found = PARTS.findall((ROOT / "docs" / f"onboarding.{lang}.md").read_text(encoding="utf-8"))
    assert [kind for kind, _ in found] == ["sh", "text"] * (len(found) // 2)
    return [(commands, lines.splitlines()) for (_, commands), (_, lines) in zip(found[::2], found[1::2], strict=True)]


def ran(folder: Path, scripts: list[str]) -> list[str]:
    """What each block says in one shell, in a folder that holds the samples and nothing else; the first command that fails ends it."""
    (folder / "bin").mkdir()
    shutil.copytree(ROOT / "docs" / "onboarding", folder / "docs" / "onboarding")
    command = folder / "bin" / "cabin"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m cabin "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    environment = {
        "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "CABIN_HISTORY_MINUTES": "0",
        "CABIN_SQL_SECONDS": "30",
        "LC_ALL": "C.UTF-8",
    }
    script = f"\necho '{MARK}'\n".join(scripts)
    done = subprocess.run(
        ["bash", "-euc", script], cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stdout
    assert "Traceback" not in done.stdout
    return done.stdout.split(MARK)


def unsaid(lines: list[str], said: str) -> list[str]:
    """The lines of the page that a block did not say, blanks aside; `…` stands for anything."""
    squeezed = " ".join(said.split())
    return [line for line in lines if not re.search(".*?".join(re.escape(" ".join(part.split())) for part in line.split("…")), squeezed)]


def test_the_tutorial_runs_and_says_what_the_page_shows(tmp_path: Path) -> None:
    """From a sample nobody has seen to marts, explanation and quarantine, with the commands of the page in order; each block shows the lines that stand below it."""
    page = blocks("en")
    assert len(page) >= 5
    for (_, lines), said in zip(page, ran(tmp_path, [commands for commands, _ in page]), strict=True):
        assert unsaid(lines, said) == [], said


def test_the_chinese_page_has_the_same_commands_and_its_own_words(tmp_path: Path) -> None:
    """Both pages run the same commands; what the Chinese one shows of drafting, checking and trying is what is said."""
    english, chinese = blocks("en"), blocks("zh")
    assert [commands.replace("CABIN_LANG=zh", "CABIN_LANG=en") for commands, _ in chinese] == [commands for commands, _ in english]
    for (_, lines), said in zip(chinese[:-1], ran(tmp_path, [commands for commands, _ in chinese[:-1]]), strict=True):
        assert unsaid(lines, said) == [], said


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_sample_of_the_tutorial_is_never_told(tmp_path: Path, lang: str) -> None:
    """Neither the page nor the draft holds a name, number, telephone or address of the invented people."""
    from tests.cabin.kit import done

    sample = ROOT / "docs" / "onboarding" / "lodgers.csv"
    said = done(tmp_path / "data", "contract", "infer", str(sample), "--to", str(tmp_path / "draft.yaml"), lang=lang)
    rows = [line.split(",") for line in sample.read_text("gb18030").splitlines()[2:]]
    told = said.out + (tmp_path / "draft.yaml").read_text(encoding="utf-8") + (ROOT / "docs" / f"onboarding.{lang}.md").read_text(encoding="utf-8")
    assert len(rows) == 24
    assert [cell for row in rows for cell in (row[1], row[2], row[5], row[6], row[7]) if cell in told] == []
