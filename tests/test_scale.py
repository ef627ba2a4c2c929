"""docs/scale.md reckons right: every line of its arithmetic holds, from numbers that are told as measured or chosen, and the table at its head says what came out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[1] / "docs" / "scale.md").read_text(encoding="utf-8")
LINES = [line for block in re.findall(r"```arithmetic\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()]
LINE = re.compile(r"([\d.,+*/() -]+) = ([\d.,]+) (.+)")
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
UNITS = {1_000_000.0, 1_000_000_000.0}
"""Bytes of a megabyte and of a gigabyte."""
TABLES = "\n".join(line for line in PAGE.splitlines() if line.startswith("|"))


def numbers(text: str) -> list[float]:
    return [float(found.replace(",", "")) for found in NUMBER.findall(text)]


def parts(line: str) -> tuple[str, float]:
    """The left side, and the number that it comes to."""
    found = LINE.fullmatch(line)
    assert found, line
    return found[1].strip(), numbers(found[2])[0]


@pytest.mark.parametrize("line", LINES)
def test_a_line_holds(line: str) -> None:
    """The right side is what the left side comes to, to one part in a hundred: it is written with few digits."""
    left, right = parts(line)
    assert eval(left.replace(",", ""), {"__builtins__": {}}) == pytest.approx(right, rel=0.01)


def test_no_number_comes_from_nowhere() -> None:
    """What a line reckons with stands in a table, is the outcome of a line before it, or the size of a unit; numbers below 10 explain themselves (halves, copies, cores)."""
    known = set(numbers(TABLES)) | UNITS
    assert len(LINES) > 20
    for line in LINES:
        left, right = parts(line)
        assert [each for each in numbers(left) if each not in known and each >= 10] == [], line
        known.add(right)


def test_the_answer_is_what_was_reckoned() -> None:
    """Claims, rows and gigabytes of the table at the head are outcomes of lines."""
    head = TABLES.split("| what |")[0]
    outcomes = {right for _, right in map(parts, LINES)}
    for row in ("claims in history", "rows of one full load", "raw, one full load", "history as Parquet"):
        told = next(line for line in head.splitlines() if line.startswith(f"| {row}")).split("|")[3:]
        for cell in told:
            assert all(any(round(out) == round(number) for out in outcomes) for number in numbers(cell)), (row, cell)
