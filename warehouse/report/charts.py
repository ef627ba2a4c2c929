"""The charts of a grid's page; pure."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.model import Label
from contracts.pages import charts
from contracts.pages.charts import TOP
from contracts.pages.shapes import DARK, LIGHT, MIDDLE, Drawing, Rect, Shape, Text, breadth
from warehouse.report.facts import Measure, Week
from warehouse.report.guide import MEASURES, SCOPES, word

COLOURS = {"grid": DARK, "township": MIDDLE, "all": LIGHT}
VISITS, ACCURACY, SHARES = (
    Label("每周走访房屋数", "Dwellings visited a week"),
    Label("每周核查准确率", "Accuracy of checks a week"),
    Label("与周边比较", "Beside others"),
)


def visits_chart(weeks: Sequence[Week], lang: str, width: float = 250, height: float = 105) -> Drawing:
    """A bar a week."""
    return charts.bars(_span(VISITS, weeks, lang), [each.visited for each in weeks], width, height)


def accuracy_chart(weeks: Sequence[Week], lang: str, width: float = 250, height: float = 105) -> Drawing:
    """A dot for each week in which something was checked."""
    return charts.shares(_span(ACCURACY, weeks, lang), [charts.Share(each.accuracy, each.checked) for each in weeks], width, height)


def shares_chart(measures: Sequence[Measure], lang: str, width: float = 250, height: float = 140) -> Drawing:
    """Three bars a measure: the grid, its township, all; no bar where nothing is known."""
    shapes: list[Shape] = [Text(0, 9, SHARES.get(lang), 8.5)]
    at = width
    for scope, label in reversed(SCOPES.items()):
        at -= 9 + breadth(label.get(lang))
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


def _span(title: Label, weeks: Sequence[Week], lang: str) -> charts.Span:
    return charts.Span(title.get(lang), weeks[0].week.isoformat(), weeks[-1].week.isoformat())
