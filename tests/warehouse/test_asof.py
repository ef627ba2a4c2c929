"""As of a moment: what history answers equals what the main job answered, or would have, over what was known by then."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from cabin.pipeline import Pipeline, Places
from contracts.engine import prepare_golden
from contracts.golden import Relations, golden_sql, known_sql
from contracts.model import Contracts
from contracts.read import load
from contracts.topics import RAW
from streams.local import Ports
from streams.log import EmbeddedLog
from tests.cabin.kit import District
from vault import Vault
from warehouse.catalogue import mart_files
from warehouse.engine import run
from warehouse.errors import UnknownKind
from warehouse.hashes import mart_hashes
from warehouse.history import AsOf, Cut, History, Means, reading
from warehouse.publish import released_in, snapshot_path
from warehouse.succession import succession_sql
from warehouse.wide import wide_sql

MEANS = Means(threads=1, memory_mb=700, on_disk=True)


@pytest.fixture(scope="module")
def known() -> Contracts:
    return load()


@pytest.fixture(scope="module")
def history(district: District, known: Contracts, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shared district's history, read only."""
    folder = tmp_path_factory.mktemp("district") / "history"
    with EmbeddedLog.open(district.data / "log.sqlite") as log, History.open(folder, known) as writing:
        writing.append(log)
    return folder


def test_history_uncut_gives_the_published_marts(district: District, history: Path, known: Contracts, tmp_path: Path) -> None:
    """All marts made from history alone equal those that the main job published, by their hashes; those that hide small cells, too, beside what was released."""
    published = district.data / "published"
    with AsOf.open(history, known, Cut(), MEANS) as asof:
        asof.marts(tmp_path / "marts.duckdb", "key", released_in(published))
    assert mart_hashes(tmp_path / "marts.duckdb", known) == mart_hashes(snapshot_path(published), known)
    for mart in (name for name, file in mart_files().items() if file.suppress):
        assert _rows(tmp_path / "marts.duckdb", mart) == _rows(snapshot_path(published), mart) != []


def test_a_cut_equals_the_main_job_over_what_was_recorded_by_then(district: District, history: Path, known: Contracts, tmp_path: Path) -> None:
    """What we believed at a moment is what the main job makes of the raw messages recorded up to then: every mart, by its hash."""
    moment = _middle(history)
    with AsOf.open(history, known, Cut(recorded=moment), MEANS) as asof:
        asof.marts(tmp_path / "marts.duckdb", "key")
    with (
        EmbeddedLog.open(district.data / "log.sqlite") as log,
        EmbeddedLog.open(tmp_path / "log.sqlite", log.partitions) as cut,
        Vault.open(district.data / "vault") as vault,
    ):
        assert 0 < _copy_until(moment, log, cut) < _copy_until(datetime.max, log, None)
        Pipeline(tmp_path, Ports(cut, known, vault), Places.of(tmp_path), 1, 700, lambda en, zh: None).drain()
    made, expected = mart_hashes(tmp_path / "marts.duckdb", known), mart_hashes(snapshot_path(tmp_path / "published"), known)
    assert made == expected
    assert made != mart_hashes(snapshot_path(district.data / "published"), known)


@pytest.mark.parametrize("kind", ["person", "dwelling", "residency", "business", "place"])
def test_one_entity_alone_is_as_among_all(history: Path, known: Contracts, kind: str) -> None:
    """Reading only what could concern an entity changes nothing of it, at any cut; nobody knew of what is not there."""
    middle = _middle(history)
    cuts = (Cut(), Cut(recorded=middle), Cut(observed=middle - timedelta(days=30)))
    for cut in cuts:
        with AsOf.open(history, known, cut, MEANS) as asof:
            rows = {row["entity"]: row for row in asof.kind(kind).to_arrow_table().to_pylist()}
        assert rows
        with AsOf.open(history, known, cut, MEANS) as asof:  # one after the other: what was read for one is not taken for another
            for entity in _telling(rows):
                assert asof.entity(kind, entity) == rows[entity]
    with AsOf.open(history, known, Cut(), MEANS) as asof:
        assert asof.entity(kind, "nobody's id @ it's") is None


