"""Drawings of a grid's page as shapes that HTML and PDF both know; pure. Units are points, y grows downwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from contracts.model import Label
from warehouse.report.facts import Measure, Week
from warehouse.report.guide import MEASURES, SCOPES, word

INK, PALE, LINE = "#44515e", "#dfe7ee", "#b9c6d2"
COLOURS = {"grid": "#14507d", "township": "#6fa8d0", "all": "#c2ccd6"}
GOOD = "#2a8c6f"
VISITS, ACCURACY, SHARES = (
    Label("每周走访房屋数", "Dwellings visited a week"),
    Label("每周核查准确率", "Accuracy of checks a week"),
    Label("与周边比较", "Beside others"),
)


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


LEFT, TOP, BOTTOM = 26.0, 18.0, 14.0


def visits_chart(weeks: Sequence[Week], lang: str, width: float = 250, height: float = 105) -> Drawing:
    """A bar a week; the axis ends at the busiest."""
    most = max([1, *(each.visited for each in weeks)])
    step = (width - LEFT) / len(weeks)
    floor = height - BOTTOM
    bars = [
        Rect(LEFT + at * step + step * 0.15, floor - (floor - TOP) * each.visited / most, step * 0.7, (floor - TOP) * each.visited / most, COLOURS["grid"])
        for at, each in enumerate(weeks)
        if each.visited
    ]
    total = sum(each.visited for each in weeks)
    told = f"{VISITS.get(lang)}: {total}"
    return Drawing(width, height, (*_frame(VISITS, weeks, lang, width, height, ("0", str(most))), *bars), told)


def accuracy_chart(weeks: Sequence[Week], lang: str, width: float = 250, height: float = 105) -> Drawing:
    """A dot for each week in which something was checked, larger where more was, joined in order."""
    floor, step = height - BOTTOM, (width - LEFT) / len(weeks)
    most = max([1, *(each.checked for each in weeks)])
    known = [(LEFT + (at + 0.5) * step, floor - (floor - TOP) * each.accuracy, each) for at, each in enumerate(weeks) if each.accuracy is not None]
    dots = [Dot(x, y, 1.6 + 1.8 * (each.checked / most) ** 0.5, GOOD) for x, y, each in known]
    line = [Path(tuple((x, y) for x, y, _ in known), GOOD, 1)] if len(known) > 1 else []
    last = f"{known[-1][2].accuracy:.0%}" if known else "-"
    return Drawing(width, height, (*_frame(ACCURACY, weeks, lang, width, height, ("0%", "100%")), *line, *dots), f"{ACCURACY.get(lang)}: {last}")


def shares_chart(measures: Sequence[Measure], lang: str, width: float = 250, height: float = 140) -> Drawing:
    """Three bars a measure: the grid, its township, all; no bar where nothing is known."""
    shapes: list[Shape] = [Text(0, 9, SHARES.get(lang), 8.5)]
    at = width
    for scope, label in reversed(SCOPES.items()):
        at -= 9 + _breadth(label.get(lang))
        shapes += [Rect(at, 3, 6, 6, COLOURS[scope]), Text(at + 8, 9, label.get(lang), 7)]
    names, told_width = 92.0, 82.0
    step = (height - TOP) / max(1, len(measures))
    for row, each in enumerate(measures):
        top = TOP + row * step
        shapes.append(Text(names - 4, top + step / 2 + 1, word(MEASURES, each.name).get(lang), 7.5, "end"))
        for line, share in enumerate((each.grid, each.township, each.all)):
            y, thick = top + 3 + line * (step - 6) / 3, (step - 6) / 3 - 1
            shapes.append(Rect(names, y, width - names - told_width, thick, "#f1f5f8"))
            if share is not None:
                shapes.append(Rect(names, y, (width - names - told_width) * share, thick, tuple(COLOURS.values())[line]))
        told = " / ".join("-" if share is None else f"{share:.1%}" for share in (each.grid, each.township, each.all))
        shapes.append(Text(width, top + step / 2 + 1, told, 6.5, "end"))
    whole = ", ".join(f"{word(MEASURES, each.name).get(lang)} {'-' if each.grid is None else f'{each.grid:.1%}'}" for each in measures)
    return Drawing(width, height, tuple(shapes), whole)


def _frame(title: Label, weeks: Sequence[Week], lang: str, width: float, height: float, ends: tuple[str, str]) -> list[Shape]:
    """Title, both ends of the axis, a line at the half, first and last week."""
    floor = height - BOTTOM
    lines = [Path(((LEFT, y), (width, y)), PALE if y < floor else LINE, 0.6) for y in (TOP, (TOP + floor) / 2, floor)]
    words = [Text(0, 9, title.get(lang), 8.5), Text(LEFT - 3, floor + 1, ends[0], 6.5, "end"), Text(LEFT - 3, TOP + 4, ends[1], 6.5, "end")]
    days = [Text(LEFT, height - 4, weeks[0].week.isoformat(), 6.5), Text(width, height - 4, weeks[-1].week.isoformat(), 6.5, "end")]
    return [*lines, *words, *days]


def _breadth(text: str) -> float:
    """About how broad a word is at size 7, with a gap after it."""
    return 8 + sum(7 if ord(character) > 0x2E00 else 3.6 for character in text)
