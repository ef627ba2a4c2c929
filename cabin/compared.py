"""Two snapshots compared, in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cabin.session import Session
from warehouse.compare import Comparison, Difference
from warehouse.snapshots import named_snapshot

ABOUT = {
    "side": ("snapshot", "快照"),
    "name": ("name", "名称"),
    "moment": ("moment", "时点"),
    "contracts": ("contracts", "契约"),
    "marts": ("mart files", "数据集市文件"),
}
MARTS = {
    "mart": ("mart", "数据集市"),
    "equal": ("equal", "是否一致"),
    "rows_a": ("rows in A", "A 行数"),
    "rows_b": ("rows in B", "B 行数"),
    "only_a": ("only in A", "仅在 A"),
    "only_b": ("only in B", "仅在 B"),
    "changed": ("changed", "有变化"),
    "columns": ("columns changed", "有变化的列"),
}
ROWS = {
    "mart": ("mart", "数据集市"),
    "key": ("key", "键"),
    "what": ("what", "情况"),
    "column": ("column", "列"),
    "a": ("in A", "A 中"),
    "b": ("in B", "B 中"),
}
WHAT = {"a": ("only in A", "仅在 A"), "b": ("only in B", "仅在 B"), None: ("changed", "有变化")}


@dataclass(frozen=True, slots=True)
class Asked:
    """Which snapshots to compare, by name or file; which marts (none: all), and how many differing rows of each to show."""

    a: str
    b: str
    marts: tuple[str, ...]
    rows: int


def compare(session: Session, asked: Asked) -> bool:
    """Tells how the two differ; whether they are equal. Raises: `NoSuchSnapshot`, `NoSnapshot`, `SnapshotUnreadable`, `UnknownMart`."""
    out, folder = session.out, session.data / "published"
    a, b = named_snapshot(folder, asked.a), named_snapshot(folder, asked.b)
    with Comparison.open(a, b, session.contracts, spill=session.data, memory_mb=session.settings.memory_mb // 2) as comparison:
        abouts = [(side.upper(), path.stem, comparison.about(side)) for side, path in (("a", a), ("b", b))]
        out.table("snapshots", ABOUT, [(side, name, about.moment, about.contracts[:16], about.marts[:16]) for side, name, about in abouts])
        found = list(comparison.differences(asked.marts, asked.rows))
    out.line("", "")
    out.table("marts", MARTS, [_counted(session, each) for each in found])
    out.document["marts"] = [_document(each) for each in found]
    if any(each.rows for each in found):
        out.line("", "")
        out.table("rows", ROWS, [row for each in found for row in _rows(session, each)])
    out.document["rows"] = [row for each in found for row in _row_documents(each)]
    differing = [each.mart for each in found if not each.equal]
    if differing:
        out.say(f"{len(differing)} of {len(found)} tables differ", f"{len(found)} 个表中有 {len(differing)} 个不同", equal=False)
    else:
        out.say("every table is equal", "所有表一致", equal=True)
    return not differing


def _counted(session: Session, each: Difference) -> tuple[Any, ...]:
    text = session.out.text
    told = [f"{column} {count:,}" for column, count in each.columns.items()]
    told += [text(f"{column} only in {side}", f"{column} 仅在 {side}") for side, names in (("A", each.dropped), ("B", each.added)) for column in names]
    told += [text(f"no such table in {side}", f"{side} 无此表") for side, rows in (("A", each.rows_a), ("B", each.rows_b)) if rows is None]
    equal = text("yes", "是") if each.equal else text("NO", "否")
    return each.mart, equal, each.rows_a, each.rows_b, each.only_a, each.only_b, each.changed, ", ".join(told)


def _document(each: Difference) -> dict[str, Any]:
    counts = {"rows_a": each.rows_a, "rows_b": each.rows_b, "only_a": each.only_a, "only_b": each.only_b, "changed": each.changed}
    columns = {"columns": dict(each.columns), "columns_only_a": list(each.dropped), "columns_only_b": list(each.added)}
    return {"mart": each.mart, "equal": each.equal, "key": list(each.key), **counts, **columns}


def _rows(session: Session, each: Difference) -> Iterator[tuple[Any, ...]]:
    for row in each.rows:
        key = ", ".join(f"{name}={value}" for name, value in row.key.items())
        what = session.out.text(*WHAT[row.side])
        cells: list[tuple[str | None, ...]] = [(cell.column, cell.a, cell.b) for cell in row.cells] or [(None, None, None)]
        yield from ((each.mart, key, what, *cell) for cell in cells)


def _row_documents(each: Difference) -> Iterator[dict[str, Any]]:
    for row in each.rows:
        cells = [{"column": cell.column, "a": cell.a, "b": cell.b} for cell in row.cells]
        yield {"mart": each.mart, "key": dict(row.key), "only_in": row.side, "cells": cells}
