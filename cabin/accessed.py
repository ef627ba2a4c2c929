"""The access ledger (access_ledger): who looked at or took out which records, for which purpose, when; entries by hand and summed by day.

It is read from the log's topic `cabin.access`, which is kept for ever, flushed at once and appended to only, and it is no mart in the snapshots. Marts are a function of raw messages and
contracts: a rebuild in a clean place, an as-of and another installation with the same raw messages must give the same ones, while who looked is a fact about this installation and is not on
raw topics. Whoever reads a snapshot may not learn who looked at whom. And the ledger must answer at once, also where nothing is published. The vault keeps no audit: it does not know for whom it opens.

Recorded are `cabin reveal`, which shows a value in clear, before it shows it, and `cabin export`, which hands out whole tables. `cabin sql`, `find` and `explain` show what snapshots hold:
names as surname and stars, numbers as tokens. They are not recorded, since they have no purpose to record.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

ALL = "*"
"""In place of an entity or attribute where whole tables were taken out."""


@dataclass(frozen=True, slots=True)
class Day:
    """What one person did for one purpose on one day of Beijing time: values looked at, rows taken out."""

    viewer: str
    purpose: str
    day: str
    viewed: int
    exported: int


def by_day(entries: Iterable[Mapping[str, Any]]) -> list[Day]:
    """The ledger by viewer, purpose and day; newest day first, then by name."""
    found: dict[tuple[str, str, str], tuple[int, int]] = {}
    for entry in entries:
        key = (str(entry["recorded_at"])[:10], str(entry["viewer"]), str(entry["purpose"]))
        viewed, exported = found.get(key, (0, 0))
        rows = entry.get("exported")
        found[key] = (viewed + (rows is None), exported + int(rows or 0))
    ordered = sorted(sorted(found.items(), key=lambda item: item[0][1:]), key=lambda item: item[0][0], reverse=True)
    return [Day(viewer, purpose, day, viewed, exported) for (day, viewer, purpose), (viewed, exported) in ordered]


def export_entry(viewer: str, purpose: str, what: str, rows: int) -> dict[str, Any]:
    """The entry of an export: `what` was taken out, of which so many rows."""
    return {"viewer": viewer, "kind": what, "entity": ALL, "attribute": ALL, "purpose": purpose, "exported": rows}
