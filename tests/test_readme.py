"""What the README and the settings promise is what the code does; and nothing in the repository tells where it was built."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import pytest
import typer

from cabin.app import COMMANDS, build
from cabin.settings import DECLARED

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
LINES = sorted({line.split(" #")[0].strip() for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL) for line in block.splitlines() if "cabin " in line})
MENTIONED = sorted(set(re.findall(r"`(cabin [^`]+)`", README)))
BUILT_AT = re.compile(
    "/wo" + r"rk/|/tm" + r"p/w\b|/ro" + r"ot/|/ho" + r"me/[a-z]+/|https?://[^\s\"')]*(?:pypi|artifact|nexus|mirror|registry)[^\s\"')]*", re.IGNORECASE
)


def parsed(arguments: list[str]) -> None:
    """Parses a command line as `cabin` does, without running it."""
    group = typer.main.get_command(build("en"))
    context = group.make_context("cabin", list(arguments))
    while hasattr(group, "resolve_command"):
        arguments = [*context._protected_args, *context.args]
        if not arguments and group.invoke_without_command:
            return
        _, group, rest = group.resolve_command(context, arguments)
        context = group.make_context(group.name, rest, parent=context)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_command_is_in_the_readme(command: object) -> None:
    """The table of commands leaves none out."""
    assert f"`cabin {command.name}" in README  # type: ignore[attr-defined]


@pytest.mark.parametrize("setting", DECLARED, ids=lambda setting: setting.name)
def test_every_setting_is_in_the_readme(setting: object) -> None:
    """The table of settings leaves none out and names the default."""
    row = next(line for line in README.splitlines() if line.startswith(f"| `{setting.name}`"))  # type: ignore[attr-defined]
    default = setting.default  # type: ignore[attr-defined]
    assert default in ("", "0") or f"`{default}`" in row


def test_the_readme_names_no_setting_that_does_not_exist() -> None:
    """Names in the README are declared ones."""
    assert set(re.findall(r"`(CABIN_\w+)`", README)) == {setting.name for setting in DECLARED}


@pytest.mark.parametrize("line", LINES)
def test_every_command_line_of_the_readme_parses(line: str) -> None:
    """What a newcomer copies is accepted, options and all."""
    parsed(shlex.split(line.removesuffix("&"))[1:])


@pytest.mark.parametrize("line", MENTIONED)
def test_every_command_mentioned_parses(line: str) -> None:
    """Commands in the text exist; capitals stand for anything."""
    parsed(shlex.split(line.removesuffix("&"))[1:])


def test_nothing_tells_where_it_was_built() -> None:
    """No file under version control names a machine's folder or a package registry."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    names = [name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()]
    assert len(names) > 100
    told = {name: found.group() for name in names if (found := BUILT_AT.search((ROOT / name).read_bytes().decode("utf-8", "ignore")))}
    assert told == {}
