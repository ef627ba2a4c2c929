"""The quarantine as an officer reads it: what is wrong with a number, which column holds a stray one, what soft rules flagged."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cabin.ports import own_feeds
from contracts.read import load
from contracts.reasons import BUILT_IN, meaning
from tests.cabin.kit import District, cabin, done, holds_english

NUMBERS = {
    "330302197001010014": None,
    "330302197001010015": ("wrong_check", "校验错误", "check character is wrong"),
    "330302199902290016": ("impossible_date", "日期不可能", "birth date is impossible"),
    "": ("missing", "缺号", "no number given"),
}
"""Constructed numbers and what is wrong with them: code, zh, en."""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Deregistrations, one number wrong in each way, and one that stands in a column of its own kind."""
    folder = tmp_path_factory.mktemp("quarantine")
    lines = ["证件号码,注销日期,登记单位区划", *(f"{number},2026-02-03,330302" for number in NUMBERS), "330302197001010014,44960,330302"]
    (folder / "ca_deregister.csv").write_bytes("\r\n".join([*lines, ""]).encode("gb18030"))
    done(folder / "data", "land", "ca_deregister", str(folder / "ca_deregister.csv"))
    done(folder / "data", "run")
    return folder / "data"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_verdict_on_a_number_is_told(data: Path, lang: str) -> None:
    """A wrong check character, an impossible date and a missing number are told apart, in the list and in one row, by code and in words."""
    expected = {number: verdict for number, verdict in NUMBERS.items() if verdict}
    rows = cabin(data, "--json", "quarantine", "list", lang=lang).document["rows"]
    assert [(row["reason"], row["verdict"]) for row in rows] == [("unidentified", verdict[0]) for verdict in expected.values()]
    for row, (code, *words) in zip(rows, expected.values(), strict=True):
        assert row["meaning"].endswith(words[lang == "en"])
        shown = cabin(data, "quarantine", "show", row["delivery"], str(row["row"]), lang=lang)
        assert words[lang == "en"] in shown.out.splitlines()[0] and "doc_no" in shown.out.splitlines()[0]
        assert cabin(data, "--json", "quarantine", "show", row["delivery"], str(row["row"])).document["verdict"] == code


@pytest.mark.parametrize(("lang", "words"), [("zh", ("注销", "无法识别该行人员")), ("en", ("eregist", "cannot be identified"))])
def test_facets_say_what_feeds_and_reasons_mean(data: Path, lang: str, words: tuple[str, str]) -> None:
    """Beside the name that a pattern needs stands what it means."""
    found = {row["value"]: row["meaning"] for row in cabin(data, "--json", "quarantine", "facets", lang=lang).document["facets"]}
    assert words[0] in found["ca_deregister"] and words[1] in found["unidentified"] and found["doc_no"] is None


ASKED = {
    "list": ("list", "--reason"),
    "facets": ("facets", "--broken"),
    "trend": ("trend", "--broken"),
    "fix": ("fix", "--feed", "ca_deregister", "--as-is", "--broken"),
    "reject": ("reject", "--feed", "ca_deregister", "--reason", "whatever a person writes", "--broken"),
}


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("asked", ASKED)
def test_a_reason_that_is_spelt_wrong_is_refused(data: Path, asked: str, lang: str) -> None:
    """Wherever rows are named by their reason; near ones are named, of rules and of what belongs to no contract alike. Nothing is decided."""
    for wrong, right in (("unidentifed", "unidentified"), ("status-unknwn", "status-unknown"), ("held-name-mising", "held-name-missing")):
        said = cabin(data, "quarantine", *ASKED[asked], wrong, lang=lang)
        assert said.code == 2 and wrong in said.err and right in said.err
        assert lang == "en" or not holds_english(said.err)
    assert cabin(data, "--json", "quarantine", *ASKED[asked], "quite-another-thing").document["error"]["code"] == "unknown-reason"
    assert len(done(data, "--json", "quarantine", "list").document["rows"]) == 3


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("asked", ["list", "facets", "trend"])
def test_an_empty_answer_says_so(data: Path, asked: str, lang: str) -> None:
    """In a sentence with what to ask instead, which machines get, too; an answer that is not empty says nothing of it."""
    said = cabin(data, "quarantine", *ASKED[asked], "poison", lang=lang)
    assert said.code == 0 and {"zh": "没有找到", "en": "nothing found"}[lang] in said.out
    document = cabin(data, "--json", "quarantine", *ASKED[asked], "poison", lang=lang).document
    assert document["hint"] in said.out and "hint" not in cabin(data, "--json", "quarantine", asked, lang=lang).document


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_yes_and_no_are_words(data: Path, lang: str) -> None:
    """Whether a delivery is recalled and how it was delivered, and whether a row was returned; a machine gets truth values and codes."""
    deliveries = cabin(data, "feed", "show", "ca_deregister", lang=lang).out
    listed = cabin(data, "quarantine", "list", lang=lang).out
    assert not any(word in deliveries + listed for word in ("False", "True"))
    assert ("增量" in deliveries) == (lang == "zh") and ("increment" in deliveries) == (lang == "en")
    (delivery,) = cabin(data, "--json", "feed", "show", "ca_deregister", lang=lang).document["deliveries"]
    assert (delivery["recalled"], delivery["mode"]) == (False, "increment")
    assert {row["returned"] for row in cabin(data, "--json", "quarantine", "list", lang=lang).document["rows"]} == {False}


