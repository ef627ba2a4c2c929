"""The one way commands speak: text at once for people, one document at the end for machines."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from cabin.errors import PurposeMissing
from cabin.output import Output

COLUMNS = {"feed": ("feed", "数据源"), "rows": ("rows", "行数")}


def test_people_read_text_in_their_language(capsys: pytest.CaptureFixture[str]) -> None:
    """Sentence, headings and cells; null is blank; nothing is said twice at the end."""
    out = Output(lang="zh")
    out.say("two rows", "两行", rows=2)
    out.table("feeds", COLUMNS, [("visit", None)])
    out.finish()
    shown = capsys.readouterr()
    assert shown.err == ""
    assert [line.split() for line in shown.out.splitlines()] == [["两行"], ["数据源", "行数"], ["visit"]]


def test_machines_read_one_document(capsys: pytest.CaptureFixture[str]) -> None:
    """Facts, rows by column name, times as text; progress and lines for people are left out."""
    out = Output(as_json=True)
    out.say("two rows", "两行", rows=2, at=datetime(2026, 11, 1))
    out.line("for people", "给人看")
    out.progress("half", "一半")
    out.table("feeds", COLUMNS, [("visit", 2)])
    assert capsys.readouterr().out == ""
    out.finish()
    shown = capsys.readouterr()
    assert json.loads(shown.out) == {"rows": 2, "at": "2026-11-01T00:00:00", "feeds": [{"feed": "visit", "rows": 2}]}
    assert shown.err == ""


def test_progress_and_errors_never_mix_with_the_answer(capsys: pytest.CaptureFixture[str]) -> None:
    """They go to standard error, so that an answer can be piped."""
    out = Output()
    out.progress("half", "一半")
    out.error(PurposeMissing())
    out.usage("No such option: --x")
    shown = capsys.readouterr()
    assert shown.out == ""
    assert [line.split(":")[0] for line in shown.err.splitlines()] == ["half", "error", "hint", "error", "hint"]


def test_a_row_that_does_not_fit_its_columns_is_a_mistake() -> None:
    """A table never drops or invents a cell."""
    with pytest.raises(ValueError, match="zip"):
        Output(as_json=True).table("feeds", COLUMNS, [("visit",)])


def test_a_markup_like_cell_is_shown_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    """Brackets in data are no markup."""
    Output().table("feeds", COLUMNS, [("[red]visit[/red]", "[1]")])
    assert "[red]visit[/red]" in capsys.readouterr().out
