"""`cabin gateway` as a process: pushed deliveries against the files' accounts, killed in the middle, ended in order, on a real broker."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from cabin.broker import Broker
from cabin.ledger import closings
from contracts.read import load
from contracts.topics import topics
from streams.log import EmbeddedLog
from streams.log.kafka import KafkaLog
from tests.broker import free_port
from tests.cabin.kit import ENVIRONMENT, cabin, done
from tests.streams.lineage_kit import events_on, runs

FORMS = {".csv": "text/csv", ".jsonl": "application/x-ndjson"}
WAIT_SECONDS = 60
ROWS = 12_000
OWNERS = {"ps_resident": "police station", "rental": "rental platform", "visit": "community police"}


class Served:
    """A running gateway and how to push to it."""

    def __init__(self, process: subprocess.Popen[str], address: str, data: Path, settings: Mapping[str, str]) -> None:
        self.process, self.address, self.data, self.settings = process, address, data, settings

    def token(self, feed: str) -> dict[str, str]:
        said = done(self.data, "--json", "gateway", "token", "add", OWNERS[feed], **self.settings).document
        return {"Authorization": f"Bearer {said['token']}"}

    def push(self, feed: str, content: Any, form: str, token: Mapping[str, str], **params: str) -> httpx.Response:
        headers = {**token, "Content-Type": form}
        return httpx.post(f"{self.address}/v1/feeds/{feed}/deliveries", headers=headers, content=content, params=params, timeout=WAIT_SECONDS)

    def get(self, path: str, token: Mapping[str, str] | None = None) -> httpx.Response:
        return httpx.get(self.address + path, headers=dict(token or {}), timeout=WAIT_SECONDS)

    def end(self, how: int = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        return self.process.wait(WAIT_SECONDS)

    def lines(self) -> list[dict[str, Any]]:
        """What it said on standard error."""
        return [json.loads(line) for line in (self.data.parent / "said").read_text(encoding="utf-8").splitlines()]


@contextmanager
def gateway(data: Path, **settings: str) -> Iterator[Served]:
    """A gateway on a free port that answers; ended at the end, whatever happened."""
    data.parent.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, **ENVIRONMENT, "CABIN_DATA": str(data), "CABIN_GATEWAY_PORT": "0", **settings}
    with (data.parent / "said").open("a") as said:
        process = subprocess.Popen([sys.executable, "-m", "cabin", "gateway"], env=environment, stdout=subprocess.PIPE, stderr=said, text=True)
    assert process.stdout is not None
    try:
        address = process.stdout.readline().split()[-1]
        assert address.startswith("http://127.0.0.1:"), (data.parent / "said").read_text(encoding="utf-8")
        yield Served(process, address, data, settings)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        process.stdout.close()


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def leases(count: int) -> bytes:
    """Invented leases as CSV, each with an address of its own."""
    header = "合同编号,房屋地址,出租人证件号,承租人证件号,承租人电话,同住人数,起租日期,终止日期,状态,推送时间"
    rows = (f"HT{n:08d},五马街道解放街{n % 400 + 1}号{n % 7 + 1}幢{n}室,,,138{n:08d},1,2026-01-01,2026-12-31,1,2026-02-01 10:00:00" for n in range(count))
    return "\n".join([header, *rows, ""]).encode()


def test_what_is_pushed_is_what_is_landed_from_files(deliveries: Path, small_cabin: Path, tmp_path: Path) -> None:
    """The small set, landed from files and run, is pushed: each delivery is known as the one from its file; the outcomes told are the accounts of `status`.

    The lines on standard error name no query and no value.
    """
    data, told = shutil.copytree(small_cabin, tmp_path / "data"), {}
    with gateway(data) as served:
        for file in sorted(each for each in deliveries.iterdir() if each.suffix in FORMS):
            manifest = json.loads(file.with_name(file.name + ".manifest.json").read_text(encoding="utf-8"))
            feed = manifest.pop("feed")
            token = served.token(feed)
            answer = served.push(feed, file.read_bytes(), FORMS[file.suffix], token, **{name: str(value) for name, value in manifest.items()})
            assert (answer.status_code, answer.json()["already_landed"]) == (200, True), answer.text
            told[feed] = served.get(answer.headers["location"], token).json()
        assert served.end() == 0
    for account in done(data, "--json", "status").document["feeds"]:
        outcome = told.pop(account["feed"])
        assert account["deliveries"] == 1 and outcome["normalised"] and outcome["normalised_rows"] == outcome["landed"]
        assert all(outcome[name] == account[name] for name in ("delivered", "refused", "reduced", "layout", "landed", "accepted", "quarantined"))
        assert sum(outcome["reasons"].values()) == outcome["quarantined"]
        assert outcome["quarantined"] or account["feed"] == "visit"
    assert told == {}
    assert not any("dropped" in line for line in served.lines())
    asked = [line for line in served.lines() if line["event"] == "gateway.request"]
    assert len(asked) == 6 and {"method", "route", "status", "seconds", "feed"} <= set(asked[0])
    assert "330302" not in json.dumps(asked) and "snapshot" not in json.dumps(asked)


@pytest.mark.parametrize("when", ["*.tmp", "*.spool"])
def test_killed_in_the_middle_of_a_landing_nothing_is_lost_or_doubled(tmp_path: Path, when: str) -> None:
    """kill -9 while the spool is being written, or once it is whole: no answer, no clear file left by the next gateway, and the same push lands every row once."""
    data, content = tmp_path / "data", leases(ROWS)
    with gateway(data) as served, ThreadPoolExecutor(1) as pool:
        token = served.token("rental")
        pushed = pool.submit(served.push, "rental", content, "text/csv", token)
        until(lambda: any((data / "spool").glob(when)) or pushed.done())
        served.end(signal.SIGKILL)
        assert isinstance(pushed.exception(), httpx.TransportError)
    with gateway(data) as served:
        assert list((data / "gateway" / "uploads").iterdir()) == []
        answer = served.push("rental", content, "text/csv", token)
        assert answer.status_code in (200, 201) and answer.json()["landed"] == ROWS
    with EmbeddedLog.open(data / "log.sqlite") as log:
        assert [fact["landed"] for fact in closings(log)] == [ROWS]
        partitions = [log.headers("cabin.raw.rental", partition, 0) for partition in range(log.partitions)]
        assert sum(int(headers["rows"]) for each in partitions for _, headers in each if headers["ce_type"] == "raw.rows") == ROWS


def test_told_to_end_it_finishes_the_landing_under_way(tmp_path: Path) -> None:
    """SIGTERM in the middle of a landing: the client still gets its 201, then the process ends with 0 and takes no more."""
    data = tmp_path / "data"
    with gateway(data) as served, ThreadPoolExecutor(1) as pool:
        token = served.token("rental")
        pushed = pool.submit(served.push, "rental", leases(ROWS), "text/csv", token)
        until(lambda: any((data / "spool").glob("*.tmp")) or pushed.done())
        assert served.end() == 0
        assert pushed.result().status_code == 201
        with pytest.raises(httpx.TransportError):
            served.get("/health")
    assert done(data, "--json", "status").document["feeds"][0]["landed"] == ROWS


def test_a_client_that_goes_away_in_mid_body_leaves_nothing(tmp_path: Path) -> None:
    """Half a body and a closed connection: no upload and no message, a line and a count; a second gateway on the folder is refused meanwhile, and so is its port."""
    data, measured = tmp_path / "data", free_port()
    with gateway(data, CABIN_METRICS_PORT=str(measured)) as served:
        token, uploads = served.token("rental"), data / "gateway" / "uploads"
        host, port = served.address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as line:
            head = f"POST /v1/feeds/rental/deliveries HTTP/1.1\r\nHost: x\r\nAuthorization: {token['Authorization']}\r\nContent-Type: text/csv\r\nContent-Length: 999999\r\n\r\n"
            line.sendall(head.encode() + leases(100))
            until(lambda: any(uploads.iterdir()))
        until(lambda: not any(uploads.iterdir()))
        until(lambda: 'status="499"' in httpx.get(f"http://127.0.0.1:{measured}/metrics").text)
        assert cabin(data, "gateway").code == 3 and "gateway-running" in cabin(data, "--json", "gateway").out
        assert "address-unusable" in cabin(tmp_path / "other", "--json", "gateway", CABIN_GATEWAY_PORT=port).out
        assert served.end() == 0
    assert [line["status"] for line in served.lines() if line["event"] == "gateway.request"] == [499]
    assert done(data, "--json", "status").document["feeds"] == []


def test_tokens_are_made_listed_and_revoked(tmp_path: Path) -> None:
    """By the department's Chinese or English name; the list has no secret; an unknown department or token is told."""
    made = [done(tmp_path, "--json", "gateway", "token", "add", name).document for name in ("租赁平台", "rental platform")]
    assert {each["department"] for each in made} == {"rental platform"} and made[0]["token"] != made[1]["token"]
    listed = done(tmp_path, "--json", "gateway", "token", "list")
    assert [each["id"] for each in listed.document["tokens"]] == [each["id"] for each in made]
    assert not any(each["token"] in listed.out for each in made)
    assert done(tmp_path, "--json", "gateway", "token", "revoke", "租赁平台", "--id", made[0]["id"]).document == {"revoked": 1}
    assert done(tmp_path, "--json", "gateway", "token", "revoke", "租赁平台").document == {"revoked": 1}
    assert "token-not-found" in cabin(tmp_path, "--json", "gateway", "token", "revoke", "租赁平台").out
    unknown = cabin(tmp_path, "gateway", "token", "add", "nobody")
    assert unknown.code == 2 and "rental platform" in unknown.err


