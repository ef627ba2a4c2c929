"""One quarantined row for a person: what is wrong, the contract beside it, plain cells, and of all others their shapes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cabin.desk import desk_of
from cabin.quarantined import beside, in_words, stored_row
from cabin.returning import line_of
from cabin.session import Session
from quality.desk.shapes import shape
from quality.desk.steps import grouped
from quality.desk.work import Desk


def shown(session: Session, delivery: str, row: int) -> int:
    """Tells the row.

    Raises: `NotFound`.
    """
    desk = desk_of(session)
    line = line_of(desk, delivery, row)
    stored = stored_row(session.log, line) or {"source": line["source"], "cells": None, "sealed": None}
    said, column = in_words(session.contracts, line, session.settings.lang), line["column"]
    session.out.say(
        f"{line['source']} {delivery} row {row}{f', column {column}' if column else ''}: {line['reason']} - {said}",
        f"{line['source']} {delivery} 第 {row} 行{f'，列 {column}' if column else ''}：{line['reason']}，{said}",
        reason=line["reason"],
        column=column,
        verdict=line["verdict"],
        meaning=said,
        state=line["state"],
        step=line["step"],
        returned=line["returned"],
    )
    columns = {
        "column": ("column", "列"),
        "header": ("header", "表头"),
        "type": ("type", "类型"),
        "cell": ("cell", "内容"),
        "shape": ("shape", "形态"),
        "rule": ("may be wrong", "可能的问题"),
    }
    found = beside(session.contracts, stored, _shapes(desk, line), session.settings.lang)
    session.out.table("cells", columns, [[getattr(each, name) for name in columns] for each in found])
    if stored["sealed"]:
        session.out.say("(personal cells are sealed)", "（个人单元格已密封）", sealed=True)
    return 0


def _shapes(desk: Desk, line: Mapping[str, Any]) -> dict[str, str]:
    """The shape of every cell of a delivered row; none of what was set aside whole."""
    if line["row"] < 1 or line["form"] not in (None, "raw.rows") or line["source"] not in desk.contracts.feeds:
        return {}
    found = desk.raw.open(line["source"], grouped([(line["delivery"], line["chunk"], line["version"], line["row"])]))
    cells, names = found.cells, [column.name for column in found.declared.columns]
    return {name: shape(cell) for name, cell in (cells.select(names).to_pylist()[0] if cells.num_rows else {}).items() if cell is not None}
