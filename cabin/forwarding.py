"""What the topic `cabin.lineage` holds, forwarded: each event once to a URL (as OpenLineage's HTTP transport does) or as a line of a file, from where the last forwarding ended.

An event is forwarded again only where this process dies between an event's acceptance and noting it; its run and state tell receivers that it is the same.
"""

from __future__ import annotations

import hashlib
import json
import os
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from http.client import HTTPException
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from cabin.errors import LineageNotTaken, TargetUnusable
from cabin.ledger import messages
from contracts.model import Contracts
from contracts.ports import Log, Stored
from contracts.topics import LINEAGE
from streams.lineage import tell_events
from warehouse.catalogue import mart_files
from warehouse.export.lineage import release_events

SECONDS, TRIES = 10.0, 4
PAUSES = (0.5, 2.0, 8.0)
"""Seconds between tries."""
WEB = ("http://", "https://")


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirected POST would become a GET without the event, and show the token to whoever it is redirected to."""

    def redirect_request(self, *_: object) -> None:
        return None


OPENER = urllib.request.build_opener(_NoRedirect)


class Target(Protocol):
    """Takes events, one after the other."""

    def take(self, event: bytes) -> None:
        """Returns when it is accepted. Raises: `LineageNotTaken`."""


@dataclass(frozen=True, slots=True)
class Url:
    """Where events are posted; `token` goes as a bearer's."""

    address: str
    token: str | None
    wait: Callable[[float], object]

    def take(self, event: bytes) -> None:
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {self.token}"} if self.token else {})
        for pause in (*PAUSES, None):
            try:
                with OPENER.open(urllib.request.Request(self.address, event, headers), timeout=SECONDS):
                    return
            except urllib.error.HTTPError as error:
                if error.code < 500 and error.code != 429:
                    raise LineageNotTaken(answer=f"HTTP {error.code}") from None
                answer = f"HTTP {error.code}"
            except (OSError, HTTPException):
                answer = "-"
            if pause is None:
                raise LineageNotTaken(answer=answer)
            self.wait(pause)


@dataclass(frozen=True, slots=True)
class Lines:
    """A file with one event a line."""

    path: Path

    def take(self, event: bytes) -> None:
        try:
            with self.path.open("ab") as target:
                target.write(event + b"\n")
                target.flush()
                os.fsync(target.fileno())
        except OSError:
            raise LineageNotTaken(answer="-") from None


def target_of(text: str, token: str | None, wait: Callable[[float], object]) -> Target:
    """An address or a file whose folder is there. Raises: `TargetUnusable`."""
    if text.startswith(WEB):
        if not _sound(text) or not (token or "").isprintable():
            raise TargetUnusable()
        return Url(text, token, wait)
    if "://" in text or not Path(text).absolute().parent.is_dir() or Path(text).is_dir():
        raise TargetUnusable()
    return Lines(Path(text))


def _sound(address: str) -> bool:
    try:
        return bool(urlsplit(address).hostname) and urlsplit(address).port != 0 and address.isprintable() and " " not in address
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Forwarder:
    """Forwards to one target; `folder` remembers how far, and which release was told."""

    log: Log
    folder: Path
    name: str
    target: Target

    def forward(self) -> int:
        """How many events were taken now. Raises: `LineageNotTaken`; what was taken before it is remembered."""
        begin, sent = self._position(), 0
        for stored in messages(self.log, LINEAGE, 0, begin):
            self.target.take(stored.message.value)
            self._remember(stored)
            sent += 1
        return sent

    def _position(self) -> int:
        """Where to go on: after the event taken last. At the beginning where the topic does not hold it any more, as on another log; its having expired is no such sign."""
        if not self._file.exists():
            return 0
        held = json.loads(self._file.read_text(encoding="utf-8"))
        last, end = int(held["offset"]), self.log.end(LINEAGE, 0)
        if last >= end:
            return 0
        there = self.log.read(LINEAGE, 0, last, limit_bytes=1)
        expired = not there or there[0].position.offset > last
        return last + 1 if expired or there[0].message.headers["ce_id"] == held["event"] else 0

    def _remember(self, taken: Stored) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        half = self._file.with_suffix(".half")
        half.write_text(json.dumps({"offset": taken.position.offset, "event": taken.message.headers["ce_id"]}), encoding="utf-8")
        half.replace(self._file)

    @property
    def _file(self) -> Path:
        return self.folder / f"{hashlib.sha256(self.name.encode()).hexdigest()[:16]}.json"


def tell_release(log: Log, folder: Path, contracts: Contracts, at: datetime) -> int:
    """Puts what every table of the release in force is made from on the topic, once a release and data folder; how many events that were."""
    marker = folder / "release"
    if marker.exists() and marker.read_text(encoding="utf-8") == contracts.fingerprint and log.end(LINEAGE, 0):
        return 0
    told = release_events(contracts, mart_files(), at)
    for event in told:
        tell_events(log, [event])
    folder.mkdir(parents=True, exist_ok=True)
    marker.write_text(contracts.fingerprint, encoding="utf-8")
    return len(told)
