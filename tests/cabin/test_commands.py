"""Every command as a person meets it: text and JSON, Chinese and English, the exit codes, and never a traceback."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cabin.app import COMMANDS
from tests.cabin.kit import District, Said, cabin, done, hashes, tree
from warehouse.publish import pointed

CHINESE = re.compile("[\u4e00-\u9fff]")
LANGUAGES = ("zh", "en")
GROUPS = {
    "feed": ("list", "show", "withdraw", "restore", "recall"),
    "alias": ("list", "release"),
    "quarantine": ("counts", "list", "show"),
    "contract": ("list", "show", "check", "docs"),
}
PAGES = [(each.name,) for each in COMMANDS] + [(group, name) for group, names in GROUPS.items() for name in names]
READING = {
    ("status",): "feeds",
    ("sql", "select kind, count(*) as n from entity_current group by all order by all"): "rows",
    ("sql", "describe household"): "rows",
    ("feed", "list"): "feeds",
    ("feed", "show", "ps_resident"): "deliveries",
    ("quarantine", "counts"): "counts",
    ("quarantine", "list", "--feed", "ps_resident"): "rows",
    ("contract", "list"): "contracts",
    ("contract", "show", "visit"): "columns",
    ("contract", "show", "person"): "columns",
    ("contract", "show", "entity_value"): "columns",
    ("contract", "show", "person_current"): "columns",
    ("find", "王"): "found",
}
"""Commands that only read, and the part of their JSON document that holds what they found."""


def speaks(text: str, lang: str) -> bool:
    """Whether a sentence is in the language; English ones may quote Chinese words."""
    return bool(CHINESE.search(text)) if lang == "zh" else bool(re.search("[a-z]+ [a-z']{2,}", text))


def refused(said: Said, code: int, lang: str) -> tuple[str, str]:
    """The one sentence and the hint of a refusal in text."""
    assert said.code == code, said
    assert "Traceback" not in said.err + said.out
    fact, hint = re.fullmatch(r"error: ([^\n]+)\nhint: ([^\n]+)\n", said.err).groups()  # type: ignore[union-attr]
    assert speaks(hint, lang)
    return fact, hint


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("arguments", READING, ids=" ".join)
def test_reading_commands_answer_in_text_and_json(small_cabin: Path, arguments: tuple[str, ...], lang: str) -> None:
    """A person gets a table with headings, a machine one JSON document with the same rows; nothing goes to standard error."""
    text = cabin(small_cabin, *arguments, lang=lang)
    machine = cabin(small_cabin, "--json", *arguments, lang=lang)
    listed = machine.document[READING[arguments]]
    assert (text.code, machine.code, text.err, machine.err) == (0, 0, "", "")
    assert listed and all(isinstance(row, dict) for row in listed)
    assert len(text.out.splitlines()) > len(listed)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_headings_and_sentences_follow_the_language(small_cabin: Path, lang: str) -> None:
    """`--lang` and `CABIN_LANG` choose headings, sentences and labels."""
    status, feeds = cabin(small_cabin, "status", lang=lang), cabin(small_cabin, "feed", "list", "--lang", lang, lang="en")
    assert ("已接收" in feeds.out, "待处理" in status.out) == ((lang == "zh"),) * 2
    assert ("rows landed" in feeds.out, "behind" in status.out) == ((lang == "en"),) * 2


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("page", [(), *PAGES], ids=" ".join)
def test_every_command_has_help(tmp_path: Path, page: tuple[str, ...], lang: str) -> None:
    """`--help` of every command says in the chosen language what it is for, touches no data and exits 0."""
    said = cabin(tmp_path / "data", *page, "--help", lang=lang)
    summary = said.out.split("\n\n")[1]
    assert (said.code, said.err) == (0, "")
    assert speaks(summary, lang) and bool(CHINESE.search(summary)) == (lang == "zh")
    assert tree(tmp_path) == set()


def test_groups_listed_here_are_all_groups() -> None:
    """The pages tested are all pages: a group's help names exactly the subcommands above."""
    for name in (each.name for each in COMMANDS):
        listed = re.findall(r"^  (\w+) ", cabin(Path("nowhere"), name, "--help").out.partition("Commands:\n")[2], re.MULTILINE)
        assert tuple(listed) == GROUPS.get(name, ())


