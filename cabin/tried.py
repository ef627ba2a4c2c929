"""A sample tried under a contract: landed and normalised as a delivery would be, in a folder and with a vault that end with the command."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from cabin.clock import BeijingClock
from cabin.ports import own_feeds
from contracts.model import Classification, Contracts, Feed
from contracts.normalising.shared import words_of
from contracts.odcs import document_of
from contracts.read import load, read_text
from contracts.topics import RAW
from streams.landing import Declared, Landing, Report, engine_of, land
from streams.landing.fates import Fate, fates
from streams.log import EmbeddedLog
from streams.normalise import Derived, decode, normalise_messages
from vault import Vault

SHORT = 8
"""Characters of an entity's id that are shown."""
CLAIM = "claim."


@dataclass(slots=True)
class Row:
    """What became of one delivered row. `claims`: kind, shortened id, attributes filled, plain ones with their value."""

    row: int
    fate: str
    reason: str = ""
    flags: set[str] = field(default_factory=set)
    claims: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Tried:
    """All rows of the sample in order, what landing reported, and how many claims there are of each kind."""

    feed: Feed
    contracts: Contracts
    report: Report
    rows: list[Row]
    claims: Counter[str]


def contracts_with(data: Path, file: Path) -> tuple[Contracts, str]:
    """The shipped contracts, the data folder's own and this one, which takes the place of an own one of its name; and its name.

    Raises: `InvalidContract`.
    """
    name = str(document_of(read_text(file), file.name).id)
    folders = own_feeds(data)
    members = [each for folder in folders for each in sorted(folder.iterdir()) if each.suffix in (".yaml", ".csv")]
    others = [each for each in members if each.suffix == ".csv" or str(document_of(read_text(each), each.name).id) != name]
    return load(extra=(*others, file)), name


def tried(contracts: Contracts, name: str, sample: Path) -> Tried:
    """The sample as an increment of the feed. Raises: what `land` raises."""
    feed = replace(contracts.feeds[name], modes=("increment",))
    declared = Declared(mode="increment")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cabin-test-")))
        log = stack.enter_context(EmbeddedLog.open(folder / "log.sqlite", 1))
        vault = stack.enter_context(Vault.open(folder / "vault"))
        engine = stack.enter_context(engine_of(contracts))
        landing = Landing(log, vault, BeijingClock(), contracts, folder / "spool", engine=engine)
        report = land(landing, feed, sample, declared)
        derived = normalise_messages(engine, contracts, vault, log.read(f"{RAW}{name}", 0, 0), 1)
        rows, claims = _rows(contracts, feed, derived)
        missing = set(range(1, report.delivered + 1)) - rows.keys()
        gone = fates(landing, feed, sample, missing, engine, declared) if missing else []
    rows |= {each.row: _gone(each) for each in gone}
    return Tried(feed, contracts, report, [rows[number] for number in sorted(rows)], claims)


def _gone(each: Fate) -> Row:
    return Row(each.row, each.fate, each.rule or "")


def _rows(contracts: Contracts, feed: Feed, derived: Derived) -> tuple[dict[int, Row], Counter[str]]:
    """The rows that landed, and the claims of each kind."""
    found: dict[int, Row] = {}
    counts: Counter[str] = Counter()
    shown = {target: _open_attributes(contracts, feed, target) for target in {mapping.target for mapping in feed.mappings}}
    for message in derived.quarantine.get(0, []):
        for row in decode(message.value).to_pylist():
            at = f":{row['column']}" if row["column"] else ""
            found[row["row"]] = Row(row["row"], "quarantined", f"{row['reason']}{at}")
    for message in derived.claims.get(0, []):
        type_ = message.headers["ce_type"]
        table = decode(message.value) if type_ in {*shown, *(f"{CLAIM}{target}" for target in shown)} else None
        for row in table.to_pylist() if table is not None else ():
            one = found.setdefault(row["row"], Row(row["row"], "accepted"))
            one.flags |= set((row.get("flags") or "").split(",")) - {""}
            kind = type_.removeprefix(CLAIM)
            counts[kind] += 1
            one.claims.append(_claim(kind, row, shown[kind], contracts))
    return found, counts


def _claim(kind: str, row: dict[str, Any], shown: frozenset[str], contracts: Contracts) -> str:
    """`business 91110000…: name, status=1`: attributes that are filled, in the kind's order; a withdrawal says so."""
    known = contracts.kinds.get(kind)
    names: Iterable[str] = (each.name for each in known.attributes if each.name != "present") if known else ("attribute", "outcome")
    told = [f"{name}={row[name]}" if name in shown else name for name in names if row.get(name) is not None]
    entity = "@".join(f"{part[:SHORT]}…" if len(part) > SHORT else part for part in str(row.get("entity") or row.get("dwelling") or "").split("@"))
    return f"{kind} {entity}: {', '.join(told)}{' (withdraws)' if row.get('withdraws') else ''}"


def _open_attributes(contracts: Contracts, feed: Feed, target: str) -> frozenset[str]:
    """The attributes of a kind whose values may be shown: plain ones that are made of plain columns only."""
    if target not in contracts.kinds:
        return frozenset()
    closed = {column.name for column in feed.columns if column.classification is not Classification.PLAIN}
    read: dict[str, set[str]] = {}
    for mapping in feed.mappings:
        if mapping.target == target:
            for column in mapping.columns:
                read.setdefault(column.name, set()).update(words_of(column.sql))
    plain = {each.name for each in contracts.kinds[target].attributes if each.classification is Classification.PLAIN}
    return frozenset(name for name in plain & read.keys() if not read[name] & closed)
