"""Results in words and as small charts: the same for every page that shows them. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from cabin.site.results import Result
from contracts.model import Label
from contracts.pages.html import svg
from contracts.pages.shapes import BAD, GOOD, LIGHT, LINE, Drawing, Path, Rect
from contracts.site.markup import Html, tag
from contracts.site.place import Here

KEPT, FAILED, WARNED, UNKNOWN, NEVER = (
    Label("通过", "kept"),
    Label("不通过", "failed"),
    Label("提示", "warned"),
    Label("无法判定", "not judged"),
    Label("未运行", "never run"),
)
WARN = "#b07d12"
STEP, HIGH = 6.0, 22.0


def standing(result: Result | None) -> tuple[str, Label]:
    """The class of its colour, and the word for it."""
    if result is None:
        return "unknown", NEVER
    if result.status == "failed":
        return ("warned", WARNED) if result.severity == "warning" else ("broken", FAILED)
    return ("kept", KEPT) if result.status == "passed" else ("unknown", UNKNOWN)


def standing_told(result: Result | None, here: Here) -> Html:
    name, label = standing(result)
    return tag("b", here.say(label), class_=name)


def spark(results: Sequence[Result], here: Here) -> Html:
    """A bar a run, the newest to the right: as high as the rows that broke it beside the worst run; a low green one where it was kept, a pale one where nobody knows."""
    most = max([1, *(each.broken or 0 for each in results)])
    shapes: list[Rect | Path] = [Path(((0, HIGH - 0.5), (STEP * len(results), HIGH - 0.5)), LINE, 0.6)]
    for at, each in enumerate(results):
        name, _ = standing(each)
        high = 3.0 if name == "kept" else HIGH - 4 if name == "unknown" else max(5.0, (HIGH - 4) * (each.broken or 0) / most)
        shapes.append(Rect(at * STEP + 1, HIGH - high - 1, STEP - 2, high, {"kept": GOOD, "unknown": LIGHT, "warned": WARN, "broken": BAD}[name]))
    counts = {label: sum(standing(each)[1] is label for each in results) for label in (KEPT, FAILED, WARNED, UNKNOWN)}
    told = here.words("次", " runs: ").join((str(len(results)), ", ".join(f"{here.say(label)} {count}" for label, count in counts.items() if count)))
    return tag("span", Html(svg(Drawing(STEP * max(1, len(results)), HIGH, tuple(shapes), told)).replace("<svg ", '<svg class="spark" ', 1)), title=told)
