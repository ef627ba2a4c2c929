"""From a feed's sample file to readable text: landed, normalised, every fact and quarantined row a line.

`python -m tests.golden.harness` writes the expected texts anew (all, or those of the feeds named); look at the difference before committing it.
Tokens are renamed in the order they appear, so that the text does not depend on the vault; content hashes and lineage are left out.
"""

from __future__ import annotations

import itertools
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pyarrow as pa

from contracts import Contracts, load
from contracts.aliases import UNALIASED, Aliases
from contracts.engine import prepare
from contracts.ports import Stored
from streams.landing import Declared, Landing, land
from streams.log.embedded import EmbeddedLog
from streams.normalise import Derived, decode, normalise_messages
from streams.normalise.batches import sorted_messages
from vault import Vault

SAMPLES = Path(__file__).parent / "feeds"
EXPECTED = "expected.txt"
RECORDED = datetime(2026, 11, 25, 9)
LEFT_OUT = frozenset({"source", "delivery", "repair", "contract_version", "recorded_at", "content", "chunk", "subject", "sealed"})
TOKEN = re.compile(r"\b[pt][0-9a-f]{24}\b")


@dataclass(frozen=True, slots=True)
class Stopped:
    """A clock that stands still."""

    def now(self) -> datetime:
        return RECORDED


def sample_files() -> list[Path]:
    """One sample per feed, in name order."""
    return sorted(path for path in SAMPLES.glob("*/sample.*") if not path.name.endswith(".manifest.json"))


@contextmanager
def landed(contracts: Contracts, feed: str, file: Path) -> Iterator[tuple[list[Stored], Vault, str]]:
    """The sample's raw messages in a temporary cabin, the vault that opens them, and the delivery's id."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        log = stack.enter_context(EmbeddedLog.open(folder / "log.sqlite", 1))
        vault = stack.enter_context(Vault.open(folder / "vault", _counted_bytes()))
        report = land(Landing(log, vault, Stopped(), contracts, folder / "spool"), contracts.feeds[feed], file, Declared())
        yield list(log.read(f"cabin.raw.{feed}", 0, 0)), vault, report.delivery


def rows_of(contracts: Contracts, feed: str, file: Path) -> pa.Table:
    """The sample's landed rows, opened."""
    with landed(contracts, feed, file) as (stored, vault, _):
        return next(batch.rows for batch in sorted_messages(contracts, vault, stored, {}).batches if batch.form == "rows")


def derive(contracts: Contracts, feed: str, file: Path, aliases: Aliases = UNALIASED) -> tuple[Derived, str]:
    """The sample landed and normalised, and the delivery's id."""
    with landed(contracts, feed, file) as (stored, vault, delivery), duckdb.connect() as engine:
        prepare(engine, contracts, threads=1)
        return normalise_messages(engine, contracts, vault, stored, 1, aliases=aliases), delivery


def readable(derived: Derived, delivery: str) -> str:
    """Facts by type and row, quarantined rows, outcomes."""
    sections: dict[str, list[str]] = {}
    for message in [*derived.claims.get(0, []), *derived.quarantine.get(0, [])]:
        lines = sections.setdefault(message.headers["ce_type"], [])
        rows = sorted(decode(message.value).to_pylist(), key=lambda row: row.get("row") or 0)
        lines += [_line(row) for row in rows]
    sections["outcomes"] = [_line(orjson.loads(message.value)) for message in derived.outcomes.get(0, [])]
    text = "\n\n".join(f"# {name}\n" + "\n".join(sections[name]) for name in sorted(sections))
    return _renamed(text.replace(delivery, "delivery")) + "\n"


def expected_text(file: Path, contracts: Contracts) -> str:
    """What the sample derives to now. What is declared about it stands in its manifest (needed for lists only)."""
    return readable(*derive(contracts, file.parent.name, file))


def _line(row: dict[str, Any]) -> str:
    given = {name: _plain(value) for name, value in row.items() if name not in LEFT_OUT and value not in (None, [], {})}
    return " ".join(f"{name}={orjson.dumps(value).decode() if not isinstance(value, str) else value}" for name, value in given.items())


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    return value.isoformat() if isinstance(value, date) else value if isinstance(value, (bool, int, str, list, dict)) else f"{value.normalize():f}"


def _renamed(text: str) -> str:
    names: dict[str, str] = {}
    counts = {"p": itertools.count(1), "t": itertools.count(1)}
    for token in TOKEN.findall(text):
        if token not in names:
            names[token] = f"{'person' if token[0] == 'p' else 'phone'}-{next(counts[token[0]])}"
    return TOKEN.sub(lambda found: names[found[0]], text)


def _counted_bytes() -> Any:
    """Bytes that are the same in every run; a sample has nothing to protect."""
    counter = itertools.count()

    def random_bytes(count: int) -> bytes:
        return b"".join(_blocks(next(counter), count))[:count]

    return random_bytes


def _blocks(seed: int, count: int) -> Iterator[bytes]:
    return (sha256(f"{seed}/{block}".encode()).digest() for block in range(count // 32 + 1))


def main(feeds: list[str]) -> None:
    """Writes the expected texts of `feeds` (none named: of all)."""
    contracts = load()
    for file in sample_files():
        if not feeds or file.parent.name in feeds:
            file.with_name(EXPECTED).write_text(expected_text(file, contracts), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
