"""Who asks: begins the child, waits as long as the limits say, kills it, and tells refusals as errors."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import NoReturn

import pyarrow as pa

from contracts.database import UNSOUND
from contracts.errors import CabinError
from warehouse.ask.errors import EngineNotBegun, QueryEnded, QueryReachesOut, QueryTooLarge, QueryTooLong, QueryTooSlow
from warehouse.ask.limits import BEGIN_SECONDS, CHARACTERS, Limits
from warehouse.ask.wire import GONE, QUESTION, READY, REFUSED, receive, send
from warehouse.errors import QueryFailed, QueryRefused, SnapshotUnreadable
from warehouse.publish import pointed, snapshot_path

BOOT = "import sys; sys.path[:0] = sys.argv[1:-1]; from warehouse.ask.child import main; main()"
"""The child gets the asker's import path and no environment: there is nothing in it for a statement to read."""
REFUSALS: Mapping[str, type[CabinError]] = {each.code: each for each in (QueryRefused, QueryReachesOut, QueryFailed, QueryTooSlow, QueryTooLarge)}


@dataclass(frozen=True, slots=True)
class Answer:
    """The rows of a query; `cut`: there are more than were asked for."""

    table: pa.Table
    cut: bool


class Asker:
    """Answers questions to the published snapshot of a folder. The child goes on for the next question; it is begun anew after one that it did not survive, or once another snapshot is published."""

    def __init__(self, folder: Path, limits: Limits | None = None) -> None:
        self._folder = folder
        self._limits = limits or Limits()
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: socket.socket | None = None
        self._snapshot = ""
        self._deadline = 0.0

    def __enter__(self) -> Asker:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """The child's process, None where there is none."""
        return self._process.pid if self._process else None

    def ask(self, sql: str, values: Mapping[str, object] | None = None, *, rows: int | None = None) -> Answer:
        """The answer to one statement, at most `rows` rows (None: all); `values` are bound to its named parameters: texts, numbers, booleans.

        Raises: `NoSnapshot`, `SnapshotUnreadable`, `EngineNotBegun`; `QueryRefused`, `QueryReachesOut`, `QueryTooLong` where it is not run; `QueryFailed`, `QueryTooSlow`, `QueryTooLarge`, `QueryEnded`.
        """
        if len(sql) > CHARACTERS:
            raise QueryTooLong(characters=CHARACTERS)
        asked = json.dumps({"sql": sql, "values": dict(values or {}), "rows": rows}).encode()
        channel = self._begun()
        try:
            self._deadline = monotonic() + self._limits.deadline_seconds
            self._wait()
            send(channel, QUESTION, asked)
            tag, content = receive(channel, self._wait)
        except BaseException as error:
            self.close()
            if isinstance(error, TimeoutError):
                raise QueryTooSlow(seconds=self._limits.seconds) from None
            if isinstance(error, EOFError | ConnectionError):
                raise QueryEnded() from None
            raise
        if tag == REFUSED:
            self._refuse(json.loads(bytes(content)))
        table = pa.ipc.open_stream(pa.py_buffer(content)).read_all()
        return Answer(table, cut=False) if rows is None or table.num_rows <= rows else Answer(table.slice(0, rows), cut=True)

    def close(self) -> None:
        """Kills the child; another question begins another."""
        if self._channel:
            self._channel.close()
        if self._process:
            self._process.kill()
            self._process.wait()
        self._process = self._channel = None

    def _begun(self) -> socket.socket:
        """As `_ready`, or no child. Raises: `EngineNotBegun`."""
        try:
            return self._ready()
        except BaseException as error:
            self.close()
            if isinstance(error, TimeoutError | EOFError | ConnectionError):
                raise EngineNotBegun(seconds=BEGIN_SECONDS) from None
            raise

    def _ready(self) -> socket.socket:
        """A child that has the snapshot open which is published now."""
        while self._channel is None or self._snapshot != pointed(self._folder):
            self.close()
            path = snapshot_path(self._folder)
            self._deadline = monotonic() + BEGIN_SECONDS
            self._begin(path)
            tag, _ = receive(self._open, self._wait)
            if tag == GONE and pointed(self._folder) == path.stem:
                raise SnapshotUnreadable(snapshot=path.stem)
            if tag != READY:  # it was retired meanwhile
                self.close()
        return self._channel

    def _begin(self, path: Path) -> None:
        limits = self._limits
        given = {"path": str(path), "seconds": limits.seconds, "memory_mb": limits.memory_mb, "threads": limits.threads, "unsound": UNSOUND}
        line = [sys.executable, "-I", "-S", "-c", BOOT, str(Path(__file__).parents[2]), *filter(None, sys.path)]
        ours, theirs = socket.socketpair()
        with theirs:
            nothing: dict[str, str] = {}
            self._process = subprocess.Popen(
                [*line, json.dumps(given)], stdin=theirs.fileno(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=nothing
            )
        self._channel, self._snapshot = ours, path.stem

    @property
    def _open(self) -> socket.socket:
        assert self._channel is not None
        return self._channel

    def _wait(self) -> None:
        """As long as is left."""
        left = self._deadline - monotonic()
        if left <= 0:
            raise TimeoutError
        self._open.settimeout(left)

    def _refuse(self, told: Mapping[str, object]) -> NoReturn:
        values = told["values"]
        assert isinstance(values, dict)
        if told["code"] in (QueryTooSlow.code, QueryTooLarge.code):  # the engine may still hold what it needed
            self.close()
        limits = {"seconds": self._limits.seconds, "megabytes": self._limits.memory_mb}
        raise REFUSALS[str(told["code"])](**limits, **values)
