"""What a fix does to the first rows it changes, as a person may see it: plain cells as they are, all others as shapes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow.compute as pc

from contracts.model import Classification, Feed
from quality.desk.fixes import SWAP, changed
from quality.desk.shapes import shape
from quality.desk.work import Trial

SHOWN = 3
ACCEPTED = "accepted"


def preview(trial: Trial) -> list[dict[str, Any]]:
    """One entry per changed cell of the first rows: delivery, row, column, before, after, and what becomes of the row (`accepted` or a reason)."""
    before, after, raw = trial.opened.cells, trial.after, trial.opened.raw
    places = pc.indices_nonzero(changed(before, after, trial.fix.columns))[:SHOWN]
    plain = [name for name in feed_plain(trial.opened.declared) if name in raw.column_names]
    rows = zip(before.take(places).to_pylist(), after.take(places).to_pylist(), raw.select(plain).take(places).to_pylist(), strict=True)
    return [
        {
            "delivery": one["__delivery"],
            "row": one["__row"],
            "column": name,
            "before": _shown(one[name], name in plain and landed[name] == one[name]),
            "after": _shown(other[name], name in plain and _told(trial, one[name], other[name], landed, name)),
            "outcome": trial.failed.get((one["__delivery"], one["__row"]), ACCEPTED),
        }
        for one, other, landed in rows
        for name in trial.fix.columns
        if one[name] != other[name]
    ]


def feed_plain(feed: Feed) -> list[str]:
    """The columns whose cells may be shown."""
    return [column.name for column in feed.columns if column.classification is Classification.PLAIN and column.identifier is None]


def _told(trial: Trial, before: str | None, after: str | None, landed: Mapping[str, Any], name: str) -> bool:
    """Whether a new cell says nothing that was not to be seen before: a person typed it, or it lay open in the row (a misplaced number does not)."""
    return after in landed.values() if trial.fix.kind == SWAP else landed[name] == before


def _shown(cell: str | None, openly: bool) -> str | None:
    return cell if openly or cell is None else shape(cell)