def test_help_imports_no_engine() -> None:
    """`cabin --help` is quick because it loads neither DuckDB nor Arrow nor Great Expectations."""
    script = "import sys; from cabin.__main__ import run; code = run(['--help'], {}); print(sorted(sys.modules), file=sys.stderr); sys.exit(code)"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0
    assert "Commands:" in ran.stdout
    assert not {"duckdb", "pyarrow", "great_expectations", "numpy", "cryptography"} & set(re.findall(r"'([\w.]+)'", ran.stderr))


def test_cabin_alone_shows_its_help(tmp_path: Path) -> None:
    """Without a command: the list of commands and exit code 2, not an error message with a page inside."""
    said = cabin(tmp_path, lang="zh")
    assert (said.code, said.err) == (2, "")
    assert "land" in said.out and CHINESE.search(said.out)


WRONG = {
    "an unknown command": (("bogus",), 2, "usage"),
    "an unknown option": (("status", "--fast"), 2, "usage"),
    "a missing argument": (("explain", "person"), 2, "usage"),
    "a number that is none": (("sql", "select 1", "--limit", "many"), 2, "usage"),
    "an unknown form": (("sql", "select 1", "--format", "xml"), 2, "usage"),
    "an unknown feed to land": (("land", "ps_residant", "FILE"), 2, "unknown-feed"),
    "an unknown feed to show": (("feed", "show", "nobody"), 2, "unknown-feed"),
    "an unknown feed to withdraw": (("feed", "withdraw", "nobody", "--reason", "x"), 2, "unknown-feed"),
    "a decision without reason": (("feed", "withdraw", "visit"), 2, "usage"),
    "an unknown delivery": (("feed", "recall", "aaaaaaaaaaaa", "--reason", "x"), 2, "not-found"),
    "an unknown quarantined row": (("quarantine", "show", "aaaaaaaaaaaa", "1"), 2, "not-found"),
    "an unknown contract": (("contract", "show", "nobody"), 2, "not-found"),
    "a file that is not there": (("land", "ps_resident", "nowhere.csv"), 2, "file-missing"),
    "a bad mode": (("land", "ps_resident", "FILE", "--mode", "refresh"), 2, "wrong-declaration"),
    "a bad moment": (("land", "ps_resident", "FILE", "--moment", "yesterday"), 2, "wrong-declaration"),
    "an unknown kind": (("explain", "dragon", "x"), 2, "unknown-kind"),
    "an unknown kind to reveal": (("reveal", "dragon", "x", "name", "--purpose", "x"), 2, "unknown-kind"),
    "an entity to reveal that is not there": (("reveal", "person", "p000000000000000000000000", "name", "--purpose", "x"), 2, "unknown-entity"),
    "an unknown entity": (("explain", "person", "p000000000000000000000000"), 2, "unknown-entity"),
    "no purpose": (("reveal", "person", "p000000000000000000000000", "name"), 2, "purpose-missing"),
    "a blank purpose": (("reveal", "person", "p000000000000000000000000", "name", "--purpose", " "), 2, "purpose-missing"),
    "a number on the command line": (("find", "330302196202050966"), 2, "number-from-prompt-only"),
    "a mobile number on the command line": (("find", "13800000000"), 2, "number-from-prompt-only"),
    "a prompt without terminal": (("find", "--number"), 2, "number-from-prompt-only"),
    "parquet without file": (("sql", "select 1", "--format", "parquet"), 2, "output-needed"),
    "a statement that writes": (("sql", "drop table household"), 2, "query-refused"),
    "two statements": (("sql", "select 1; select 2"), 2, "query-refused"),
    "a query with a mistake": (("sql", "select nothing_like_it from household"), 2, "query-failed"),
    "a file read by a query": (("sql", "select * from read_csv('/etc/passwd')"), 2, "query-failed"),
    "too few people": (("demo", "--people", "10"), 2, "usage"),
}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", WRONG)
def test_wrong_use_is_told_and_changes_nothing(small_cabin: Path, deliveries: Path, name: str, lang: str) -> None:
    """One clear sentence, one hint in the chosen language, the exit code of the design, the stable code in JSON; log and vault stay as they were."""
    given, code, stable = WRONG[name]
    arguments = [str(deliveries / "1_ps_resident.csv") if each == "FILE" else each for each in given]
    before = tree(small_cabin), done(small_cabin, "--json", "status").document
    fact, hint = refused(cabin(small_cabin, *arguments, lang=lang), code, lang)
    machine = cabin(small_cabin, "--json", *arguments, lang=lang)
    error = machine.document.get("error") or machine.document["landed"][0]["error"]
    assert (machine.code, error) == (code, {"code": stable, "fact": fact, "hint": hint})
    assert machine.err == ""
    assert (tree(small_cabin), done(small_cabin, "--json", "status").document) == before


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("arguments", [("sql", "select 1"), ("find", "王"), ("explain", "person", "x"), ("rebuild", "--verify")], ids=" ".join)
def test_nothing_published_is_unavailable(tmp_path: Path, arguments: tuple[str, ...], lang: str) -> None:
    """Before the first run a question to the snapshot exits 3 and says how to make one."""
    assert "cabin run" in refused(cabin(tmp_path / "data", *arguments, lang=lang), 3, lang)[1]


