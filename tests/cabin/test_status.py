"""`cabin status`, once and live: where rows are, how old what waits is, and that looking again costs only what is new."""

from __future__ import annotations

import os
import pty
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cabin.accounts import Accounts
from cabin.followed import Backlog, Followed
from cabin.ledger import accounts, counts
from cabin.metrics import metered
from contracts.ports import Message, Stored
from streams.log import EmbeddedLog
from tests.broker import free_port
from tests.cabin.kit import ENVIRONMENT, cabin, done

ROOT = Path(__file__).parents[2]


class Counting:
    """A real log that counts how often each message is read."""

    def __init__(self, log: EmbeddedLog) -> None:
        self._log = log
        self.taken: Counter[tuple[str, int, int]] = Counter()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)

    def headers(self, topic: str, partition: int, start: int) -> Sequence[tuple[int, Mapping[str, str]]]:
        found = self._log.headers(topic, partition, start)
        self.taken.update((topic, partition, offset) for offset, _ in found)
        return found

    def read(self, topic: str, partition: int, start: int, limit_bytes: int = 64_000_000) -> Sequence[Stored]:
        found = self._log.read(topic, partition, start, limit_bytes)
        self.taken.update((topic, partition, stored.position.offset) for stored in found if limit_bytes > 1)
        return found


