"""The image of the cabin: what is in it, and whose it is."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path, PurePath

import pytest

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "deploy" / "cabin" / "Dockerfile").read_text("utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PACKAGES = [name.removesuffix("*") for name in PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]]


def test_the_image_is_made_of_locked_packages() -> None:
    """Every package is checked by its hash against the lock file; our own bring none along."""
    installs = re.findall(r"pip install (.*)", DOCKERFILE)
    assert len(installs) == 2
    assert "--require-hashes --requirement requirements.lock" in installs[0] and "--no-deps" in installs[1]


def test_the_image_runs_without_rights() -> None:
    """Another account than root, whose files are its own alone."""
    last = DOCKERFILE.rpartition("FROM ")[2]
    assert re.search(r"^USER cabin$", last, re.MULTILINE) and "--mode 0700 /var/lib/cabin" in last
    assert re.search(r"^ENTRYPOINT .*umask 077 && exec", last, re.MULTILINE)


def test_the_image_holds_every_package_and_nothing_else() -> None:
    """What is copied in are the packages and what installing them needs; the rest of the folder does not even reach the builder."""
    copied = re.findall(r"^COPY (?!--from)(.*) \S+$", DOCKERFILE, re.MULTILINE)
    assert set(" ".join(copied).split()) == {*PACKAGES, "requirements.lock", "pyproject.toml", "README.md"}
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert "*" in ignored and {line[1:] for line in ignored if line.startswith("!")} == set(" ".join(copied).split())


def test_every_file_of_a_package_is_installed() -> None:
    """Installed and not only linked, a package still has its contracts, lists and statements: each file under version control matches what the project declares."""
    listed = subprocess.run(["git", "ls-files", "-z", *PACKAGES], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    declared = PROJECT["tool"]["setuptools"]["package-data"]
    for name in filter(None, listed.stdout.decode().split("\0")):
        package, _, below = name.partition("/")
        assert name.endswith(".py") or any(PurePath(below).match(pattern.removeprefix("**/")) for pattern in declared.get(package, [])), name
