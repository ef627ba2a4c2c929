"""Publish: marts as an immutable DuckDB file, made current by one atomic rename.

A snapshot is built under a temporary name, synced, made read-only and renamed to its own name; then the pointer file is renamed over the old one.
Whoever dies on the way leaves the old snapshot published and at most an unfinished file, which the next publish removes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from contracts.model import Contracts
from contracts.planning import QUICK_ROWS, planned_for
from contracts.transaction import transaction
from warehouse.build import Builder, Order
from warehouse.build_sql import moment_sql
from warehouse.catalogue import MartFile, mart_files
from warehouse.engine import quoted, run
from warehouse.errors import NoSnapshot
from warehouse.files import UNFINISHED, Files, LocalFiles
from warehouse.gating.chosen import of_renewed, of_whole
from warehouse.gating.errors import NoSuchPromise
from warehouse.gating.gates import Gate, gates
from warehouse.gating.judge import Verdict, judge
from warehouse.gating.overrides import OVERRIDDEN, Despite, Override, Overrides
from warehouse.keys import all_entities, check_entities, check_keys, check_reached_keys
from warehouse.load import Current
from warehouse.renewing.moved import reached_name
from warehouse.renewing.renew import Renewer, is_small
from warehouse.retention import Retention, written
from warehouse.search import LAYOUT
from warehouse.succession import succession_sql
from warehouse.suppress import Released

POINTER = "current"
RELEASED = "released.tsv"
"""What was ever published by area; needed to hide small cells, and not for readers."""
EPOCH = datetime(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Published:
    """A snapshot and how it was made: whether whole, and which marts have rows made anew."""

    snapshot: str
    path: Path
    moment: datetime
    whole: bool
    made: frozenset[str]
    despite: tuple[Override, ...] = ()
    """The broken promises that it was published in spite of, as a person decided."""


@dataclass(frozen=True, slots=True)
class Gating:
    """What must be kept, and what the snapshot before did not keep."""

    gates: Sequence[Gate]
    doubtful: frozenset[str]


@dataclass(frozen=True, slots=True)
class Built:
    """A snapshot before anybody can read it: whether it rests on another, which marts have rows made anew, and what became of the promises that could be broken by that."""

    rests: bool
    made: frozenset[str]
    verdicts: Sequence[Verdict]


@dataclass(frozen=True, slots=True)
class Publisher:
    """Where snapshots lie and what they are made of. `name_key`: the secret for parts of names; `retention`: which snapshots stay; `gated`: whether broken promises stop a publish,
    which they do wherever somebody reads what is published."""

    folder: Path
    name_key: str
    marts: Mapping[str, MartFile] = field(default_factory=mart_files)
    files: Files = field(default_factory=LocalFiles)
    retention: Retention = field(default_factory=Retention)
    gated: bool = True
    _counted: dict[str, dict[str, pa.Table]] = field(default_factory=dict, repr=False, compare=False)
    """Of the snapshot published last, by its name, what its marts by area were before small counts were hidden; whoever publishes again and again hides them anew only where they changed."""

    def publish(self, current: Current, *, moment: datetime | None = None, whole: bool = False, despite: Despite | None = None) -> Published:
        """A new snapshot of what is loaded; built by what changed where the last one allows it. `despite`: broken promises that do not stop it.

        Raises: `PromiseBroken`, `PromiseNotJudged`, `EntityTwice`, `MartBreaksContract`, `MartFails`, then the old snapshot stays; `NoSuchPromise`.
        """
        gating = self._gates(current.contracts, despite)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._clear()
        at = moment or newest_recorded(current)
        base = None if whole else self._base(current)
        name = self._next_name()
        unfinished = self.folder / f"{name}{UNFINISHED}"
        released, overrides = released_in(self.folder), overrides_in(self.folder)
        order = self._order(current, at, released)
        built = self._build(current, unfinished, order, base, Gating(gating, frozenset(overrides.standing)))
        overrides.settle(built.verdicts, name, despite, whole=not built.rests)
        path = self.folder / f"{name}.duckdb"
        self._seal(unfinished, path)
        current.sealed(name)
        self._remember(released.changed, RELEASED, released.text)
        self._remember(overrides.changed, OVERRIDDEN, overrides.text)
        self._point(name)
        current.settled(name)
        self._counted.clear()
        self._counted[name] = order.counted
        self._retire({name, current.meta("base") or name})
        return Published(name, path, at, not built.rests, built.made, tuple(overrides.standing.values()))

    def _gates(self, contracts: Contracts, despite: Despite | None) -> list[Gate]:
        """What must be kept; nothing where nothing gates. Raises: `NoSuchPromise`."""
        found = gates(contracts, self.marts.values())
        known = frozenset().union(*(gate.names for gate in found))
        for name in despite.promises if despite else ():
            if name not in known:
                raise NoSuchPromise(name=name)
        return found if self.gated else []

    def _order(self, current: Current, moment: datetime, released: Released) -> Order:
        return Order(current.contracts, self.marts, moment, self.name_key, about(current, self.marts, moment), released)

    def _remember(self, changed: bool, name: str, text: Callable[[], str]) -> None:
        """Before the snapshot is pointed at: whoever dies in between has remembered too much, never too little."""
        if changed:
            unfinished = self.folder / f"{name}{UNFINISHED}"
            self.files.write(unfinished, text())
            unfinished.chmod(0o600)
            self.files.sync(unfinished)
            self.files.replace(unfinished, self.folder / name)

    def _build(self, current: Current, target: Path, order: Order, base: Path | None, gating: Gating) -> Built:
        """The snapshot at `target`, resting on `base` where that can be. Promises are judged when all is made: one that fails must not take the rest with it."""
        connection = current.connection
        main = current.database
        rests = base is not None and self._copied(current, base, target, order)
        if not rests:
            run(connection, f"attach '{quoted(target)}' as snap")
        try:
            run(connection, f"set search_path = 'snap.main,{main}.main'")
            with transaction(connection, current.commit):
                if rests and base is not None:
                    order.counted.update(self._counted.get(base.stem, {}))
                    renewer = Renewer(connection, main, order)
                    anew = renewer.changed(moment_of(connection))
                    made, renewed = renewer.marts_changed, renewer.renewed
                    check_entities(connection, {kind: reached_name(kind) for kind, columns in renewed.moved.items() if columns})
                    check_keys(connection, [file for name, file in self.marts.items() if name in anew], current.contracts)
                    check_reached_keys(connection, self.marts.values(), current.contracts)
                    asked = of_renewed(gating.gates, renewed, gating.doubtful)
                else:
                    made = frozenset(self.marts)
                    Builder(connection, main, order).whole()
                    check_entities(connection, all_entities(current.contracts))
                    check_keys(connection, self.marts.values(), current.contracts)
                    asked = of_whole(gating.gates)
            with planned_for(connection, 0 if rests or is_small(connection, current.contracts) else QUICK_ROWS + 1):
                verdicts = judge(connection, asked, current.contracts)
            run(connection, "checkpoint snap")
        finally:
            run(connection, f"use {main}")
            run(connection, "detach snap")
        return Built(rests, made, verdicts)

    def _copied(self, current: Current, base: Path, target: Path, order: Order) -> bool:
        """Attaches a copy of the published snapshot as `snap` where what is built can rest on it; else nothing is left of the copy."""
        self.files.copy(base, target)
        target.chmod(0o640)
        connection = current.connection
        try:
            run(connection, f"attach '{quoted(target)}' as snap")
        except (duckdb.IOException, duckdb.SerializationException):  # damaged
            self.files.remove(target)
            return False
        if self._sound(current, order):
            return True
        run(connection, "detach snap")
        self.files.remove(target)
        return False

    def _seal(self, unfinished: Path, path: Path) -> None:
        self.files.sync(unfinished)
        self.files.protect(unfinished)
        self.files.replace(unfinished, path)
        self.files.sync(self.folder)

    def _point(self, name: str) -> None:
        written = self.folder / f"{POINTER}{UNFINISHED}"
        self.files.write(written, name + "\n")
        self.files.sync(written)
        self.files.replace(written, self.folder / POINTER)
        self.files.sync(self.folder)

    def _base(self, current: Current) -> Path | None:
        """The published snapshot, if what is remembered as touched reaches back to it."""
        name = pointed(self.folder)
        if name is None or current.meta("touched_all") or name not in (current.meta("base"), current.meta("pending")):
            return None
        path = self.folder / f"{name}.duckdb"
        return path if path.exists() else None

    def _sound(self, current: Current, order: Order) -> bool:
        """Whether the copy in `snap` was made of the same contracts, marts and divisions, and time did not run backwards."""
        connection = current.connection
        try:
            facts = dict(run(connection, "select name, value from snap.about"))
            divided = run(connection, "from snap.succession order by all")
        except (duckdb.IOException, duckdb.CatalogException):  # damaged, or of an earlier release: nothing can rest on it
            return False
        same = all(facts.get(name) == order.about[name] for name in ("contracts", "layout", "marts"))
        same = same and divided == run(connection, f"from ({succession_sql(current.contracts)}) order by all")  # else any area may be called otherwise
        return same and datetime.fromisoformat(facts["moment"]) <= order.moment

    def _next_name(self) -> str:
        """Snapshots are numbered; a number is never used again while a later one exists."""
        return f"{max((each.number for each in written(self.folder)), default=0) + 1:06d}"

    def _clear(self) -> None:
        """Remove what a publisher left that died: unfinished files, and whole ones that it did not come to point to, so that failing again and again fills no disk."""
        for path in self.folder.glob(f"*{UNFINISHED}*"):
            self.files.remove(path)
        published = pointed(self.folder)
        for each in written(self.folder):
            if published is None or each.number > int(published):
                self.files.remove(self.folder / f"{each.name}.duckdb")

    def _retire(self, held: set[str]) -> None:
        """Remove what need not stay; who has one open keeps reading it."""
        for name in self.retention.retired(written(self.folder), held):
            self.files.remove(self.folder / f"{name}.duckdb")


def pointed(folder: Path) -> str | None:
    """The name of the published snapshot, None where nothing is."""
    pointer = folder / POINTER
    return pointer.read_text(encoding="utf-8").strip() if pointer.exists() else None


def released_in(folder: Path) -> Released:
    """What was ever published by area in this folder."""
    path = folder / RELEASED
    return Released.of(path.read_text(encoding="utf-8")) if path.exists() else Released()


def overrides_in(folder: Path) -> Overrides:
    """What was ever published in this folder in spite of a broken promise."""
    path = folder / OVERRIDDEN
    return Overrides.of(path.read_text(encoding="utf-8")) if path.exists() else Overrides()


def snapshot_path(folder: Path) -> Path:
    """The published snapshot's file. Raises: `NoSnapshot`."""
    name = pointed(folder)
    while name is None or not (folder / f"{name}.duckdb").exists():
        missing, name = name, pointed(folder)
        if name == missing:  # else it was retired between the two looks, because another one is published
            raise NoSnapshot(folder="/".join(folder.parts[-2:]))
    return folder / f"{name}.duckdb"


