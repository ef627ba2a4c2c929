"""The page about changes of contracts says what the rules say."""

from __future__ import annotations

from pathlib import Path

from contracts.evolution.page import page
from contracts.evolution.registry import RULES

PAGE = Path(__file__).parents[3] / "docs" / "evolution.md"


def test_the_page_of_rules_is_exact() -> None:
    """`docs/evolution.md` has a heading for each rule, with exactly its words; `python -m tests.contracts.evolution.test_page` writes it."""
    assert PAGE.read_text(encoding="utf-8") == page()
    headings = [line.removeprefix("### ") for line in page().splitlines() if line.startswith("### ")]
    assert sorted(headings) == sorted(rule.code for rule in RULES)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