def steps(document: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    return {each["step"]: (each["rows"], each["messages"]) for each in document["steps"]}


def test_a_cabin_without_backlog(small_cabin: Path) -> None:
    """Nothing waits, every account balances; of the fold, which no worker measures here, only what is published tells, which is said."""
    document = done(small_cabin, "--json", "status").document
    assert steps(document) == {"normalise": (0, 0), "fold": (0, 0), "load": (0, 0)}
    assert [each["seconds"] for each in document["steps"]] == [0.0, 0.0, 0.0] and document["now"]["at_most"] == ["fold"]
    assert (
        document["broken_accounts"] == []
        and document["reasons"]
        and sum(document["reasons"].values()) == sum(each["quarantined"] for each in document["feeds"])
    )
    assert document["now"]["snapshot_age_seconds"] >= 0 and document["now"]["state_bytes"] > 0 and document["now"]["rates"] == {}


def test_a_snapshot_of_nothing_says_so(tmp_path: Path) -> None:
    """A cabin that was run before anything was landed has a snapshot, and no moment of long ago: in both languages it says that nothing was recorded yet."""
    done(tmp_path, "run")
    for lang, words in (("en", "nothing recorded yet"), ("zh", "尚无任何记录")):
        told = done(tmp_path, "--lang", lang, "status").out
        assert words in told and "1970" not in told


def test_what_is_landed_waits_until_it_is_run(deliveries: Path, tmp_path: Path) -> None:
    """Landed rows are behind at normalise and nowhere else; after the run nowhere; before anything is published status says so."""
    empty = done(tmp_path, "--json", "status").document
    assert (steps(empty)["normalise"], empty["snapshot"], empty["now"]["snapshot_age_seconds"]) == ((0, 0), None, None)
    done(tmp_path, "land", "auto", str(deliveries / "2_rental.jsonl"))
    landed = done(tmp_path, "--json", "status").document
    (feed,) = landed["feeds"]
    assert steps(landed)["normalise"][0] == feed["landed"] == feed["behind"] == 13 and steps(landed)["load"] == (0, 0)
    done(tmp_path, "run")
    assert steps(done(tmp_path, "--json", "status").document)["normalise"] == (0, 0)


def test_looking_again_reads_only_what_is_new(small_cabin: Path, deliveries: Path, tmp_path: Path) -> None:
    """Over many looks, with landing and running in between, each message is read once, and the accounts are those of reading everything at once."""
    data = shutil.copytree(small_cabin, tmp_path / "data")
    with EmbeddedLog.open(data / "log.sqlite") as log:
        counting = Counting(log)
        followed = Followed(counting)  # type: ignore[arg-type]
        followed.refresh()
        first = sum(counting.taken.values())
        followed.refresh()
        assert sum(counting.taken.values()) == first > 0
        more = tmp_path / "rental.jsonl"
        more.write_bytes(b"".join((deliveries / "2_rental.jsonl").read_bytes().splitlines(keepends=True)[:4]))
        for arguments, waiting in ((("land", "rental", str(more), "--mode", "increment"), 4), (("run",), 0)):
            done(data, *arguments)
            followed.refresh()
            assert followed.unnormalised().rows == waiting
            assert followed.accounts.counts() == counts(log)
        assert set(counting.taken.values()) == {1}


def test_a_log_made_anew_is_followed_from_its_beginning(small_cabin: Path, tmp_path: Path) -> None:
    """Derived topics that were renewed: everything landed waits again, no claim is counted."""
    data = shutil.copytree(small_cabin, tmp_path / "data")
    with EmbeddedLog.open(data / "log.sqlite") as log:
        followed = Followed(log)
        followed.refresh()
        assert followed.claims > 0 and followed.unnormalised() == Backlog()
        log.renew(["cabin.claims", "cabin.outcomes"])
        followed.refresh()
        assert followed.claims == 0 and followed.unnormalised().rows == sum(each.landed for each in followed.accounts.counts())


def test_what_tells_of_another_log_or_of_nothing_counts_for_nothing(tmp_path: Path) -> None:
    """An outcome told to an earlier generation leaves its raw message waiting; a closing that cannot be read, or does not say what it must, is none."""
    with EmbeddedLog.open(tmp_path / "log.sqlite", 1) as log:
        raw, names = "cabin.raw.rental", {"ce_time": "2026-01-01", "ce_id": "d/0", "feed": "rental"}
        log.append(raw, 0, [Message(b"", {**names, "ce_type": "raw.rows", "rows": "5"})])
        log.append(raw, 0, [Message(value, {**names, "ce_type": "delivery.closed"}) for value in (b"\xff", b"[]", b'{"source": "rental"}')])
        told = {**names, "ce_type": "outcome", "raw_topic": raw, "raw_partition": "0", "raw_offset": "0"}
        value = b'{"feed": "rental", "type": "raw.rows", "outcome": "normalised", "rows": 5, "accepted": 5, "quarantined": {}, "delivery": "d"}'
        followed = Followed(log)
        for generation, waiting, normalised in (("another", 5, 0), (log.generation, 0, 5)):
            log.append("cabin.outcomes", 0, [Message(value, {**told, "generation": generation})])
            followed.refresh()
            assert followed.unnormalised().rows == waiting and followed.unnormalised().messages == 3 + bool(waiting)
            assert sum(count.normalised for count in followed.accounts.counts()) == sum(count.normalised for count in counts(log)) == normalised
        assert sum(count.deliveries for count in counts(log)) == 0


def test_backlogs_tell_rows_and_the_age_of_the_oldest(tmp_path: Path) -> None:
    """Only claims count as rows, every message can be the oldest; positions are next offsets by partition; an age is never negative."""
    with EmbeddedLog.open(tmp_path / "log.sqlite", 2) as log:
        moments = [datetime(2026, 1, 1) + timedelta(hours=hour) for hour in (3, 1, 2)]
        for fact, moment, rows, partition in zip(("claim.person", "closed", "claim.place"), moments, (7, 1, 5), (0, 0, 1), strict=True):
            log.append("cabin.claims", partition, [Message(b"", {"ce_type": fact, "ce_time": moment.isoformat(), "rows": str(rows)})])
        followed = Followed(log)
        followed.refresh()
    assert followed.claims == 12 and followed.claims_from({}) == Backlog(12, 3, moments[1])
    assert followed.claims_from({0: 1}) == Backlog(5, 2, moments[1]) and followed.claims_from({0: 2, 1: 0}) == Backlog(5, 1, moments[2])
    assert followed.claims_from({0: 2, 1: 1}) == Backlog()
    assert (Backlog(1, 1, moments[1]).seconds(moments[0]), Backlog(1, 1, moments[0]).seconds(moments[1]), Backlog().seconds(moments[0])) == (7200, 0, 0)


def test_an_outcome_told_twice_counts_once(small_cabin: Path) -> None:
    """A worker that crashed repeats what it did last: no account is broken by that."""
    with EmbeddedLog.open(small_cabin / "log.sqlite") as log:
        once, twice = accounts(log), accounts(log)
        for partition in range(log.partitions):
            for stored in log.read("cabin.outcomes", partition, 0):
                twice.outcome(stored.message.headers, {**_json(stored)})
    assert twice.counts() == once.counts() and twice.broken() == []


def test_a_copy_told_of_twice_counts_once() -> None:
    """A worker that crashed tells again what became of a raw message: its rows are copies once, and those of another copy besides."""
    found = Accounts()
    copy = {"feed": "rental", "type": "raw.rows", "outcome": "duplicate", "delivery": "d", "rows": 3, "accepted": 0, "quarantined": {}}
    for offset in ("5", "5", "9"):
        found.outcome({"ce_id": "d/0", "raw_topic": "cabin.raw.rental", "raw_partition": "0", "raw_offset": offset}, copy)
    assert [each.copies for each in found.counts()] == [6]


def test_accounts_that_do_not_balance_are_named() -> None:
    """Rows lost between delivery and landing, rows lost in normalising, more rows normalised than landed."""
    closed = {"source": "rental", "delivered": 3, "refused": 0, "reduced": 0, "layout": 0, "landed": 3}
    outcome = {"feed": "rental", "type": "raw.rows", "outcome": "normalised", "rows": 3, "accepted": 2, "quarantined": {"x": 1}}
    found = Accounts()
    for name, closing, settled in (("fine", {}, {}), ("short", {"delivered": 4}, {}), ("lost", {}, {"accepted": 1}), ("made", {}, {"rows": 4, "accepted": 3})):
        found.closed(f"{name}/1", {**closed, "delivery": name, **closing})
        found.outcome({"ce_id": f"{name}/0"}, {**outcome, "delivery": name, **settled})
    assert found.broken() == ["lost", "made", "short"]


@pytest.mark.parametrize(("partitions", "outbox"), [((0, 1), 4), ((0,), None)])
def test_the_fold_is_what_workers_of_this_machine_measure(small_cabin: Path, partitions: tuple[int, ...], outbox: int | None) -> None:
    """Where every partition is measured: the rows of so many messages at the log's end, exactly. Where a partition's worker is elsewhere, what is published tells."""
    port = free_port()
    with EmbeddedLog.open(small_cabin / "log.sqlite") as log:
        last = [headers for partition in (0, 1) for _, headers in log.headers("cabin.claims", partition, 0)[-2 - partition :]]
    rows = sum(int(headers["rows"]) for headers in last if headers["ce_type"].startswith("claim."))
    with metered("127.0.0.1", port + 1) as meter:
        for partition in partitions:
            meter.gauge("cabin_lag_messages", 2 + partition, step="fold", partition=str(partition))
            meter.gauge("cabin_outbox_messages", 2, partition=str(partition))
        document = done(small_cabin, "--json", "status", CABIN_METRICS_PORT=str(port)).document
    measured = outbox is not None
    assert steps(document)["fold"] == ((rows, 5) if measured else (0, 0)) and document["now"]["outbox"] == outbox
    assert document["now"]["at_most"] == ([] if measured else ["fold"])


def test_what_is_published_says_how_far_the_fold_is_at_most(small_cabin: Path, tmp_path: Path) -> None:
    """Claims behind the last change may wait, in rows and messages; a stranger's change and one of another log tell nothing; people see that it is a bound, and how to know more."""
    data = shutil.copytree(small_cabin, tmp_path / "data")
    with EmbeddedLog.open(data / "log.sqlite") as log:
        log.append("cabin.claims", 0, [Message(b"", {"ce_type": "claim.person", "ce_time": "2026-01-01", "rows": "1234"})])
        log.append("cabin.changes", 0, [Message(b"", {"ce_type": "golden.person"}), Message(b"", {"ce_type": "x", "generation": "other", "applied": "99999"})])
        assert steps(done(data, "--json", "status").document)["fold"] == (1234, 1)
        for lang, word in (("zh", "最多"), ("en", "at most")):
            said = done(data, "status", lang=lang).out
            assert "≤ 1,234" in said and word in said and "CABIN_METRICS_PORT" in said
        log.append("cabin.changes", 0, [Message(b"", {"ce_type": "golden.person", "generation": log.generation, "applied": str(log.end("cabin.claims", 0))})])
    assert steps(done(data, "--json", "status").document)["fold"] == (0, 0) and "≤" not in done(data, "status", lang="en").out


@pytest.mark.parametrize(("lang", "word"), [("zh", "标准化"), ("en", "normalise")])
def test_watching_shows_page_after_page(small_cabin: Path, lang: str, word: str) -> None:
    """Where nobody watches, each look is a page below the last; the second one has rates."""
    said = cabin(small_cabin, "status", "--watch", "--times", "2", "--every", "0.1", lang=lang)
    pages = [line.split() for line in said.out.splitlines() if line.startswith(word)]
    assert (said.code, said.err) == (0, "")
    assert [page[-1] for page in pages if len(page) == 5] == ["-", "0"]


def test_watching_for_a_machine_gives_one_document(small_cabin: Path) -> None:
    """The last look, rates included, otherwise what one look gives."""
    once = done(small_cabin, "--json", "status").document
    live = done(small_cabin, "--json", "status", "--watch", "--times", "2", "--every", "0.1").document
    assert live["now"]["rates"] == {"land": 0, "normalise": 0, "load": 0}
    for document in (once, live):
        del document["now"], document["steps"]
    assert once == live


def test_ctrl_c_ends_watching_as_meant(small_cabin: Path) -> None:
    """On a terminal the page is shown in place; Ctrl-C ends it with exit code 0 and no traceback."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, **ENVIRONMENT, "CABIN_DATA": str(small_cabin), "PYTHONPATH": str(ROOT), "TERM": "xterm"}
    process = subprocess.Popen(
        [sys.executable, "-m", "cabin", "status", "--watch", "--every", "0.2"], stdout=theirs, stderr=subprocess.PIPE, stdin=theirs, env=environment, cwd=ROOT
    )
    os.close(theirs)
    shown = b""
    while shown.count(b"rows behind") < 2:
        shown += os.read(ours, 10_000)
    process.send_signal(signal.SIGINT)
    assert process.stderr is not None and process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(20) == 0
    os.close(ours)
    assert b"\x1b[" in shown


def _json(stored: Stored) -> dict[str, Any]:
    import orjson

    found: dict[str, Any] = orjson.loads(stored.message.value)
    return found