def newest_recorded(current: Current) -> datetime:
    """The moment of what is loaded; the epoch where nothing is."""
    moment: datetime | None = run(current.connection, moment_sql())[0][0]
    return EPOCH if moment is None else moment


def moment_of(connection: duckdb.DuckDBPyConnection) -> datetime:
    moment: datetime = run(connection, "select known_at from snap.moment")[0][0]
    return moment


def about(current: Current, marts: Mapping[str, MartFile], moment: datetime) -> dict[str, str]:
    """The versions a snapshot depends on, and the positions it was loaded up to."""
    log = {"aliases": current.meta("aliases") or "0", "generation": current.meta("generation") or "", "positions": json.dumps(current.positions())}
    return versions(current.contracts, marts, moment) | log


def versions(contracts: Contracts, marts: Mapping[str, MartFile], moment: datetime) -> dict[str, str]:
    """The moment, and the contracts and marts, of which whatever is built is a function."""
    listed = {f"feed/{name}": feed.version_text for name, feed in contracts.feeds.items()}
    listed |= {f"kind/{name}": kind.version_text for name, kind in contracts.kinds.items()}
    listed |= {f"mart/{name}": mart.version_text for name, mart in contracts.marts.items()}
    return {
        "moment": moment.isoformat(timespec="milliseconds"),
        "contracts": contracts.fingerprint,
        "contract_versions": json.dumps(listed, sort_keys=True),
        "marts": marts_version(marts),
        "layout": LAYOUT,
    }


def marts_version(marts: Mapping[str, MartFile]) -> str:
    """The SHA-256 of the texts of all marts."""
    return hashlib.sha256("\0".join(f"{name}\0{file.sql}" for name, file in sorted(marts.items())).encode()).hexdigest()
