"""What `make check` compares contracts with: the merge base on a branch, the commit before on main, nothing and loudly where there is no earlier revision."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / ".ci" / "evolution"
SKIPPED = "CONTRACT EVOLUTION NOT CHECKED"


def git(place: Path, *arguments: str) -> str:
    named = ("-c", "user.name=somebody", "-c", "user.email=somebody@example.invalid", "-c", "commit.gpgsign=false", "-c", "init.defaultBranch=main")
    return subprocess.run(["git", *named, *arguments], cwd=place, check=True, capture_output=True, text=True).stdout.strip()


def committed(place: Path, text: str) -> str:
    """The name of a commit in which a contract says `text`."""
    (place / "contracts").mkdir(exist_ok=True)
    (place / "contracts" / "a.yaml").write_text(text, encoding="utf-8")
    git(place, "add", ".")
    git(place, "commit", "--quiet", "--message", text)
    return git(place, "rev-parse", "HEAD")


def checkout(place: Path) -> Path:
    """A folder with the step, and a command in place of `cabin` that says what it was asked."""
    (place / ".ci").mkdir(parents=True)
    shutil.copy(SCRIPT, place / ".ci" / "evolution")
    (place / "bin").mkdir()
    (place / "bin" / "cabin").write_text('#!/bin/sh\necho "asked: $*"\nexit 1\n', encoding="utf-8")
    (place / "bin" / "cabin").chmod(0o755)
    return place


def step(place: Path) -> tuple[int, str]:
    environment = {**os.environ, "BIN": str(place / "bin"), "GIT_CEILING_DIRECTORIES": str(place.parent)}
    done = subprocess.run(["bash", ".ci/evolution"], cwd=place, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def main(tmp_path: Path) -> tuple[Path, list[str]]:
    """A checkout of main with three commits, and their names."""
    place = checkout(tmp_path / "main")
    git(place, "init", "--quiet")
    return place, [committed(place, text) for text in ("one", "two", "three")]


def test_main_is_compared_with_the_commit_before(main: tuple[Path, list[str]]) -> None:
    """On main itself the merge base is where it stands, so the commit before is taken; what the comparison says is what the step says."""
    place, commits = main
    assert step(place) == (1, f"asked: contract check --against {commits[1]}\n")


def test_a_branch_is_compared_with_the_merge_base(main: tuple[Path, list[str]], tmp_path: Path) -> None:
    """A branch, also of a clone that knows main as `origin/main` only, is compared with where it left main, however far either went on."""
    place, commits = main
    git(place, "checkout", "--quiet", "-b", "topic", commits[1])
    committed(place, "other")
    committed(place, "another")
    assert step(place) == (1, f"asked: contract check --against {commits[1]}\n")
    git(tmp_path, "clone", "--quiet", "--branch", "topic", place.as_uri(), "clone")
    assert git(tmp_path / "clone", "branch", "--format=%(refname:short)").split() == ["topic"]
    assert step(tmp_path / "clone") == (1, f"asked: contract check --against {commits[1]}\n")


def test_without_an_earlier_revision_nothing_fails(main: tuple[Path, list[str]], tmp_path: Path) -> None:
    """A shallow clone, a first commit and a folder without history pass, and say loudly that nothing was compared."""
    git(tmp_path, "clone", "--quiet", "--depth", "1", main[0].as_uri(), "shallow")
    bare, first = checkout(tmp_path / "bare"), checkout(tmp_path / "first")
    git(first, "init", "--quiet")
    committed(first, "one")
    for place in (tmp_path / "shallow", bare, first):
        code, said = step(place)
        assert code == 0 and said.startswith(SKIPPED) and said.count("\n") == 1
