"""SQL that people type: hostile statements are refused or dead in time, harmless ones are answered, and no child is left behind."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep

import duckdb
import pytest
import yaml

from contracts.errors import CabinError
from warehouse.ask import Asker, Limits, asker
from warehouse.ask.errors import EngineNotBegun, QueryEnded, QueryTooLong, QueryTooSlow
from warehouse.ask.limits import CHARACTERS
from warehouse.errors import NoSnapshot, SnapshotUnreadable

HERE = Path(__file__).parent
HOSTILE: dict[str, list[str]] = yaml.safe_load((HERE / "hostile.yaml").read_text(encoding="utf-8"))
HARMLESS: list[str] = yaml.safe_load((HERE / "harmless.yaml").read_text(encoding="utf-8"))
TURNED_AWAY = [(code, sql) for code in ("query-refused", "query-reaches-out", "query-failed") for sql in HOSTILE[code]]
STOPPED = {"query-too-slow", "query-too-large", "query-ended"}
PROMISED_SECONDS = 3.5
QUICK = Limits(seconds=0.7, memory_mb=300)
"""Less than people get, so that the tests are quick; what is asserted of the clock is what is promised with the limits that people get."""


@pytest.fixture(scope="module")
def warm(folder: Path) -> Iterator[Asker]:
    """One child for all statements that it survives."""
    with Asker(folder, Limits(memory_mb=300)) as asker:
        yield asker


@pytest.fixture(scope="module")
def strict(folder: Path) -> Iterator[Asker]:
    """As `warm`, with less time."""
    with Asker(folder, QUICK) as asker:
        yield asker


def refused(asker: Asker, sql: str) -> CabinError:
    with pytest.raises(CabinError) as error:
        asker.ask(sql, rows=100)
    return error.value


def alive(pid: int | None) -> bool:
    """Whether a process of this number runs."""
    return pid is not None and Path(f"/proc/{pid}/stat").exists()


def test_the_corpus_is_as_large_as_promised() -> None:
    """At least 100 hostile statements, none twice, and at least 50 harmless ones."""
    every = [sql for statements in HOSTILE.values() for sql in statements]
    assert len(every) >= 100 and len(set(every)) == len(every)
    assert len(set(HARMLESS)) == len(HARMLESS) >= 50


@pytest.mark.parametrize(("code", "sql"), TURNED_AWAY)
def test_hostile_statements_are_turned_away(warm: Asker, code: str, sql: str) -> None:
    """Each is told by the code that the corpus says, in both languages with a hint, by a child that goes on; what the engine says names no file of this machine."""
    error = refused(warm, sql)
    assert error.code == code, error
    assert warm.pid is not None, "the child was not lost over it"
    for lang in ("zh", "en"):
        fact, hint = error.render(lang)
        assert fact and hint and str(Path.cwd()) not in fact + hint
    assert error.exit_code == 2


@pytest.mark.parametrize("sql", HOSTILE["stopped"])
def test_endless_and_huge_statements_are_dead_in_time(strict: Asker, sql: str) -> None:
    """Whatever it is that a statement does without end, its asker has a clear error within the time promised, and the next question an answer."""
    strict.ask("select 1")  # the time promised is that of a question, not of the child's beginning
    began = monotonic()
    error = refused(strict, sql)
    assert error.code in STOPPED and monotonic() - began < PROMISED_SECONDS
    assert strict.ask("select count(*) from household").table.num_rows == 1


def test_people_get_limits_that_keep_the_promise() -> None:
    """With what nobody changed, engine and kill together take no longer than is promised."""
    assert Limits().deadline_seconds < PROMISED_SECONDS


def test_what_does_not_stop_by_itself_is_killed(folder: Path) -> None:
    """A child that hears nothing any more is dead when the error comes, not only given up."""
    with Asker(folder, QUICK) as asker:
        asker.ask("select 1")
        pid = asker.pid
        assert pid is not None
        os.kill(pid, 19)  # SIGSTOP: as a statement that looks at no clock
        assert refused(asker, "select 1").code == QueryTooSlow.code
        assert not alive(pid) and asker.pid is None


def test_a_child_that_dies_is_told_and_replaced(folder: Path) -> None:
    """An engine that falls over is one sentence; the next question is answered by another child."""
    with Asker(folder, QUICK) as asker:
        asker.ask("select 1")
        assert asker.pid is not None
        os.kill(asker.pid, 9)
        assert refused(asker, "select 1").code == QueryEnded.code
        assert asker.ask("select 1 as one").table.to_pylist() == [{"one": 1}]


@pytest.mark.parametrize("boot", ["import time; time.sleep(60)", "raise SystemExit"])
def test_a_child_that_does_not_begin_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch, boot: str) -> None:
    """A machine too busy to begin a process, or one on which it ends at once: said so, and nothing of the query; no process is left."""
    monkeypatch.setattr(asker, "BOOT", boot)
    monkeypatch.setattr(asker, "BEGIN_SECONDS", 0.3)
    with Asker(folder) as asking, pytest.raises(EngineNotBegun):
        asking.ask("select 1")
    assert asking.pid is None


def test_deep_nesting_harms_nobody(strict: Asker) -> None:
    """Tens of thousands of brackets end the question at most; what is longer than anybody types is not even sent."""
    assert refused(strict, f"select {'(' * 40_000}1{')' * 40_000}").code in STOPPED | {"query-failed"}
    assert refused(strict, "select " + "1," * CHARACTERS).code == QueryTooLong.code
    assert strict.ask("select 1 as one").table.to_pylist() == [{"one": 1}]


@pytest.mark.parametrize("sql", HARMLESS)
def test_harmless_questions_are_answered(warm: Asker, sql: str) -> None:
    """Windows, common table expressions, lists, lambdas, pivots, joins of all kinds: rows come back and the child stays."""
    answer = warm.ask(sql, rows=100)
    assert answer.table.num_columns > 0 and (answer.table.num_rows > 0 or "except" in sql or "asof" in sql)


def test_answers_come_back_as_they_are(warm: Asker) -> None:
    """Types and nulls of every kind go over unchanged: decimals, days, moments, lists, structs, long texts."""
    sql = "select 1.50::decimal(5, 2) as d, date '2026-01-02' as day, timestamp_ms '2026-01-02 03:04:05' as at, ['王', null] as l, {'a': null::integer} as s, repeat('长', 2000000) as t"
    row = warm.ask(sql).table.to_pylist()[0]
    assert (str(row["d"]), str(row["day"]), str(row["at"])) == ("1.50", "2026-01-02", "2026-01-02 03:04:05")
    assert (row["l"], row["s"], len(row["t"])) == (["王", None], {"a": None}, 2_000_000)


def test_more_rows_than_asked_for_are_cut(warm: Asker) -> None:
    """The answer holds at most `rows` rows and says that there are more."""
    answer = warm.ask("select dwelling from household", rows=3)
    assert answer.table.num_rows == 3 and answer.cut
    assert not warm.ask("select dwelling from household", rows=4).cut


def test_values_are_bound_never_pasted(warm: Asker) -> None:
    """A value that is SQL stays a text; one that is missing is a mistake."""
    evil = "x' or 1=1; drop table household; --"
    assert warm.ask("select $value::varchar as value, $n::integer as n", {"value": evil, "n": 3}).table.to_pylist() == [{"value": evil, "n": 3}]
    assert refused(warm, "select $value").code == "query-failed"


def test_a_child_answers_from_the_snapshot_published_now(folder: Path, tmp_path: Path) -> None:
    """After another one is published the next question is answered from it, by another child; without any there is a clear error, and for a damaged one."""
    with Asker(tmp_path) as asker:
        with pytest.raises(NoSnapshot):
            asker.ask("select 1")
        for name in ("000001", "000002"):
            path = Path(shutil.copy(folder / "000001.duckdb", tmp_path / f"{name}.duckdb"))
            path.chmod(0o600)
            with duckdb.connect(str(path)) as connection:
                connection.execute(f"create table mine as select '{name}' as name")
            (tmp_path / "current").write_text(name)
            assert asker.ask("from mine").table.to_pylist() == [{"name": name}]
        (tmp_path / "000003.duckdb").write_bytes(b"no snapshot")
        (tmp_path / "current").write_text("000003")
        with pytest.raises(SnapshotUnreadable):
            asker.ask("select 1")


def test_the_child_sees_no_environment_and_writes_nothing(folder: Path) -> None:
    """It has none of the asker's variables, can open no further file and leaves none; none of it is left once the asker is gone."""
    before = sorted(folder.iterdir())
    with Asker(folder) as asker:
        asker.ask("select * from range(100000) as t(a) order by hash(a)", rows=10)
        pid = asker.pid
        assert Path(f"/proc/{pid}/environ").read_bytes().strip(b"\0") == b""
        limits = Path(f"/proc/{pid}/limits").read_text().splitlines()
        held = {line[:26].strip(): line[26:].split()[0] for line in limits[1:]}
        assert held["Max file size"] == held["Max core file size"] == "0"
        assert int(held["Max open files"]) <= 2 + len(list(Path(f"/proc/{pid}/fd").iterdir()))
        assert held["Max address space"] != "unlimited"
    assert not alive(pid) and sorted(folder.iterdir()) == before


