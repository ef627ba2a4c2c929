"""Loading: what the log holds stands in the current file once, whatever happened before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from contracts.ports import Message
from streams.log import EmbeddedLog
from tests.warehouse.samples import AT, HOME, add, add_households, claims, contracts, facts, golden, household, log_at, message, outcome
from warehouse.engine import run
from warehouse.errors import WarehouseInUse
from warehouse.load import Current
from warehouse.slices import refolding

PERSON = f"p{1:024x}"


def rows(current: Current, table: str, columns: str = "*") -> list[tuple[object, ...]]:
    return run(current.connection, f"select {columns} from {table} order by all")


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


def test_what_an_older_alias_table_made_is_passed_over(tmp_path: Path, current: Current) -> None:
    """Claims appended late under the version before are no rows; where they were loaded before the new version was seen, everything is loaded again."""

    def named(delivery: str, version: int) -> Message:
        table = claims(current.contracts, "person", [{"entity": delivery, "source": "rental", "delivery": delivery, "row": 1, "recorded_at": AT}])
        made = message("claim.person", table)
        return replace(made, headers={**made.headers, "aliases": str(version)})

    with log_at(tmp_path) as log:
        add(log, "cabin.claims", named("old", 1))
        current.load(log)
        assert rows(current, "claim_person", "entity") == [("old",)]
        told = outcome("rental", "new", 0, AT)
        add(log, "cabin.outcomes", replace(told, headers={**told.headers, "aliases": "2"}))
        add(log, "cabin.claims", named("new", 2))
        assert current.load(log).reloaded
        assert rows(current, "claim_person", "entity") == [("new",)]


def test_what_was_folded_under_other_contracts_is_passed_over(tmp_path: Path, current: Current) -> None:
    """Golden rows that name other contracts are no rows, and their partition counts as being folded anew until its newest change names ours; one that names none is taken."""
    known = current.contracts

    def change(generation: str, entity: str, version: int, release: str | None) -> Message:
        made = message("golden.person", golden(known, "person", [{"entity": entity, "version": version}]))
        named = {} if release is None else {"contracts": release}
        return replace(made, headers={**made.headers, "generation": generation, **named})

    with log_at(tmp_path) as log:
        add(log, "cabin.changes", change(log.generation, "before", 1, None))
        current.load(log)
        assert refolding(log, known.fingerprint) == []
        add(log, "cabin.changes", change(log.generation, "theirs", 2, "others"))
        current.load(log)
        assert rows(current, "golden_person", "entity") == [("before",)]
        assert refolding(log, known.fingerprint) == [0]
        add(log, "cabin.changes", *[change("another log", "stranger", number, "others") for number in range(20)])
        assert refolding(log, known.fingerprint) == [0], "strangers behind it do not hide it"
        add(log, "cabin.changes", change(log.generation, "ours", 3, known.fingerprint))
        current.load(log)
        assert rows(current, "golden_person", "entity") == [("before",), ("ours",)]
        assert refolding(log, known.fingerprint) == []


@dataclass
class Broker:
    """A log as a broker serves it: it may begin again, in another era, with another file than before behind the same generation."""

    log: EmbeddedLog
    era: str = "1"
    generation: str = "g"
    later: str = "1"

    def moved(self) -> bool:
        return self.later != self.era

    def __getattr__(self, name: str) -> Any:
        return getattr(self.log, name)


@pytest.fixture
def two(tmp_path: Path, current: Current) -> Iterator[tuple[EmbeddedLog, EmbeddedLog]]:
    """A log of three households on one partition, and the same log as it would be if the last had been lost and others came in its place."""
    with log_at(tmp_path / "before") as before, log_at(tmp_path / "after") as after:
        add_households(before, current.contracts, [2, 4, 6])
        add_households(after, current.contracts, [2, 4, 8, 10])
        yield before, after


def test_a_tail_that_was_lost_and_overwritten_is_loaded_anew(current: Current, two: tuple[EmbeddedLog, EmbeddedLog]) -> None:
    """Positions still fit a log that is longer by now; the digest of the last message loaded tells that it is another one, once a broker began again."""
    before, after = two
    current.load(Broker(before))
    assert current.load(Broker(after, era="2", later="2")).reloaded
    assert rows(current, "golden_person", "entity") == [(f"p{number:024x}",) for number in (2, 4, 8, 10)]


def test_a_broker_that_began_again_and_lost_nothing_costs_nothing(current: Current, two: tuple[EmbeddedLog, EmbeddedLog]) -> None:
    """Another era alone reads nothing again; the next load need not look at digests any more."""
    before, _ = two
    current.load(Broker(before))
    loaded = current.load(Broker(before, era="2", later="2"))
    assert (loaded.reloaded, loaded.rows) == (False, {})
    add_households(before, current.contracts, [12])
    assert current.load(Broker(before, era="2", later="2")).rows["golden_person"] == 1
    assert current.meta("era") == "2"


def test_nothing_is_taken_from_a_log_that_moved_meanwhile(current: Current, two: tuple[EmbeddedLog, EmbeddedLog]) -> None:
    """What a log serves after its broker began again may stand where something loaded was lost: it is not taken on top, the log is to be opened anew."""
    before, after = two
    current.load(Broker(before))
    assert current.load(Broker(after, era="1", later="2")).rows == {}
    assert current.load(Broker(after, era="2", later="2")).reloaded
    assert len(rows(current, "golden_person")) == 4


def test_a_shorter_log_is_loaded_anew(current: Current, two: tuple[EmbeddedLog, EmbeddedLog], tmp_path: Path) -> None:
    """A partition that ends before its position lost its tail, whatever the era says."""
    current.load(Broker(two[0]))
    with log_at(tmp_path / "short") as short:
        add_households(short, current.contracts, [2])
        assert current.load(Broker(short)).reloaded
    assert len(rows(current, "golden_person")) == 1


def test_a_file_of_another_form_is_loaded_anew(tmp_path: Path) -> None:
    """A file that keeps its positions otherwise, as one without digests, is emptied, not misread."""
    path = tmp_path / "current.duckdb"
    with log_at(tmp_path) as log:
        add_households(log, contracts(), range(2))
        with Current.open(path, contracts()) as current:
            current.load(log)
            run(current.connection, "alter table positions drop column digest")
            run(current.connection, "update meta set value = 'old' where name = 'made_for'")
        with Current.open(path, contracts()) as current:
            current.load(log)
            assert len(rows(current, "golden_person")) == 2


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