def test_a_recalled_delivery_says_so(data: Path, tmp_path: Path) -> None:
    """In a word of the language."""
    here = shutil.copytree(data, tmp_path / "data")
    (delivery,) = done(here, "--json", "feed", "show", "ca_deregister").document["deliveries"]
    done(here, "feed", "recall", delivery["delivery"], "--reason", "test")
    assert done(here, "feed", "show", "ca_deregister").out.splitlines()[1].rstrip().endswith("yes")
    assert done(here, "feed", "show", "ca_deregister", lang="zh").out.splitlines()[1].rstrip().endswith("是")


def test_a_stray_number_is_named_with_its_column(tmp_path: Path) -> None:
    """An identity number in a text column: list and show say which column holds it, and never the number."""
    number = "330302197001010014"
    header = "检查编号,检查日期,对象类型,对象代码,对象名称,地址,隐患类别,隐患数,整改期限,整改结果"
    (tmp_path / "fire_hazard.csv").write_text(f"{header}\nJC1,2026-02-03,3,XK1,饭店{number},五马街道解放街12号,其他,1,2026-03-01,\n", encoding="utf-8")
    done(tmp_path / "data", "land", "fire_hazard", str(tmp_path / "fire_hazard.csv"))
    done(tmp_path / "data", "run")
    listed = done(tmp_path / "data", "--json", "quarantine", "list")
    (row,) = listed.document["rows"]
    assert (row["reason"], row["column"]) == ("identifier-in-wrong-column", "object_name")
    shown = done(tmp_path / "data", "quarantine", "show", row["delivery"], str(row["row"]))
    assert "column object_name" in shown.out and number not in shown.out + listed.out


def test_soft_rules_are_counted_by_reason(data: Path, district: District) -> None:
    """`counts --warnings` lists each flag with its rows and meaning; their sum is what feed health calls mended; without it only quarantined rows are counted."""
    flagged = {each["reason"]: each for each in done(data, "--json", "quarantine", "counts", "--warnings").document["counts"]}
    assert flagged["excel-date"]["rows"] == 1 and "excel-date" in done(data, "quarantine", "counts", "--warnings").out
    assert {each["reason"] for each in done(data, "--json", "quarantine", "counts").document["counts"]} == {"unidentified"}
    counted = done(district.data, "--json", "quarantine", "counts", "--warnings").document["counts"]
    mended = done(district.data, "--json", "sql", "select sum(mended)::bigint as n from feed_health").document["rows"][0]["n"]
    assert sum(each["rows"] for each in counted) == mended
    assert {"sex-disagrees", "excel-date"} <= {each["reason"] for each in counted}


@pytest.mark.parametrize(("lang", "ever", "rows"), [("zh", "累计隔离", "行数"), ("en", "ever quarantined", "rows")])
def test_counts_say_that_they_are_of_all_rows_ever_set_aside(data: Path, lang: str, ever: str, rows: str) -> None:
    """The table by reason is headed as the account below it is; flagged rows are plain rows."""
    assert ever in cabin(data, "quarantine", "counts", lang=lang).out.splitlines()[0]
    flagged = cabin(data, "quarantine", "counts", "--warnings", lang=lang).out.splitlines()[0]
    assert rows in flagged and ever not in flagged


def test_every_reason_of_the_district_has_words(district: District) -> None:
    """No quarantine reason and no flag is shown as its bare code."""
    contracts = load(extra=own_feeds(district.data))
    for arguments in ((), ("--warnings",)):
        for each in done(district.data, "--json", "quarantine", "counts", *arguments).document["counts"]:
            for lang in ("zh", "en"):
                assert meaning(contracts, each["feed"], each["reason"], lang) != each["reason"], each
    assert all(en and zh for en, zh in BUILT_IN.values())
