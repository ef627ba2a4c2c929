"""Tables of parameters: an installation adds rows to them, and one with other columns is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from contracts.check import check
from contracts.errors import InvalidContract
from contracts.read import load

HEADER = "place,milestone,from_stage,to_stage,timer,source\n"


def added(folder: Path, text: str) -> Path:
    (folder / "service_level.mine.csv").write_text(text, encoding="utf-8")
    return folder


def test_rows_are_added_and_are_no_code_list(tmp_path: Path) -> None:
    """A file named after the table adds its rows behind the shipped ones, blanks as nothing; contracts with other rows have another fingerprint."""
    shipped, known = load(), load(extra=[added(tmp_path, HEADER + "330302006,ask,dispatched,accepted,1小时,\n")])
    assert known.tables["service_level"] == (*shipped.tables["service_level"], ("330302006", "ask", "dispatched", "accepted", "1小时", None))
    assert known.code_lists.keys() == shipped.code_lists.keys()
    assert known.fingerprint != shipped.fingerprint
    assert check([tmp_path]) == []


def test_other_columns_are_refused(tmp_path: Path) -> None:
    """A table without one of its columns is told by `check`, and loads with a sentence that names the columns."""
    folder = added(tmp_path, "place,timer\n330302006,1小时\n")
    assert [problem.code for problem in check([folder])] == ["invalid-code-list"]
    with pytest.raises(InvalidContract, match=r"service_level\.mine\.csv"):
        load(extra=[folder])


def test_shipped_tables_name_known_codes() -> None:
    """Types, steps and fields of guides, and steps and milestones of timers, are codes and attributes that exist."""
    known = load()
    fields = {attribute.name for attribute in known.kinds["dwelling"].attributes if attribute.visit}
    for kind, _, _, steps, ask in known.tables["task_guide"]:
        assert kind in known.code_lists["task_type"].labels
        assert set((steps or "").split(";")) <= known.code_lists["task_step"].labels.keys()
        assert set(filter(None, (ask or "").split(";"))) <= fields
    assert {row[0] for row in known.tables["task_guide"]} == known.code_lists["task_type"].labels.keys()
    for _, milestone, first, last, _, _ in known.tables["service_level"]:
        assert milestone in known.code_lists["milestone"].labels and {first, last} <= known.code_lists["event_stage"].labels.keys()
