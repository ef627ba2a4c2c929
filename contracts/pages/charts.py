"""Charts over time that several pages have: counts as bars, shares as dots that are joined; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from contracts.pages.shapes import DARK, GOOD, LINE, PALE, Dot, Drawing, Path, Rect, Shape, Text

LEFT, TOP, BOTTOM = 26.0, 18.0, 14.0


@dataclass(frozen=True, slots=True)
class Span:
    """What a chart is called, and the words for the first and the last of its points in time."""

    title: str
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class Share:
    """A share (0 to 1) of so many; no share where nothing was counted."""

    share: float | None
    of: int


def bars(span: Span, counts: Sequence[int], width: float = 250, height: float = 105, fill: str = DARK) -> Drawing:
    """A bar for each point in time; the axis ends at the highest."""
    most = max([1, *counts])
    step, floor = (width - LEFT) / len(counts), height - BOTTOM
    drawn = [
        Rect(LEFT + at * step + step * 0.15, floor - (floor - TOP) * count / most, step * 0.7, (floor - TOP) * count / most, fill)
        for at, count in enumerate(counts)
        if count
    ]
    return Drawing(width, height, (*_frame(span, width, height, ("0", str(most))), *drawn), f"{span.title}: {sum(counts)}")


def shares(span: Span, points: Sequence[Share], width: float = 250, height: float = 105) -> Drawing:
    """A dot for each point in time at which something was counted, larger where more was, joined in order."""
    floor, step = height - BOTTOM, (width - LEFT) / len(points)
    most = max([1, *(each.of for each in points)])
    known = [(LEFT + (at + 0.5) * step, floor - (floor - TOP) * each.share, each) for at, each in enumerate(points) if each.share is not None]
    dots = [Dot(x, y, 1.6 + 1.8 * (each.of / most) ** 0.5, GOOD) for x, y, each in known]
    line = [Path(tuple((x, y) for x, y, _ in known), GOOD, 1)] if len(known) > 1 else []
    last = f"{known[-1][2].share:.0%}" if known else "-"
    return Drawing(width, height, (*_frame(span, width, height, ("0%", "100%")), *line, *dots), f"{span.title}: {last}")


def _frame(span: Span, width: float, height: float, ends: tuple[str, str]) -> list[Shape]:
    """Title, both ends of the axis, a line at the half, first and last point in time."""
    floor = height - BOTTOM
    lines = [Path(((LEFT, y), (width, y)), PALE if y < floor else LINE, 0.6) for y in (TOP, (TOP + floor) / 2, floor)]
    words = [Text(0, 9, span.title, 8.5), Text(LEFT - 3, floor + 1, ends[0], 6.5, "end"), Text(LEFT - 3, TOP + 4, ends[1], 6.5, "end")]
    ends_told = [Text(LEFT, height - 4, span.first, 6.5), Text(width, height - 4, span.last, 6.5, "end")]
    return [*lines, *words, *ends_told]