ORPHAN = """
import sys
from pathlib import Path
from warehouse.ask import Asker, Limits
asker = Asker(Path(sys.argv[1]), Limits(seconds=0.7))
asker.ask("select 1")
print(asker.pid, flush=True)
asker.ask(sys.argv[2])
"""


@pytest.mark.parametrize("sql", ["select count(*) from range(1000000000000)", "select max(hash(a.range, b.range)) from range(1000000) a, range(1000000) b"])
def test_no_child_outlives_an_asker_that_is_killed(folder: Path, sql: str) -> None:
    """Whoever asks may be killed while a statement runs: the child ends by itself, at the latest when the kernel's own timer does it."""
    asking = subprocess.Popen([sys.executable, "-c", ORPHAN, str(folder), sql], stdout=subprocess.PIPE, text=True, cwd=HERE.parents[1])
    assert asking.stdout is not None
    pid = int(asking.stdout.readline())
    sleep(0.2)  # so that the statement is on its way
    asking.kill()
    asking.communicate()
    for _ in range(200):
        if not running(pid):
            break
        sleep(0.1)
    assert not running(pid)


def running(pid: int) -> bool:
    """Whether the process is more than an entry that nobody has collected."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_the_child_imports_little() -> None:
    """It begins quickly because it loads nothing of the project but three small modules, and neither pandas nor Great Expectations nor polars."""
    script = "import sys; import warehouse.ask.child; print(sorted(name for name in sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True, cwd=HERE.parents[1]).stdout
    ours = {name for name in eval(loaded) if name.partition(".")[0] in ("contracts", "streams", "vault", "cabin", "quality", "warehouse")}
    assert ours == {"warehouse", "warehouse.ask", "warehouse.ask.child", "warehouse.ask.gate", "warehouse.ask.wire"}
    assert not {"pandas", "polars", "great_expectations", "yaml"} & set(eval(loaded))