@pytest.fixture
def emptied(broker: Broker, tmp_path: Path) -> Iterator[Broker]:
    """The broker without a message before and after: each data folder has a vault of its own."""
    done(tmp_path, "topics", "apply", CABIN_BROKERS=broker.address)
    with KafkaLog.open(broker.address, topics(load(), 2)) as log:
        log.renew(log.topics())
        yield broker
        log.renew(log.topics())


def test_on_a_broker_a_delivery_is_acknowledged_once_it_is_there(emptied: Broker, tmp_path: Path) -> None:
    """Ready; pushed twice: 201, then 200, once on the broker; its outcome is told from there."""
    with gateway(tmp_path / "data", CABIN_BROKERS=emptied.address) as served:
        token = served.token("rental")
        assert served.get("/health").json() == {"live": True, "ready": True}
        answers = [served.push("rental", leases(5), "text/csv", token) for _ in range(2)]
        assert [each.status_code for each in answers] == [201, 200], answers[0].text
        outcome = served.get(answers[0].headers["location"], token).json()
        assert (outcome["landed"], outcome["normalised"]) == (5, False)
        assert served.end() == 0
    with KafkaLog.open(emptied.address, topics(load(), 2)) as log:
        assert [fact["landed"] for fact in closings(log)] == [5]
        assert runs(events_on(log)) == [("land", "START"), ("land", "COMPLETE")]
