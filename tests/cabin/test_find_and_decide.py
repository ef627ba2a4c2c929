"""Answers that must not mislead: a cut list says so, nothing found comes with a hint, a decision taken twice is told."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cabin.errors import NotANumber
from cabin.found import by_number
from cabin.output import Output
from cabin.session import Session
from cabin.settings import Settings
from streams.log import EmbeddedLog
from tests.cabin.kit import ENVIRONMENT, District, cabin, done


def test_a_cut_list_says_so(district: District) -> None:
    """More than the limit of one kind: so many are shown, and that there is more; with room enough nothing is said."""
    cut, whole = cabin(district.data, "--json", "find", "王", "--limit", "2"), cabin(district.data, "--json", "find", "王", "--limit", "5000")
    kinds = [each["kind"] for each in cut.document["found"]]
    assert cut.document["cut"] is True and kinds and max(map(kinds.count, kinds)) == 2
    assert "cut" not in whole.document and len(whole.document["found"]) > len(kinds)
    assert "--limit" in cabin(district.data, "find", "王", "--limit", "2").err
    assert cabin(district.data, "find", "王", "--limit", "5000").err == ""


def test_codes_have_their_words(district: District) -> None:
    """Kinds, and what is called by a code, as a camera, in the reader's language; a name stays what it is; machines get the codes."""
    code = ("--json", "find", "camera")
    labels = {each["label"] for each in cabin(district.data, *code).document["found"] if each["kind"] == "thing"}
    assert labels == {"camera"}
    zh, en = (cabin(district.data, "find", "camera", lang=lang).out for lang in ("zh", "en"))
    assert "摄像头" in zh and "camera" not in zh and "camera" in en
    assert zh.splitlines()[1].split()[0] == session_of(district.data).contracts.kinds["thing"].label.zh


def session_of(data: Path) -> Session:
    return Session(Settings.from_mapping({**ENVIRONMENT, "CABIN_DATA": str(data)}), Output())


@pytest.mark.parametrize(("lang", "word"), [("zh", "建议："), ("en", "hint: ")])
def test_nothing_found_comes_with_a_hint(small_cabin: Path, lang: str, word: str) -> None:
    """Exit code 1 and what to try."""
    said = cabin(small_cabin, "find", "无此名称甲乙丙", lang=lang)
    assert said.code == 1 and word in said.out
    assert cabin(small_cabin, "--json", "find", "无此名称甲乙丙", lang=lang).document["hint"]


def test_what_is_no_number_is_told_apart_from_one_never_landed(small_cabin: Path, deliveries: Path) -> None:
    """`123` is no identity number; a right number that never landed finds nothing; a landed one finds its person."""
    session = Session(Settings.from_mapping({**ENVIRONMENT, "CABIN_DATA": str(small_cabin)}), Output())
    try:
        with pytest.raises(NotANumber):
            by_number(session, "123", 5)
        assert by_number(session, "34052419800101001X", 5).found == ()
        rows = (deliveries / "1_ps_resident.csv").read_text("gb18030").splitlines()[1:]
        found = by_number(session, next(line.split(",")[2] for line in rows if line.split(",")[2].startswith("33")), 5).found
        assert {each.kind for each in found} >= {"person"}
    finally:
        session.close()


def test_a_decision_that_changes_nothing_is_told_and_not_written(small_cabin: Path, tmp_path: Path) -> None:
    """Restoring what counts, withdrawing twice, recalling twice: a notice, and the log stays as it is."""
    data = shutil.copytree(small_cabin, tmp_path / "data")
    delivery = done(data, "--json", "feed", "show", "visit").document["deliveries"][0]["delivery"]

    def ends() -> list[int]:
        with EmbeddedLog.open(data / "log.sqlite") as log:
            return [log.end("cabin.raw.visit", partition) for partition in range(log.partitions)]

    def decided(*line: str) -> bool:
        before, document = ends(), done(data, "--json", "feed", *line, "--reason", "test").document
        assert (document["decision"] is not None) == (ends() != before)
        return document["decision"] is not None

    lines = (("restore", "visit"), ("withdraw", "visit"), ("withdraw", "visit"), ("restore", "visit"), ("restore", "visit"))
    assert [decided(*line) for line in lines] == [False, True, False, True, False]
    assert [decided("recall", delivery, *undo) for undo in ((), (), ("--undo",), ("--undo",))] == [True, False, True, False]
    assert "未写入" in cabin(data, "feed", "restore", "visit", "--reason", "test", lang="zh").out
