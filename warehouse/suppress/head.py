"""The line `Suppress:` in the head of a mart file."""

from __future__ import annotations

import re
from collections.abc import Iterator

from warehouse.suppress.rule import Suppression

LISTED = re.compile(r"(\w+) (-|of|to) (\w+(?: and \w+)*)")


def suppression_of(head: str) -> Suppression | None:
    """What the line says, None where there is none: `Suppress: counts; whole - part; rate of count and count; beside number, number; first_day to last_day; by area.`

    All but the counts as needed, `;` between parts and `,` within one. A count with a bound is written with its ends: `planned from planned_least to planned_most`.
    """
    found = re.search(r"Suppress: ([^.]*)\.", head)
    if not found:
        return None
    counted, *parts = (part.strip() for part in found[1].split(";"))
    counts = [each.split() for each in counted.split(",")]
    listed = [pair for part in parts for pair in LISTED.findall(part)]
    return Suppression(
        counts=tuple(words[0] for words in counts),
        remainders=tuple((whole, part) for whole, sign, part in listed if sign == "-"),
        rates=tuple((rate, count) for rate, sign, several in listed if sign == "of" for count in several.split(" and ")),
        period=next(((first, last) for first, sign, last in listed if sign == "to"), None),
        ends=tuple((words[0], words[2], words[4]) for words in counts if len(words) > 1),
        beside=tuple(_after("beside ", parts)),
        area=next(_after("by ", parts), ""),
    )


def _after(word: str, parts: list[str]) -> Iterator[str]:
    return (name.strip() for part in parts if part.startswith(word) for name in part.removeprefix(word).split(","))
