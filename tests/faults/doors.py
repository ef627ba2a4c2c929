"""How deliveries come in: as files with `cabin land`, or pushed to `cabin gateway` over HTTP. Whoever stands at the door believes only what it was told."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import httpx

from contracts.read import load
from tests.cabin.kit import done
from tests.faults.deliveries import Delivery, Wave
from tests.faults.processes import CABIN

COUNTS = ("delivered", "refused", "reduced", "layout", "landed")
FORMS = {".csv": "text/csv", ".jsonl": "application/x-ndjson"}
"""What the gateway takes; other files are landed by command."""
DECLARED = ("mode", "moment", "area", "rows")
ANSWER_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """What a sender was told of one file."""

    delivery: Delivery
    name: str
    counts: Mapping[str, int]


class Door(Protocol):
    """How deliveries come in; both calls say what was acknowledged, nothing where the other side died or was away."""

    def deliver(self, wave: Wave) -> Sequence[Acknowledged]: ...

    def recall(self, name: str, undo: bool) -> bool: ...

    def kill(self) -> None:
        """SIGKILL for whatever process is at work for this door now."""
        ...


class CommandDoor:
    """`cabin land` and `cabin feed recall`, each a process of its own."""

    def __init__(self, environment: Mapping[str, str], said: Path) -> None:
        self._environment = {**os.environ, **environment}
        self._said = said
        self._process: subprocess.Popen[bytes] | None = None

    def deliver(self, wave: Wave) -> Sequence[Acknowledged]:
        document = self._run("land", "auto", str(wave.folder))
        files = {each.file.name: each for each in wave.deliveries}
        return [_acknowledged(files[each["file"]], each) for each in document.get("landed", []) if "error" not in each]

    def recall(self, name: str, undo: bool) -> bool:
        return "decision" in self._run("feed", "recall", name, "--reason", "演练", *(["--undo"] if undo else []))

    def kill(self) -> None:
        process = self._process
        if process is not None and process.poll() is None:
            process.kill()

    def _run(self, *arguments: str) -> dict[str, Any]:
        with self._said.open("ab") as said:
            self._process = subprocess.Popen([*CABIN, "--json", *arguments], env=self._environment, stdout=subprocess.PIPE, stderr=said)
            out, _ = self._process.communicate()
        try:
            found: dict[str, Any] = json.loads(out)
        except ValueError:
            return {}
        return found


def _acknowledged(delivery: Delivery, told: Mapping[str, Any]) -> Acknowledged:
    return Acknowledged(delivery, told["delivery"], {name: told[name] for name in COUNTS})


class GatewayDoor(CommandDoor):
    """`POST` to the gateway for what it takes, under one idempotency key per file however often it is tried; what it does not take, and recalls, by command."""

    def __init__(self, environment: Mapping[str, str], said: Path, address: str) -> None:
        super().__init__(environment, said)
        self._address = address
        data = Path(environment["CABIN_DATA"])
        owners = {name: feed.department.en for name, feed in load().feeds.items()}
        tokens = {owner: done(data, "--json", "gateway", "token", "add", owner).document["token"] for owner in sorted(set(owners.values()))}
        self._tokens = {name: tokens[owner] for name, owner in owners.items()}

    def deliver(self, wave: Wave) -> Sequence[Acknowledged]:
        pushed = [found for each in wave.deliveries if each.file.suffix in FORMS and (found := self._pushed(each))]
        others = tuple(each for each in wave.deliveries if each.file.suffix not in FORMS)
        return [*pushed, *(found for each in others for found in self._landed(each))]

    def _pushed(self, delivery: Delivery) -> Acknowledged | None:
        manifest = json.loads(delivery.file.with_name(delivery.file.name + ".manifest.json").read_text())
        headers = {
            "authorization": f"Bearer {self._tokens[delivery.feed]}",
            "content-type": FORMS[delivery.file.suffix],
            "idempotency-key": "/".join(delivery.file.parts[-2:]),
        }
        given = {name: str(manifest[name]) for name in DECLARED if name in manifest}
        try:
            said = httpx.post(
                f"{self._address}/v1/feeds/{delivery.feed}/deliveries",
                headers=headers,
                params=given,
                content=delivery.file.read_bytes(),
                timeout=ANSWER_SECONDS,
            )
            return _acknowledged(delivery, said.json()) if said.is_success else None
        except (httpx.HTTPError, ValueError):
            return None

    def _landed(self, delivery: Delivery) -> Sequence[Acknowledged]:
        document = self._run("land", "auto", str(delivery.file))
        return [_acknowledged(delivery, each) for each in document.get("landed", []) if "error" not in each]