def test_what_speaks_of_later_moments_is_left_out(history: Path, known: Contracts) -> None:
    """For every kind a cut by `observed` is the golden statement over the facts of up to then, filtered here by plain Python: claims and findings by when they were true,
    full lists by their moment; verifications, recalls and what lists replace whenever they were made."""
    moment = _middle(history) - timedelta(days=60)
    with reading(history, known) as read, duckdb.connect() as con:
        read.show(con, Cut())
        tables = {
            name: con.sql(f'select * from "{name}"').to_arrow_table()
            for (name,) in con.execute("select view_name from duckdb_views() where not internal").fetchall()
        }
    left = {name: _until(name, table, moment) for name, table in tables.items()}
    assert any(left[name].num_rows < tables[name].num_rows for name in tables)
    with AsOf.open(history, known, Cut(observed=moment), MEANS) as asof:
        for kind in known.kinds:
            found = {row["entity"]: row for row in asof.kind(kind).to_arrow_table().to_pylist()}
            assert found == _wide(kind, known, left) != {}, kind


def test_an_unknown_kind_is_refused(history: Path, known: Contracts) -> None:
    """Whole or for one entity."""
    with AsOf.open(history, known, Cut(), MEANS) as asof:
        for ask in (lambda: asof.kind("nothing"), lambda: asof.entity("nothing", "x")):
            with pytest.raises(UnknownKind):
                ask()


def _middle(history: Path) -> datetime:
    """A moment with about half of the deliveries before it."""
    moments = duckdb.sql(f"select distinct recorded_at from read_parquet('{history}/chunk/*/*.parquet') order by 1").fetchall()
    found: datetime = moments[len(moments) // 2][0]
    return found


def _telling(rows: dict[str, dict[str, Any]]) -> list[str]:
    """A few entities: those with findings or discrepancies first."""
    telling = [entity for entity, row in sorted(rows.items()) if row["differs"] or any(value for name, value in row.items() if name.endswith("__finding"))]
    return [*telling[:2], min(rows)]


def _copy_until(moment: datetime, source: EmbeddedLog, target: EmbeddedLog | None) -> int:
    """Raw messages recorded up to a moment into another log; how many."""
    copied = 0
    for topic in (topic for topic in source.topics() if topic.startswith(RAW)):
        for partition in range(source.partitions):
            stored = source.read(topic, partition, 0, 1_000_000_000)
            kept = [each.message for each in stored if datetime.fromisoformat(each.message.headers["ce_time"]).replace(tzinfo=None) <= moment]
            copied += len(kept)
            if target is not None and kept:
                target.append(topic, partition, kept)
    return copied


def _until(name: str, table: pa.Table, moment: datetime) -> pa.Table:
    def kept(row: dict[str, Any]) -> bool:
        if name.startswith("claim_"):
            return bool(min(row["observed_at"], row["moment"] or row["observed_at"]) <= moment)
        return name not in ("finding", "request", "roster", "visit") or row["observed_at"] <= moment

    if name == "closed":  # a full list of a later moment judges nothing, but what it replaces stays replaced
        rows = [{**row, "moment": row["moment"] if row["moment"] and row["moment"] <= moment else None} for row in table.to_pylist()]
        return pa.Table.from_pylist(rows, table.schema)
    return table.filter(pa.array([kept(row) for row in table.to_pylist()], pa.bool_()))


def _wide(kind: str, known: Contracts, tables: dict[str, pa.Table]) -> dict[str, dict[str, Any]]:
    with duckdb.connect() as con:
        prepare_golden(con, known)
        for name, table in tables.items():
            con.register(name, table)
        con.execute(f"create table succession as {succession_sql(known)}")
        con.execute(f"create table touched_{kind} as {known_sql(known.kinds[kind], Relations.of(kind))}")
        con.execute(f"create table golden_{kind} as {golden_sql(known.kinds[kind], known, Relations.of(kind))}")
        return {row["entity"]: row for row in con.sql(wide_sql(known, known.kinds[kind])).to_arrow_table().to_pylist()}


def _rows(snapshot: Path, mart: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(snapshot), read_only=True) as connection:
        return run(connection, f"select * from {mart} order by all")
