"""Every command as a person meets it: text and JSON, Chinese and English, the exit codes, and never a traceback."""

from __future__ import annotations

import fcntl
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cabin.app import COMMANDS
from streams.agents.left import Held, Note
from tests.cabin.kit import Said, cabin, done, hashes, holds_english, standing, tree
from warehouse.publish import pointed

CHINESE = re.compile("[\u4e00-\u9fff]")
LANGUAGES = ("zh", "en")
GROUPS = {
    "feed": ("list", "show", "withdraw", "restore", "recall"),
    "alias": ("list", "release"),
    "marts": ("list", "show", "build", "diff"),
    "lineage": ("show", "send"),
    "quarantine": ("counts", "list", "facets", "trend", "show", "fix", "redrive", "reject", "undo", "history", "return", "reveal"),
    "quality": ("check", "suites", "history", "monitor", "profile", "scorecard"),
    "contract": ("list", "show", "check", "diff", "infer", "test", "docs", "asyncapi"),
    "docs": ("build",),
    "broker": ("start", "stop", "status"),
    "topics": ("plan", "apply", "renew", "check"),
    "gateway": ("token",),
    "export": ("entity",),
    "history": ("load", "show", "compact", "check", "rebuild", "restore"),
}
PAGES = [(each.name,) for each in COMMANDS] + [(group, name) for group, names in GROUPS.items() for name in names]
PAGES += [("gateway", "token", name) for name in ("add", "list", "revoke")]
READING = {
    ("status",): "feeds",
    ("sql", "select kind, count(*) as n from entity_current group by all order by all"): "rows",
    ("sql", "describe household"): "rows",
    ("sql", "--list"): "queries",
    ("sql", "--saved", "grid_worklist", "--show"): "parameters",
    ("sql", "--saved", "feed_refusals", "--with", "days=400"): "rows",
    ("feed", "list"): "feeds",
    ("feed", "show", "ps_resident"): "deliveries",
    ("quarantine", "counts"): "counts",
    ("quarantine", "list", "--feed", "ps_resident"): "rows",
    ("quarantine", "facets"): "facets",
    ("quarantine", "trend"): "trend",
    ("quality", "suites", "--list"): "suites",
    ("quality", "profile", "visit"): "profile",
    ("quality", "profile", "visit", "--field", "event"): "profile",
    ("contract", "list"): "contracts",
    ("contract", "show", "visit"): "columns",
    ("contract", "show", "person"): "columns",
    ("contract", "show", "entity_value"): "columns",
    ("contract", "show", "person_current"): "columns",
    ("find", "王"): "found",
    ("dictionary",): "dictionary",
    ("dictionary", "coverage"): "fields",
    ("dictionary", "tenure"): "codes",
    ("dictionary", "--find", "鲜活度 coverage"): "fields",
    ("marts", "list"): "marts",
    ("lineage", "show", "officer_today.due_at"): "steps",
    ("marts", "show", "household"): "columns",
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
    own = fact.partition("引擎报告：")[0]  # the engine's words about a query are its own
    assert speaks(own, lang) and (lang == "en" or not holds_english(own + hint)), fact
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
    """`--help` of every command says in the chosen language, and in no other, what it and its options are for, touches no data and exits 0."""
    said = cabin(tmp_path / "data", *page, "--help", lang=lang)
    summary = said.out.split("\n\n")[1]
    assert (said.code, said.err) == (0, "")
    assert speaks(summary, lang) and bool(CHINESE.search(summary)) == (lang == "zh")
    assert not holds_english(re.sub("<[^>]*>", "", said.out.partition("\n")[2])) if lang == "zh" else not CHINESE.search(said.out)
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


def test_no_command_imports_pandas(deliveries: Path, tmp_path: Path) -> None:
    """Landing makes arrays from lists, with which pyarrow would import pandas; `cabin` as a person starts it leaves it out, though it is installed."""
    assert importlib.util.find_spec("pandas") is not None
    script = "import sys; from cabin.__main__ import main\ntry: main()\nfinally: print('pandas' in sys.modules, file=sys.stderr)"
    line = [sys.executable, "-c", script, "--data", str(tmp_path / "data"), "land", "rental", str(deliveries / "2_rental.jsonl")]
    ran = subprocess.run(line, capture_output=True, text=True, timeout=120, check=False)
    assert (ran.returncode, ran.stderr.splitlines()[-1]) == (0, "False")


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
    "an argument too many": (("status", "more"), 2, "usage"),
    "an option without its value": (("sql", "select 1", "--limit"), 2, "usage"),
    "an option nearly right": (("land", "--aera", "330302", "rental", "FILE"), 2, "usage"),
    "a flag with a value": (("run", "--follow=1"), 2, "usage"),
    "a subcommand that is none": (("feed", "shwo"), 2, "usage"),
    "nothing to land": (("land",), 2, "usage"),
    "a decision without reason": (("feed", "withdraw", "visit"), 2, "usage"),
    "an unknown delivery": (("feed", "recall", "aaaaaaaaaaaa", "--reason", "x"), 2, "not-found"),
    "an unknown quarantined row": (("quarantine", "show", "aaaaaaaaaaaa", "1"), 2, "not-found"),
    "an unknown suite": (("quality", "check", "--suite", "nobody"), 2, "unknown-suite"),
    "an unknown feed at the desk": (("quarantine", "list", "--feed", "rentl"), 2, "unknown-feed"),
    "an unknown feed to count": (("quarantine", "facets", "--feed", "rentl"), 2, "unknown-feed"),
    "an unknown feed to follow": (("quarantine", "trend", "--feed", "rentl"), 2, "unknown-feed"),
    "an unknown department": (("quality", "scorecard", "nobody"), 2, "unknown-department"),
    "an unknown feed to watch": (("quality", "monitor", "--feed", "nobody"), 2, "unknown-feed"),
    "an unknown feed to profile": (("quality", "profile", "nobody"), 2, "unknown-feed"),
    "an unknown field to profile": (("quality", "profile", "visit", "--field", "nobody"), 2, "unknown-field"),
    "a day that is none": (("quality", "monitor", "--since", "yesterday"), 2, "moment-unreadable"),
    "an unknown contract": (("contract", "show", "nobody"), 2, "not-found"),
    "a sample that is not there": (("contract", "infer", "nowhere.csv"), 2, "file-missing"),
    "a contract to try that is not there": (("contract", "test", "nowhere.yaml", "FILE"), 2, "file-missing"),
    "a draft named as a known feed": (("contract", "infer", "FILE", "--feed", "rental"), 2, "feed-name-unusable"),
    "a draft with a name that is none": (("contract", "infer", "FILE", "--feed", "Rental-list"), 2, "feed-name-unusable"),
    "a draft for a purpose that is none": (("contract", "infer", "FILE", "--purpose", "curiosity"), 2, "unknown-purpose"),
    "a draft with codes of no column": (("contract", "infer", "FILE", "--codes", "nobody"), 2, "not-a-code"),
    "nothing to find": (("find",), 2, "text-needed"),
    "blanks to find": (("find", " "), 2, "text-needed"),
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
    "a file read by a query": (("sql", "select * from read_csv('/etc/passwd')"), 2, "query-reaches-out"),
    "a query without end": (("sql", "select count(*) from range(1000000000000)"), 2, "query-too-slow"),
    "a query that needs too much": (("sql", "select repeat('x', 4000000000)"), 2, "query-too-large"),
    "no query at all": (("sql",), 2, "query-needed"),
    "values without a saved query": (("sql", "select 1", "--with", "a=b"), 2, "query-needed"),
    "two queries at once": (("sql", "select 1", "--saved", "person_card"), 2, "one-query"),
    "an unknown saved query": (("sql", "--saved", "nobody"), 2, "unknown-query"),
    "an unknown saved query to show": (("sql", "--saved", "nobody", "--show"), 2, "unknown-query"),
    "a saved query without its value": (("sql", "--saved", "person_card"), 2, "query-parameter-missing"),
    "a value that no parameter takes": (("sql", "--saved", "person_card", "--with", "persn=x"), 2, "query-parameter-unknown"),
    "a value without a name": (("sql", "--saved", "person_card", "--with", "x"), 2, "value-unreadable"),
    "a value of another type": (("sql", "--saved", "feed_refusals", "--with", "days=week"), 2, "query-parameter-unusable"),
    "an unknown mart to show": (("marts", "show", "nobody"), 2, "unknown-mart"),
    "an unknown mart to compare": (("marts", "diff", "current", "--mart", "nobody"), 2, "unknown-mart"),
    "a snapshot that is not there": (("marts", "diff", "000999"), 2, "no-such-snapshot"),
    "a file that is no snapshot": (("marts", "diff", "FILE"), 3, "snapshot-unreadable"),
    "an unknown grid": (("report", "nobody"), 2, "unknown-grid"),
    "a report with another ending": (("report", "nobody", "--to", "report.doc"), 2, "page-ending"),
    "an unknown word of the dictionary": (("dictionary", "nobody"), 2, "not-found"),
    "too few people": (("demo", "--people", "10"), 2, "usage"),
}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", WRONG)
def test_wrong_use_is_told_and_changes_nothing(small_cabin: Path, deliveries: Path, name: str, lang: str) -> None:
    """One clear sentence, one hint in the chosen language, the exit code of the design, the stable code in JSON; log and vault stay as they were."""
    given, code, stable = WRONG[name]
    arguments = [str(deliveries / "1_ps_resident.csv") if each == "FILE" else each for each in given]
    before = tree(small_cabin), standing(small_cabin)
    fact, hint = refused(cabin(small_cabin, *arguments, lang=lang, CABIN_SQL_SECONDS="2"), code, lang)
    machine = cabin(small_cabin, "--json", *arguments, lang=lang, CABIN_SQL_SECONDS="2")
    error = machine.document.get("error") or machine.document["landed"][0]["error"]
    assert (machine.code, error) == (code, {"code": stable, "fact": fact, "hint": hint})
    assert machine.err == ""
    assert (tree(small_cabin), standing(small_cabin)) == before


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    "arguments",
    [("sql", "select 1"), ("find", "王"), ("explain", "person", "x"), ("rebuild", "--verify"), ("marts", "diff", "current"), ("report", "x")],
    ids=" ".join,
)
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
    """While one run works on the data folder, another, a rebuild and a build of marts exit 3 and say so; readers go on."""
    handle = os.open(small_cabin / "run.lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        for arguments in (("run",), ("rebuild", "--verify"), ("marts", "build")):
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


def test_quarantined_rows_are_shown_with_the_rule_in_words(small_cabin: Path) -> None:
    """Listed with reason and column; one row shows its plain cells, and personal cells stay sealed."""
    row = done(small_cabin, "--json", "quarantine", "list", "--feed", "ps_resident").document["rows"][0]
    shown = done(small_cabin, "quarantine", "show", row["delivery"], str(row["row"]), lang="zh")
    assert row["reason"] == "unidentified" and "无法识别" in shown.out and "密封" in shown.out
    assert done(small_cabin, "--json", "quarantine", "list", "--reason", "poison").document["rows"] == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_doctor_counts_sessions_whose_end_nobody_told(small_cabin: Path, tmp_path: Path, lang: str) -> None:
    """The note of a worker that is gone is found, whatever it was called; that of one that lives is not."""
    data = shutil.copytree(small_cabin, tmp_path / "data")
    note = Held(data / "lineage" / "worker-elsewhere-7-x.json")
    note.take()
    note.write(Note({"normalise": "0"}))
    told = {each["check"]: each for each in cabin(data, "--json", "doctor", lang="en").document["checks"]}
    assert told["lineage"]["sound"] == "ok"
    note.leave()
    said = cabin(data, "doctor", lang=lang)
    assert said.code == 1 and {"zh": "1 次工作进程会话的结束尚未报告", "en": "1 sessions of workers whose end is not told yet"}[lang] in said.out


def test_doctor_finds_this_cabin_sound_and_an_open_key_not(small_cabin: Path, tmp_path: Path) -> None:
    """All checks pass, exit 0; a master key that others may read is a finding with a hint, exit 1."""
    data = shutil.copytree(small_cabin, tmp_path / "data")
    assert {each["sound"] for each in done(data, "--json", "doctor").document["checks"]} == {"ok"}
    (data / "vault" / "master.key").chmod(0o644)
    said = cabin(data, "doctor", lang="zh")
    assert said.code == 1 and "chmod 600" in said.out and "Traceback" not in said.err


def test_what_a_cabin_writes_is_its_owners_alone(small_cabin: Path, tmp_path: Path) -> None:
    """Every file but the published snapshots is closed to other accounts, and doctor says so once one is not and the folder stands open too."""
    written = [path for path in small_cabin.rglob("*") if path.is_file() and path.suffix != ".json" and path.parent.name != "published"]
    assert {"log.sqlite", "p0.duckdb", "current.duckdb"} <= {path.name for path in written}
    assert [path.name for path in written if path.stat().st_mode & 0o077] == []
    data = shutil.copytree(small_cabin, tmp_path / "data")
    (data / "log.sqlite").chmod(0o644)
    assert done(data, "doctor").code == 0, "nobody else may enter the folder"
    data.chmod(0o755)
    said = cabin(data, "doctor")
    assert said.code == 1 and "chmod -R go-rwx" in said.out


def test_a_contract_is_shown_with_rules_and_mapping(tmp_path: Path) -> None:
    """A feed with its head, columns, rules and mapping, in Chinese where Chinese is asked for; a kind of the same name is told apart."""
    shown = done(tmp_path, "--json", "contract", "show", "venue", lang="zh").document
    assert {"what": "feed", "name": "编码", "text": "utf-8"} in shown["facts"] and {"what": "kind", "name": "保留", "text": "3650 天"} in shown["facts"]
    assert {each["what"] for each in shown["columns"]} == {"feed", "kind"}
    assert next(each["meaning"] for each in shown["columns"] if (each["what"], each["column"]) == ("feed", "capacity")) == "核定人数。"
    assert ("name-missing", "name", "缺少场所名称") in {(each["rule"], each["column"], each["says"]) for each in shown["rules"]}
    assert {"target": "venue", "column": "capacity", "sql": "whole_of(capacity)", "where": ""} in shown["mapping"]
    assert "name-missing" in done(tmp_path, "contract", "show", "venue").out


def test_contract_docs_are_written_in_both_languages(tmp_path: Path) -> None:
    """One dictionary per language, each naming every feed."""
    done(tmp_path / "data", "contract", "docs", "--folder", str(tmp_path / "docs"))
    for lang, word in (("zh", "户籍"), ("en", "Household visits")):
        text = (tmp_path / "docs" / f"dictionary.{lang}.md").read_text(encoding="utf-8")
        assert word in text and "ps_resident" in text


def test_the_asyncapi_document_is_written_in_both_languages(tmp_path: Path) -> None:
    """One document per language, for as many partitions as the installation has."""
    done(tmp_path / "data", "contract", "asyncapi", "--folder", str(tmp_path / "api"), CABIN_PARTITIONS="7")
    for lang, word in (("zh", "订阅"), ("en", "Subscribe")):
        made = json.loads((tmp_path / "api" / f"asyncapi.{lang}.json").read_text(encoding="utf-8"))
        assert made["operations"]["sendEntityPerson"]["title"].startswith(word)
        assert made["channels"]["cabin.claims"]["bindings"]["kafka"]["partitions"] == 7


@pytest.mark.parametrize(("lang", "facts", "changes"), [("zh", "条事实", "核定记录变更 0 次"), ("en", "facts,", "0 changes to golden records")])
def test_a_run_over_nothing_speaks_of_facts(tmp_path: Path, lang: str, facts: str, changes: str) -> None:
    """What is folded where nothing was landed is no claim, and nothing of it changes a golden record: the run says so."""
    said = done(tmp_path / "data", "run", lang=lang).out
    assert facts in said and changes in said and not any(word in said for word in ("claims", "主张"))


def test_running_twice_publishes_nothing_new(small_cabin: Path, tmp_path: Path, deliveries: Path) -> None:
    """The same deliveries again land nothing, and a run without news keeps the snapshot."""
    data = shutil.copytree(small_cabin, tmp_path / "data")
    before = pointed(data / "published"), hashes(data)
    again = done(data, "--json", "land", "auto", str(deliveries)).document["landed"]
    ran = done(data, "--json", "run").document
    assert [each["already_landed"] for each in again] == [True, True, True]
    assert (ran["rows"], ran["claims"], ran["changes"], ran["snapshot"]) == (0, 0, 0, before[0])
    assert (pointed(data / "published"), hashes(data)) == before
