"""The end of the demo in the reader's language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cabin.demo_summary import labelled
from cabin.demonstration import STEPS, told_seconds
from cabin.output import Output
from cabin.session import Session
from cabin.settings import Settings
from tests.cabin.kit import ENVIRONMENT


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_kinds_and_attributes_of_the_summary_are_words(tmp_path: Path, lang: str) -> None:
    """Every one that can be judged, the main residence too; figures stay as they are, and machines get names."""
    session = Session(Settings.from_mapping({**ENVIRONMENT, "CABIN_DATA": str(tmp_path)}), Output(lang))
    known = [(kind.name, each.name) for kind in session.contracts.kinds.values() for each in kind.attributes]
    for kind, attribute in [*known, ("residency", "main")]:
        *words, figure = labelled(session, kind, attribute, "99.0%")
        assert figure == "99.0%" and all(re.search("[\u4e00-\u9fff]", word) if lang == "zh" else "_" not in word for word in words), (kind, attribute)
    session.out.as_json = True
    assert labelled(session, "residency", "main") == ("residency", "main")


def test_steps_that_are_timed_have_names() -> None:
    """In Chinese no Latin letter stands between them."""
    seconds = dict.fromkeys(STEPS, 1.25)
    assert told_seconds(Output("zh"), seconds) == "生成 1.2，接收 1.2，核定 1.2，汇总 1.2"
    assert told_seconds(Output("en"), seconds) == "generate 1.2, land 1.2, run 1.2, summary 1.2"
