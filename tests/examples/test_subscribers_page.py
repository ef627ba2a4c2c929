"""The page for subscribers tells what the code does, alike in both languages."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from contracts.notices import notice_headers, notice_json_schema
from contracts.read import load
from contracts.subscribers import entity_headers, entity_json_schema
from contracts.tasks import task_headers, task_json_schema
from tests.test_readme import parsed

ROOT = Path(__file__).parents[2]
PAGES = {lang: (ROOT / "docs" / f"subscribers.{lang}.md").read_text(encoding="utf-8") for lang in ("en", "zh")}
FOLLOWERS = [ROOT / "examples" / "python" / "follow.py", ROOT / "examples" / "java" / "src" / "main" / "java" / "Follow.java"]


def named(page: str) -> set[str]:
    """Everything in backticks, placeholders aside."""
    return {word for word in re.findall("`([^`\n]+)`", page) if "<" not in word}


def test_both_pages_name_the_same_things() -> None:
    """Topics, keys, headers, gaps and commands are the same in Chinese and English, and so are the examples to copy."""
    assert named(PAGES["en"]) == named(PAGES["zh"])
    blocks = [re.findall("```sh\n(.*?)```", page, re.DOTALL) for page in PAGES.values()]
    assert [re.sub(" *#.*", "", block) for block in blocks[0]] == [re.sub(" *#.*", "", block) for block in blocks[1]]


@pytest.mark.parametrize("lang", PAGES)
def test_every_key_header_and_gap_is_named(lang: str) -> None:
    """Nothing that a subscriber meets is left out: keys of all messages, their headers, and every gap that either example can tell."""
    known = load()
    kind = known.kinds["residency"]
    wanted = {*entity_json_schema(kind, known)["properties"], *notice_json_schema(known)["properties"], *task_json_schema(known)["properties"]}
    wanted |= entity_headers(kind, "", "", 0).keys() | notice_headers("", "", 0).keys() | task_headers("", "", 0).keys()
    assert wanted - named(PAGES[lang]) == set()


@pytest.mark.parametrize("follower", FOLLOWERS, ids=lambda path: path.name)
def test_both_followers_tell_the_gaps_of_the_page(follower: Path) -> None:
    """The table of gaps is what the examples say, no more and no less."""
    told = set(re.findall(r'Gap\(\s*f?"([a-z-]+): ', follower.read_text(encoding="utf-8")))
    table = PAGES["en"].partition("## Gaps")[2].partition("\n## ")[0]
    assert told == set(re.findall(r"^\| `([a-z-]+)` \|", table, re.MULTILINE))


def test_commands_of_the_page_parse() -> None:
    """What a subscriber copies is accepted."""
    lines = [line.split(" #")[0] for line in PAGES["en"].splitlines() if line.startswith("cabin ")]
    for line in [*lines, *(word for word in named(PAGES["en"]) if word.startswith("cabin "))]:
        parsed(shlex.split(line)[1:])
