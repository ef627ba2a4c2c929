"""A gateway in process: real routes, real landing over an embedded log and a vault, the hand-made feeds of the landing tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import httpx

from contracts.metrics import Type, declared
from contracts.model import Label
from streams.gateway import Berths, Departments, Gateway, Keys, Limits, Watch, build
from streams.landing import Landing, Sizes
from streams.landing.many import Opener
from streams.log.embedded import EmbeddedLog
from tests.streams.landing.kit import CONTRACTS, OBJECTS, PEOPLE, FixedClock, csv_bytes, engine, people
from vault import Vault

Found = TypeVar("Found")
REGISTER, PATROL = "household register", "patrol"
OWNED = replace(
    CONTRACTS,
    feeds={
        "people": replace(PEOPLE, department=Label("户籍", REGISTER)),
        "objects": replace(OBJECTS, department=Label("巡查", PATROL)),
    },
)
PEOPLE_PATH, OBJECTS_PATH = "/v1/feeds/people/deliveries", "/v1/feeds/objects/deliveries"
CSV = {"Content-Type": "text/csv"}


@dataclass
class Meters:
    """Implements `Meter`; keeps what it was told, and takes only what the catalogue names."""

    told: dict[tuple[str, ...], float] = field(default_factory=dict)

    def count(self, name: str, amount: float = 1, **labels: str) -> None:
        self._add(name, Type.COUNTER, amount, labels)

    def gauge(self, name: str, value: float, **labels: str) -> None:
        self.told.pop((name, *labels.values()), None)
        self._add(name, Type.GAUGE, value, labels)

    def observe(self, name: str, value: float, **labels: str) -> None:
        """Counts the observations."""
        self._add(name, Type.HISTOGRAM, 1, labels)

    def _add(self, name: str, kind: Type, amount: float, labels: Mapping[str, str]) -> None:
        declared(name, kind, labels)
        key = (name, *labels.values())
        self.told[key] = self.told.get(key, 0) + amount


@contextmanager
def landing_in(folder: Path, engine: duckdb.DuckDBPyConnection | None = None) -> Iterator[Landing]:
    """Ports of their own, as every berth opens them; several messages to a delivery."""
    with EmbeddedLog.open(folder / "log.sqlite") as log, Vault.open(folder / "vault") as vault:
        sizes = Sizes(message_rows=3, append_bytes=600, lock_seconds=20)
        yield Landing(log, vault, FixedClock(), OWNED, folder / "spool", sizes=sizes, engine=engine)


def gateway_in(folder: Path, opener: Opener | None = None, watch: Watch | None = None, **limits: Any) -> Gateway:
    """A gateway over a folder; the same folder again is the gateway started again. One berth, which borrows the landing tests' engine, unless more are asked for."""
    engine_at_hand = engine() if limits.setdefault("landings", 1) == 1 else None
    opener = opener or partial(landing_in, folder, engine=engine_at_hand)
    (folder / "gateway" / "uploads").mkdir(parents=True, exist_ok=True)
    settings = Limits(**{"rate": 10_000, **limits})
    return Gateway(
        OWNED,
        Departments(folder / "departments.json"),
        Keys(folder / "gateway" / "keys.sqlite", FixedClock()),
        Berths(opener, settings.landings, watch or Watch()),
        Berths(opener, 1, watch or Watch(), lands=False),
        folder / "gateway" / "uploads",
        settings,
        meter=Meters(),
    )


def serving(gateway: Gateway, talk: Callable[[httpx.AsyncClient], Awaitable[Found]]) -> Found:
    """What a conversation with the served gateway gives; its end is the gateway's."""

    async def whole() -> Found:
        app = build(gateway)
        async with app.router.lifespan_context(app), httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://cabin") as client:
            return await talk(client)

    return asyncio.run(whole())


def token_of(folder: Path, department: str = REGISTER) -> dict[str, str]:
    """The header of a new token."""
    _, token = Departments(folder / "departments.json").add(department, FixedClock())
    return {"Authorization": f"Bearer {token}"}


def posted(
    gateway: Gateway,
    headers: Mapping[str, str],
    content: bytes | AsyncIterator[bytes],
    path: str = PEOPLE_PATH,
    params: Sequence[tuple[str, str]] = (),
) -> httpx.Response:
    """The answer to one delivery, pushed to a gateway that begins for it and ends after it."""
    return serving(gateway, lambda client: client.post(path, headers=headers, content=content, params=list(params)))


def people_csv(count: int, start: int = 0) -> bytes:
    return csv_bytes(people(count, start))


async def pieces(content: bytes, size: int) -> AsyncIterator[bytes]:
    """A body of unannounced length."""
    for start in range(0, len(content), size):
        yield content[start : start + size]
