"""Each feed's sample derives to exactly the committed text. Anew: `python -m tests.golden.harness [FEED ...]`, then read the difference."""

from __future__ import annotations

from pathlib import Path

import pytest

from contracts import load, planning
from tests.golden.harness import EXPECTED, SAMPLES, expected_text, sample_files


@pytest.mark.parametrize("few", [planning.QUICK_ROWS, 0], ids=["planned quickly", "planned thoroughly"])
@pytest.mark.parametrize("file", sample_files(), ids=lambda file: file.parent.name)
def test_sample_derives_to_the_expected_facts(file: Path, few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Facts, quarantine and outcomes of the sample are what was agreed, however the statements are planned; a change of meaning shows as a difference here."""
    monkeypatch.setattr(planning, "QUICK_ROWS", few)
    assert expected_text(file, load()) == file.with_name(EXPECTED).read_text(encoding="utf-8")


@pytest.mark.parametrize("feed", sorted(load().feeds))
def test_every_feed_has_one_sample(feed: str) -> None:
    """A feed is one YAML file and one sample."""
    assert [file for file in sample_files() if file.parent.name == feed], f"no sample.* in {SAMPLES.name}/{feed}"