@pytest.mark.parametrize(("name", "value"), [("CABIN_LANG", "fr"), ("CABIN_PARTITIONS", "0"), ("CABIN_PROCESSES", "two"), ("CABIN_MEMORY_MB", "1")])
def test_an_unusable_setting_is_named(tmp_path: Path, name: str, value: str) -> None:
    """A wrong setting stops every command with its name, before anything is opened."""
    said = cabin(tmp_path / "data", "status", **{name: value})  # type: ignore[arg-type]
    assert name in refused(said, 2, "en")[0]
    assert tree(tmp_path) == set()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_second_run_is_refused(small_cabin: Path, lang: str) -> None:
    """While one run works on the data folder, another and a rebuild exit 3 and say so; readers go on."""
    handle = os.open(small_cabin / "run.lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        for arguments in (("run",), ("rebuild", "--verify")):
            assert "cabin run" in refused(cabin(small_cabin, *arguments, lang=lang), 3, lang)[0]
        assert cabin(small_cabin, "--json", "run", lang=lang).document["error"]["code"] == "already-running"
        assert cabin(small_cabin, "status", lang=lang).code == 0
    finally:
        os.close(handle)


def test_query_answers_come_in_every_form(small_cabin: Path, tmp_path: Path) -> None:
    """Table, CSV and JSON on standard output, CSV, JSON and Parquet into files named by their ending; a cut answer says so."""
    import pyarrow.parquet as pq

    query = "select entity, kind from entity_current order by all"
    csv = done(small_cabin, "sql", query, "--format", "csv").out.splitlines()
    objects = json.loads(done(small_cabin, "sql", query, "--format", "json").out)
    assert csv[0] == '"entity","kind"' and len(csv) - 1 == len(objects) > 50
    for ending in ("csv", "json", "parquet"):
        said = done(small_cabin, "--json", "sql", query, "--output", str(tmp_path / f"answer.{ending}"))
        assert said.document["rows_written"] == len(objects)
    assert pq.read_table(tmp_path / "answer.parquet").to_pylist() == json.loads((tmp_path / "answer.json").read_text()) == objects
    cut = cabin(small_cabin, "sql", query, "--limit", "3")
    assert len(cut.out.splitlines()) == 4 and "--limit 0" in cut.err
    assert cabin(small_cabin, "--json", "sql", query, "--limit", "3").document["cut"] is True


def person_named(data: Path) -> str:
    query = "select entity from person_current where name is not null order by entity limit 1"
    return str(done(data, "--json", "sql", query).document["rows"][0]["entity"])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_explain_tells_every_attribute(small_cabin: Path, lang: str) -> None:
    """Each attribute with value, status, rule, who says what since when, the origin and what would change it; names masked."""
    person = person_named(small_cabin)
    document = done(small_cabin, "--json", "explain", "person", person).document
    text = cabin(small_cabin, "explain", "person", person, lang=lang)
    assert document["entity"] == person and {"name", "sex", "present"} <= {unit["attribute"] for unit in document["units"]}
    assert re.search(r"[\u4e00-\u9fff]\*", text.out)
    for unit in document["units"]:
        assert unit["attribute"] in text.out and unit["rule"]["why"][lang] in text.out and unit["change"][lang] in text.out
        assert (unit["shown"] or {lang: "-"})[lang] in text.out
    name = next(unit for unit in document["units"] if unit["attribute"] == "name")
    assert name["change"]["en"].startswith("a correction request to police station") and name["change"]["zh"].startswith("向公安派出所提交更正申请")
    said = name["said"]
    assert said and all(f"{each['source']}:{each['delivery']}:{each['row']}" in text.out for each in said)


def test_reveal_shows_the_value_and_records_who_and_why(small_cabin: Path, district: District, tmp_path: Path) -> None:
    """The full name and number come out, are the delivered ones, and each look is in the ledger before; the ledger holds no value."""
    from cabin.ledger import ACCESS
    from streams.log import EmbeddedLog

    data = shutil.copytree(small_cabin, tmp_path / "data")
    person = person_named(data)
    name, number = (done(data, "--json", "reveal", "person", person, what, "--purpose", "训练").document["value"] for what in ("name", "number"))
    delivered = next(each.file for each in district.manifest.deliveries if each.feed == "ps_resident").read_text("gb18030")
    assert f",{number},{name}," in delivered
    with EmbeddedLog.open(data / "log.sqlite") as log:
        entries = [stored.message.value.decode() for stored in log.read(ACCESS, 0, 0)]
    assert [json.loads(entry)["attribute"] for entry in entries] == ["name", "number"]
    assert all(json.loads(entry)["viewer"] == "tester" and json.loads(entry)["purpose"] == "训练" for entry in entries)
    assert not any(value in entry for entry in entries for value in (name, number))
    listed = done(data, "--json", "access").document["accesses"]
    assert [(each["viewer"], each["entity"], each["attribute"], each["purpose"]) for each in listed] == [
        ("tester", person, what, "训练") for what in ("number", "name")
    ]
    assert done(data, "--json", "access", "--viewer", "nobody").document["accesses"] == []
    assert "查看人" in cabin(data, "access", lang="zh").out and "tester" in cabin(data, "access", "--entity", person).out


def test_reveal_names_the_attributes_and_records_nothing_that_was_not_shown(small_cabin: Path, tmp_path: Path) -> None:
    """An attribute that does not exist is told from a value that is not there; neither leaves an entry in the ledger."""
    data = shutil.copytree(small_cabin, tmp_path / "data")
    person = person_named(data)
    wrong = cabin(data, "reveal", "person", person, "dragon", "--purpose", "训练")
    assert "birth_year" in refused(wrong, 2, "en")[1] and "number" in wrong.err
    query = "select entity from person_current where deregistered_on is null order by entity limit 1"
    nobody = done(data, "--json", "sql", query).document["rows"][0]["entity"]
    assert cabin(data, "--json", "reveal", "person", nobody, "deregistered_on", "--purpose", "训练").document["error"]["code"] == "not-revealable"
    assert done(data, "--json", "access").document["accesses"] == []


VISITED_AT = "2026-11-01 10:00:00"


def visit_row(number: int, **more: str | None) -> dict[str, str | None]:
    """One row of a visit as an officer's device pushes it."""
    names = [
        "走访编号",
        "房屋地址",
        "走访时间",
        "走访人工号",
        "事件",
        "对象类型",
        "对象编号",
        "字段",
        "结果",
        "核实值",
        "依据",
        "名册类型",
        "未识别人数",
        "已见版本",
        "设备时钟",
    ]
    common = {
        "走访编号": f"ZF99{number:08d}",
        "走访时间": VISITED_AT,
        "走访人工号": "W200001",
        "事件": "核实",
        "结果": "更正",
        "依据": "现场",
        "设备时钟": VISITED_AT,
    }
    return {**dict.fromkeys(names), **common, **more}


def test_findings_are_revealed_and_explained(small_cabin: Path, district: District, tmp_path: Path) -> None:
    """A leased telephone and one found by a visit come out as numbers, not as tokens; a dwelling known from visits alone tells every attribute and both officers."""
    data = shutil.copytree(small_cabin, tmp_path / "data")
    person = str(done(data, "--json", "sql", "select entity from person_current where phone is not null order by entity limit 1").document["rows"][0]["entity"])
    leased, number = (done(data, "--json", "reveal", "person", person, what, "--purpose", "训练").document["value"] for what in ("phone", "number"))
    assert re.fullmatch("1[3-9][0-9]{9}", leased)
    home, found = "浙江省温州市鹿城区五马街道八仙楼社区解放街977号3幢2单元501室", "13800000017"
    rows = [
        visit_row(1, 房屋地址=home, 对象类型="人", 对象编号=number, 字段="phone", 核实值=found),
        visit_row(2, 房屋地址=home, 字段="use", 核实值="1"),
        visit_row(3, 房屋地址=home, 字段="use", 核实值="2", 走访人工号="W200002", 走访时间="2026-11-01 11:00:00"),
    ]
    file = tmp_path / "visit.jsonl"
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    done(data, "land", "visit", str(file), "--mode", "increment")
    done(data, "run")
    assert done(data, "--json", "reveal", "person", person, "phone", "--purpose", "训练").document["value"] == found
    dwelling = "330302006071/解放街/977/3/2/501"
    units = {unit["attribute"]: unit for unit in done(data, "--json", "explain", "dwelling", dwelling).document["units"]}
    assert {"present", "address", "use", "point"} <= set(units) and units["use"]["status"] == "disputed"
    assert [(each["state"], each["value"], each["actor"], each["evidence"]) for each in units["use"]["found"]] == [
        ("holds", "2", "W200002", "seen_on_site"),
        ("older", "1", "W200001", "seen_on_site"),
    ]
    text = done(data, "explain", "dwelling", dwelling).out
    assert all(f"\n{name} = " in text for name in units) and "officer W200002, evidence seen on site" in text


def test_quarantined_rows_are_shown_with_the_rule_in_words(small_cabin: Path) -> None:
    """Listed with reason and column; one row shows its plain cells, and personal cells stay sealed."""
    row = done(small_cabin, "--json", "quarantine", "list", "--feed", "ps_resident").document["rows"][0]
    shown = done(small_cabin, "quarantine", "show", row["delivery"], str(row["row"]), lang="zh")
    assert row["reason"] == "unidentified" and "无法识别" in shown.out and "密封" in shown.out
    assert done(small_cabin, "--json", "quarantine", "list", "--reason", "no-such-reason").document["rows"] == []


def test_doctor_finds_this_cabin_sound_and_an_open_key_not(small_cabin: Path, tmp_path: Path) -> None:
    """All checks pass, exit 0; a master key that others may read is a finding with a hint, exit 1."""
    data = shutil.copytree(small_cabin, tmp_path / "data")
    assert {each["sound"] for each in done(data, "--json", "doctor").document["checks"]} == {"ok"}
    (data / "vault" / "master.key").chmod(0o644)
    said = cabin(data, "doctor", lang="zh")
    assert said.code == 1 and "chmod 600" in said.out and "Traceback" not in said.err


def test_contract_docs_are_written_in_both_languages(tmp_path: Path) -> None:
    """One dictionary per language, each naming every feed."""
    done(tmp_path / "data", "contract", "docs", "--folder", str(tmp_path / "docs"))
    for lang, word in (("zh", "户籍"), ("en", "Household visits")):
        text = (tmp_path / "docs" / f"dictionary.{lang}.md").read_text(encoding="utf-8")
        assert word in text and "ps_resident" in text


def test_running_twice_publishes_nothing_new(small_cabin: Path, tmp_path: Path, deliveries: Path) -> None:
    """The same deliveries again land nothing, and a run without news keeps the snapshot."""
    data = shutil.copytree(small_cabin, tmp_path / "data")
    before = pointed(data / "published"), hashes(data)
    again = done(data, "--json", "land", "auto", str(deliveries)).document["landed"]
    ran = done(data, "--json", "run").document
    assert [each["already_landed"] for each in again] == [True, True, True]
    assert (ran["rows"], ran["claims"], ran["changes"], ran["snapshot"]) == (0, 0, 0, before[0])
    assert (pointed(data / "published"), hashes(data)) == before
