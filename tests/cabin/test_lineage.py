"""Runs are told as OpenLineage events, and forwarded once, whatever the receiver does in between."""

from __future__ import annotations

import json
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from cabin import forwarding
from cabin.clock import BeijingClock
from cabin.ports import open_log
from contracts.errors import CabinError
from contracts.openlineage import named
from contracts.topics import DERIVED
from streams.lineage import told
from tests.cabin.kit import cabin, done
from tests.streams.lineage_kit import EVENT, assertions, counts, events_on, runs, sound, valid


class Broken(CabinError):
    """An expected failure."""

    code = "broken-for-test"


def events(data: Path) -> list[dict[str, Any]]:
    with open_log(data) as log:
        return events_on(log)


@pytest.fixture
def copied(small_cabin: Path, tmp_path: Path) -> Path:
    """A cabin of one's own."""
    return shutil.copytree(small_cabin, tmp_path / "data")


@dataclass
class Receiver:
    """A real server that answers with what is next in `answers`, then always 201, and keeps what it accepted."""

    answers: list[int] = field(default_factory=list)
    taken: list[dict[str, Any]] = field(default_factory=list)
    tokens: set[str | None] = field(default_factory=set)
    url: str = ""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    kept = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            answer = kept.answers.pop(0) if kept.answers else 201
            if answer < 300:
                kept.taken.append(json.loads(body))
                kept.tokens.add(self.headers["Authorization"])
            self.send_response(answer)
            if answer == 302:
                self.send_header("Location", kept.url)
            self.end_headers()

        def do_GET(self) -> None:  # where a redirected POST would arrive
            kept.taken.append({"redirected": True})
            kept.tokens.add(self.headers["Authorization"])
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    kept.url = f"http://127.0.0.1:{server.server_port}/api/v1/lineage"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield kept
    server.shutdown()
    server.server_close()


def test_a_whole_run_is_told(small_cabin: Path) -> None:
    """Landing, normalising, folding and publishing tell their START and COMPLETE in this order, each valid by OpenLineage's schemas, with what they read, made, refused and set aside."""
    found = events(small_cabin)[:8]  # wrong landings that other tests tried in this cabin are told after them
    assert runs(found) == [(job, state) for job in ("land", "normalise", "reconcile", "publish") for state in ("START", "COMPLETE")]
    assert all(sound(each) and each["schemaURL"].startswith(EVENT) for each in found)
    ended = {each["job"]["name"]: each for each in found if each["eventType"] == "COMPLETE"}
    begun = {each["job"]["name"]: each["run"]["runId"] for each in found if each["eventType"] == "START"}
    assert begun == {job: each["run"]["runId"] for job, each in ended.items()} and len(set(begun.values())) == len(begun)
    checks, landed = assertions(ended["normalise"]), counts(ended["land"])
    aside = {name: sum(int(rows) for (topic, check), rows in checks.items() if topic == name and check != "accepted") for name in landed}
    assert {name: int(checks[name, "accepted"]) + aside[name] for name in landed} == landed
    assert counts(ended["normalise"])["topic.cabin.quarantine"] == sum(aside.values()) > 0
    assert counts(ended["reconcile"])["topic.cabin.changes"] > 0
    assert {"marts.household", "marts.population"} <= {each["name"] for each in ended["publish"]["outputs"]}


def test_a_run_that_finds_nothing_to_do_tells_nothing(copied: Path) -> None:
    """Normalising, folding and history are told where they did something: history by the rows of its tables."""
    before = len(events(copied))
    done(copied, "run")
    assert len(events(copied)) == before
    added = done(copied, "--json", "history", "load").document["added"]
    done(copied, "history", "load")
    found = events(copied)[before:]
    assert runs(found) == [("history", "START"), ("history", "COMPLETE")] and all(sound(each) for each in found)
    assert counts(found[1]) == {f"history.{table}": rows for table, rows in added.items() if rows}


def test_a_failure_is_told_by_its_code_only(tmp_path: Path) -> None:
    """An error of ours ends its run as FAIL with its code, a stranger's without its words, which may quote a value; both go on to whoever called."""
    log = open_log(tmp_path, None, 1)
    for error in (Broken(detail="known"), ValueError("330302199001011234")):
        with pytest.raises(type(error)), told(log, BeijingClock(), "publish", [named("topic.cabin.claims")]):
            raise error
    log.close()
    ended = [each for each in events(tmp_path) if each["eventType"] == "FAIL"]
    assert [each["run"]["facets"]["errorMessage"]["message"].partition(":")[0] for each in ended] == ["broken-for-test", "process-crashed"]
    assert "330302" not in json.dumps(events(tmp_path)) and all(valid(EVENT, each) for each in ended)


def test_landing_of_which_nothing_lands_has_failed(tmp_path: Path) -> None:
    """A file that is refused whole gives a run that failed with the refusal's code."""
    (tmp_path / "rental.jsonl").write_text("{}", encoding="utf-8")
    data = tmp_path / "data"
    assert cabin(data, "land", "rental", str(tmp_path / "rental.jsonl")).code != 0
    last = events(data)[-1]
    assert (last["job"]["name"], last["eventType"]) == ("land", "FAIL") and last["run"]["facets"]["errorMessage"]["message"]


