"""Loading: what the log holds stands in the current file once, whatever happened before."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.warehouse.samples import AT, HOME, add, add_households, claims, contracts, facts, household, log_at, message
from warehouse.engine import run
from warehouse.errors import WarehouseInUse
from warehouse.load import Current

PERSON = f"p{1:024x}"


def rows(current: Current, table: str, columns: str = "*") -> list[tuple[object, ...]]:
    return run(current.connection, f"select {columns} from {table} order by all")


@pytest.fixture
def current(tmp_path: Path) -> Current:
    with Current.open(tmp_path / "warehouse" / "current.duckdb", contracts()) as opened:
        yield opened


def test_loading_twice_adds_nothing(tmp_path: Path, current: Current) -> None:
    """A second load of the same log finds nothing to do and leaves every table as it was."""
    with log_at(tmp_path) as log:
        add_households(log, current.contracts, range(4))
        assert current.load(log).rows["golden_person"] == 4
        before = rows(current, "golden_residency")
        assert current.load(log).rows == {}
        assert rows(current, "golden_residency") == before


def test_the_last_version_of_an_entity_wins(tmp_path: Path, current: Current) -> None:
    """Of several versions, in one load or in several, in order or not, only the highest stays."""
    with log_at(tmp_path) as log:
        add_households(log, current.contracts, [1], version=2, present=False)
        add_households(log, current.contracts, [1], version=3)
        current.load(log)
        assert rows(current, "golden_residency", "version, present") == [(3, True)]
        add_households(log, current.contracts, [1], version=2, present=False)
        current.load(log)
        assert rows(current, "golden_residency", "version, present") == [(3, True)]


def test_a_claim_sent_twice_counts_once(tmp_path: Path, current: Current) -> None:
    """A producer that repeats a chunk, at once or later, adds no claim; two persons of one row are two claims."""
    table = claims(current.contracts, "person", [{"entity": name, "source": "rental", "delivery": "d1", "row": 1, "recorded_at": AT} for name in ("pa", "pb")])
    with log_at(tmp_path) as log:
        add(log, "cabin.claims", message("claim.person", table), message("claim.person", table))
        current.load(log)
        add(log, "cabin.claims", message("claim.person", table))
        current.load(log)
        assert rows(current, "claim_person", "entity") == [("pa",), ("pb",)]


def test_facts_sent_to_every_partition_are_one_fact(tmp_path: Path, current: Current) -> None:
    """A visit stands in the table once although each partition holds it."""
    visit = facts(
        "visit", [{"visit": "v1", "dwelling": HOME, "event": "closed", "outcome": "done", "observed_at": AT, "source": "visit", "delivery": "d1", "row": 1}]
    )
    with log_at(tmp_path) as log:
        for partition in range(2):
            add(log, "cabin.claims", message("visit", visit), partition=partition)
        current.load(log)
        current.load(log)
        assert len(rows(current, "visit")) == 1


def test_another_log_is_loaded_anew(tmp_path: Path, current: Current) -> None:
    """A log of another generation empties the file first: nothing of the old one stays."""
    with log_at(tmp_path / "old") as log:
        add_households(log, current.contracts, range(4))
        current.load(log)
    with log_at(tmp_path / "new") as log:
        add_households(log, current.contracts, [9])
        assert current.load(log).reloaded
        assert len(rows(current, "golden_person")) == 1


def test_other_contracts_empty_the_file(tmp_path: Path) -> None:
    """A file made under other contracts has other columns: it is loaded anew."""
    import dataclasses

    path = tmp_path / "current.duckdb"
    with log_at(tmp_path) as log:
        add_households(log, contracts(), range(2))
        with Current.open(path, contracts()) as current:
            current.load(log)
        with Current.open(path, dataclasses.replace(contracts(), fingerprint="later")) as current:
            assert rows(current, "golden_person") == []
            current.load(log)
            assert len(rows(current, "golden_person")) == 2


def test_positions_and_rows_leave_a_crash_together(tmp_path: Path, current: Current) -> None:
    """When a slice cannot be added, neither its rows nor its position stay, and the next load takes it whole."""
    with log_at(tmp_path) as log:
        add_households(log, current.contracts, [1])
        current.load(log)
        run(current.connection, "alter table golden_residency rename to hidden")
        add_households(log, current.contracts, [2], at=AT + timedelta(days=1))
        with pytest.raises(Exception, match="golden_residency"):
            current.load(log)
        run(current.connection, "alter table hidden rename to golden_residency")
        current.load(log)
        assert len(rows(current, "golden_residency")) == len(rows(current, "golden_person")) == 2


def test_one_writer_at_a_time(tmp_path: Path, current: Current) -> None:
    """Another process is told so; the same file opened under another configuration too."""
    import subprocess
    import sys

    script = (
        "import sys, pathlib\nfrom tests.warehouse.samples import contracts\nfrom warehouse.load import Current\nfrom warehouse.errors import WarehouseInUse\n"
    )
    script += "try:\n    Current.open(pathlib.Path(sys.argv[1]), contracts())\nexcept WarehouseInUse as error:\n    print(error.code)\n"
    done = subprocess.run([sys.executable, "-c", script, str(current.path)], capture_output=True, text=True, check=True, cwd=Path.cwd())
    assert done.stdout.strip() == WarehouseInUse.code


def test_touched_entities_are_remembered_until_a_snapshot_is_published(tmp_path: Path, current: Current) -> None:
    """Golden changes and claims touch their entities; publishing settles them."""
    current.settled("000001")
    with log_at(tmp_path) as log:
        log_rows = household(current.contracts, 1)
        add(log, "cabin.changes", message("golden.person", log_rows["golden_person"]))
        current.load(log)
        current.settled("000001")
        add(
            log,
            "cabin.claims",
            message("claim.person", claims(current.contracts, "person", [{"entity": PERSON, "source": "rental", "delivery": "d2", "row": 1}])),
        )
        current.load(log)
        assert rows(current, "touched") == [("person", PERSON)]
        current.settled("000002")
        assert rows(current, "touched") == []
