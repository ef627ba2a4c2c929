"""Drawings as shapes that HTML and PDF both know; pure. Units are points, y grows downwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

INK, PALE, LINE = "#44515e", "#dfe7ee", "#b9c6d2"
DARK, MIDDLE, LIGHT = "#14507d", "#6fa8d0", "#c2ccd6"
GOOD, BAD = "#2a8c6f", "#b3541e"


@dataclass(frozen=True, slots=True)
class Rect:
    x: float
    y: float
    width: float
    height: float
    fill: str


@dataclass(frozen=True, slots=True)
class Path:
    """A line through points."""

    points: tuple[tuple[float, float], ...]
    stroke: str
    width: float


@dataclass(frozen=True, slots=True)
class Dot:
    x: float
    y: float
    radius: float
    fill: str


@dataclass(frozen=True, slots=True)
class Text:
    """Words at the baseline `y`; `anchor` says which part of them stands at `x`."""

    x: float
    y: float
    text: str
    size: float = 7.5
    anchor: Literal["start", "middle", "end"] = "start"
    fill: str = INK


Shape = Rect | Path | Dot | Text


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture; `told` is what it shows, in one sentence, for who does not see it."""

    width: float
    height: float
    shapes: tuple[Shape, ...]
    told: str


def breadth(text: str) -> float:
    """About how broad a word is at size 7, with a gap after it."""
    return 8 + sum(7 if ord(character) > 0x2E00 else 3.6 for character in text)