def test_no_event_names_a_file(tmp_path: Path) -> None:
    """A file may be called by a person's number: what refused it is told by its class, and neither the name nor anything of its content is on the topic."""
    (tmp_path / "rental_330302199001011234.jsonl").write_text('{"330302199001011234": 1}', encoding="utf-8")
    data = tmp_path / "data"
    assert cabin(data, "land", "rental", str(tmp_path / "rental_330302199001011234.jsonl")).code != 0
    assert runs(events(data))[-1] == ("land", "FAIL") and "330302199001011234" not in json.dumps(events(data))


@pytest.mark.parametrize("taken", [0, 1])
def test_what_cannot_be_told_changes_nothing(taken: int) -> None:
    """Where the log takes nothing, or the beginning and not the end, a run that was right stays right, and one that failed fails with its own error; without a beginning no end is tried."""

    class Full:
        """A log whose disk is full after so many events."""

        asked = 0

        def append(self, *_: object) -> None:
            self.asked += 1
            if self.asked > taken:
                raise sqlite3.OperationalError("database or disk is full")

    log = Full()
    with told(log, BeijingClock(), "land", []) as run:  # type: ignore[arg-type]
        run.failed = None
    assert log.asked == taken + 1
    with pytest.raises(Broken), told(Full(), BeijingClock(), "land", []):  # type: ignore[arg-type]
        raise Broken(detail="known")


def test_events_are_forwarded_once(copied: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every event of the topic is posted in order, what the release makes of what among them, and nothing a second time; the token is shown as a bearer's."""
    monkeypatch.setattr(forwarding, "PAUSES", (0.01, 0.01))
    receiver.answers += [503, 500]
    first = done(copied, "lineage", "send", "--to", receiver.url, "--json", CABIN_LINEAGE_TOKEN="secret").document["forwarded"]
    assert first == len(receiver.taken) and receiver.tokens == {"Bearer secret"}
    assert receiver.taken == events(copied)
    columns = {
        each["outputs"][0]["name"]: each["outputs"][0]["facets"] for each in receiver.taken if "eventType" not in each and each["outputs"][0].get("facets")
    }
    assert columns["marts.household"]["columnLineage"]["fields"]["name"] and all(valid(EVENT, each) for each in receiver.taken)
    assert done(copied, "lineage", "send", "--to", receiver.url, "--json").document["forwarded"] == 0


def test_what_was_derived_anew_is_forwarded_no_second_time(copied: Path, receiver: Receiver) -> None:
    """After the derived topics were made anew the log is of another generation; the lineage topic kept its events, and only what came since is sent."""
    done(copied, "lineage", "send", "--to", receiver.url)
    before = len(receiver.taken)
    log = open_log(copied)
    log.renew(DERIVED)
    log.close()
    assert done(copied, "lineage", "send", "--to", receiver.url, "--json").document["forwarded"] == 0
    done(copied, "run")
    done(copied, "lineage", "send", "--to", receiver.url)
    assert runs(receiver.taken[before:]) == [(job, state) for job in ("normalise", "reconcile", "publish") for state in ("START", "COMPLETE")]
    assert receiver.taken == events(copied)


def test_a_redirect_is_not_followed(copied: Path, receiver: Receiver) -> None:
    """A receiver that sends elsewhere has not accepted: exit code 3, nothing is taken there, and the token is shown to nobody else."""
    receiver.answers += [302]
    said = cabin(copied, "lineage", "send", "--to", receiver.url, CABIN_LINEAGE_TOKEN="secret")
    assert (said.code, receiver.taken) == (3, []) and "HTTP 302" in said.err


def test_a_receiver_that_refuses_stops_the_forwarding(copied: Path, receiver: Receiver) -> None:
    """A refused event is told with exit code 3, and the next forwarding begins with it: in all, each event is taken once."""
    receiver.answers += [201, 201, 400]
    said = cabin(copied, "lineage", "send", "--to", receiver.url)
    assert (said.code, len(receiver.taken)) == (3, 2) and "HTTP 400" in said.err
    done(copied, "lineage", "send", "--to", receiver.url)
    assert receiver.taken == events(copied)


def test_a_file_gets_one_event_a_line(copied: Path, tmp_path: Path) -> None:
    """A file target is appended to and holds what the topic holds; a second file is told everything from the beginning."""
    for name in ("a.ndjson", "b.ndjson"):
        done(copied, "lineage", "send", "--to", str(tmp_path / name))
        assert [json.loads(line) for line in (tmp_path / name).read_text(encoding="utf-8").splitlines()] == events(copied)


@pytest.mark.parametrize("to", ["ftp://127.0.0.1/x", "http://[::1/x", "http:///x", "no/such/folder/x.ndjson", "."])
def test_a_target_that_cannot_be_is_refused(copied: Path, to: str) -> None:
    """What is neither an address of the web nor a file in a folder that exists is refused before anything is read."""
    said = cabin(copied, "lineage", "send", "--to", to)
    assert said.code == 2 and "hint:" in said.err
