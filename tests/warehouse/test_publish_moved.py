"""The shortcuts of a small publish: sums moved by what touched rows say now and said before, marts left alone where no column they read changed. Nothing may tell them from a whole build."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streams.log import EmbeddedLog
from tests.warehouse.samples import AT, NAME_KEY, add, add_households, claims, contracts, facts, golden, log_at, message, outcome, spoken, value
from tests.warehouse.test_marts import BEFORE, filled
from warehouse.build import BY_DELIVERY, KEPT, LINKED, SUMMED, Builder
from warehouse.catalogue import mart_file, mart_files, with_relations
from warehouse.engine import run
from warehouse.hashes import mart_hashes
from warehouse.load import Current
from warehouse.publish import Publisher
from warehouse.relations import relations

HOMES = 5
VILLAGES = ("330302006071", "330302006072", "330302007001", "330302")
"""Of the last no village is known."""


class District:
    """Few households on a log, and small changes of them; `number` counts them, so that each has a version and a delivery of its own."""

    def __init__(self, log: EmbeddedLog) -> None:
        self.log, self.known, self.number = log, contracts(), 1

    def change(self, name: str, which: int, chance: int) -> None:
        self.number += 1
        CHANGES[name](self, which, chance)
        add(self.log, "cabin.outcomes", outcome("rental", f"o{self.number}", 0, AT + timedelta(hours=1, seconds=self.number)))

    def golden(self, kind: str, entity: str, /, **row: Any) -> None:
        add(self.log, "cabin.changes", message(f"golden.{kind}", golden(self.known, kind, [{"entity": entity, "version": self.number, **row}])))

    def fact(self, name: str, **row: Any) -> None:
        made = {"observed_at": AT, "recorded_at": AT + timedelta(minutes=self.number), "source": "visit", "delivery": f"v{self.number}", "row": 1}
        add(self.log, "cabin.claims", message(name, facts(name, [made | row])))

    def heard(self, source: str, chance: int) -> dict[str, Any]:
        """A source that speaks: in a delivery of its own, or in one that others rest on; long ago or of late."""
        return spoken(source, f"d{self.number}" if chance % 2 else "d1", self.number, AT - timedelta(days=400 * (chance % 3)))


def person(number: int) -> str:
    return f"p{number:024x}"


def home(number: int) -> str:
    return f"330302006071/解放街/{number}"


def of_person(district: District, which: int, chance: int) -> None:
    district.golden(
        "person",
        person(which),
        name="李四",
        present=True,
        alive=chance % 5 > 0,
        area=VILLAGES[chance % 4],
        **district.heard("rental", chance),
        **value("name", "rental", 2),
    )


def of_link(district: District, which: int, chance: int) -> None:
    """It stays, ends, moves to another village or is registered; another dwelling becomes one, too."""
    ends = {"person": person(which), "dwelling": home((which + chance % 2) % HOMES)}
    district.golden(
        "residency",
        f"{ends['person']}@{ends['dwelling']}",
        **ends,
        present=chance % 3 > 0,
        main=chance % 2 == 0,
        registered_here=chance % 4 > 0,
        residence_status="1",
        alive=chance % 7 > 0,
        area=VILLAGES[chance // 2 % 4],
        **district.heard("ps_resident", chance),
        **value("present", "ps_resident", 0, "disputed" if chance % 5 == 0 else "single"),
    )


def of_dwelling(district: District, which: int, chance: int) -> None:
    """It lies in another village, is disputed, is no more."""
    told = value("use", "ho_dwelling", 0, "disputed" if chance % 2 else "single", use="1", use__differ=2 * (chance % 2))
    district.golden(
        "dwelling", home(which), present=True, alive=chance % 5 > 0, area=VILLAGES[chance // 3 % 4], **district.heard("ho_dwelling", chance), **told
    )


def of_grid(district: District, which: int, chance: int) -> None:
    """A village gets a grid, or a second one, so that it has no single one."""
    district.golden("place", f"{VILLAGES[which % 2]}0{chance % 2}1", kind="grid", parent_id=VILLAGES[which % 2], present=True, alive=chance % 4 > 0)


def of_visit(district: District, which: int, chance: int) -> None:
    """Somebody was there within a year, or longer ago."""
    district.fact(
        "visit", visit=f"v{district.number}", dwelling=home(which), event="closed", outcome="done", observed_at=AT - timedelta(days=500 * (chance % 2))
    )


def of_finding(district: District, which: int, chance: int) -> None:
    """A visit finds the use of a dwelling; its golden record names the finding, the feed agrees with it or does not."""
    found = f"f{district.number}:use#0"
    said = {"kind": "dwelling", "entity": home(which), "attribute": "use", "outcome": "corrected" if chance % 2 else "confirmed", "value": "1"}
    district.fact("finding", finding=found, base=found[:-2], **said)
    told = {"use": "1", "use__status": "verified", "use__source": "visit", "use__finding": found, "use__agree": 1 - chance % 2, "use__differ": chance % 2}
    district.golden("dwelling", home(which), present=True, area=VILLAGES[0], **district.heard("ho_dwelling", chance), **told)


def of_delivery(district: District, which: int, chance: int) -> None:
    """A delivery is told of: the one most rows rest on, or another; for the first time, or in an earlier week."""
    told = {"source": "ps_resident" if chance % 2 else "ho_dwelling", "delivery": "d1" if which % 2 else f"d{district.number - 1}", "chunk": district.number}
    row = {**told, "rows": 6, "accepted": 6, "unkeyed": 0, "recorded_at": AT - timedelta(days=8 * (chance % 3))}
    add(district.log, "cabin.claims", message("chunk", facts("chunk", [row])))


def of_claim(district: District, which: int, chance: int) -> None:
    """A claim about a link, of which one end may be unknown."""
    ends = {"person": person(which), "dwelling": home(which + 3 * (chance % 2))}
    row = {
        "entity": f"{ends['person']}@{ends['dwelling']}",
        **ends,
        "source": "rental",
        "delivery": f"d{district.number}",
        "row": 1,
        "area": VILLAGES[chance % 4],
    }
    moments = {"observed_at": AT - timedelta(days=9 * (chance % 2)), "recorded_at": AT, "present": True}
    add(district.log, "cabin.claims", message("claim.residency", claims(district.known, "residency", [{**row, **moments}])))


def of_aside(district: District, which: int, chance: int) -> None:
    """A row or a whole message is set aside, for the first time or again, now or earlier than what is known; its outcome comes with it, later or never, and may say that landing
    made the row or that it was repaired. Of few deliveries, so that many changes speak of one."""
    place = {"source": "rental", "delivery": f"q{which % 3}", "row": 0 if chance % 5 == 0 else 1 + chance % 4, "chunk": chance % 3}
    told = {"reason": f"rule-{chance % 2}", "column": "begins_on" if chance % 3 else None, "recorded_at": AT - timedelta(days=20 * (chance % 3))}
    add(district.log, "cabin.quarantine", message("quarantined", facts("quarantined", [place | told])))
    if chance % 4:
        of_message = outcome(
            "rental",
            f"q{(which + chance) % 2}",
            (chance + chance % 2) % 3,
            AT,
            rows=chance,
            type="raw.minors" if chance % 7 == 0 else "raw.rows",
            repair=int(chance % 11 == 0),
        )
        add(district.log, "cabin.outcomes", of_message)


CHANGES: dict[str, Callable[[District, int, int], None]] = {
    "person": of_person,
    "link": of_link,
    "dwelling": of_dwelling,
    "grid": of_grid,
    "visit": of_visit,
    "finding": of_finding,
    "delivery": of_delivery,
    "claim": of_claim,
    "aside": of_aside,
}
STEPS = st.lists(st.tuples(st.sampled_from(sorted(CHANGES)), st.integers(0, HOMES - 1), st.integers(0, 41)), min_size=1, max_size=3)


def rows(snapshot: Path) -> dict[str, list[tuple[Any, ...]]]:
    """What snapshots keep for the next one."""
    with duckdb.connect(str(snapshot), read_only=True) as connection:
        return {name: sorted(run(connection, f"from {name}"), key=repr) for name in (*KEPT, *BY_DELIVERY, *SUMMED, *LINKED)}


def check(publishes: list[list[tuple[str, int, int]]], folder: Path) -> None:
    """Each step is published by what changed; in the end all is as in a snapshot built whole."""
    with log_at(folder) as log, Current.open(folder / "current.duckdb", contracts()) as current:
        district, publisher = District(log), Publisher(folder / "published", NAME_KEY)
        add_households(log, current.contracts, range(HOMES))
        current.load(log)
        publisher.publish(current)
        for steps in publishes:
            for step in steps:
                district.change(*step)
            current.load(log)
            small = publisher.publish(current)
            assert not small.whole
        whole = Publisher(folder / "again", NAME_KEY).publish(current, whole=True)
        kept, made = rows(small.path), rows(whole.path)
        assert {name for name in made if kept[name] != made[name]} == set()
        assert mart_hashes(small.path, current.contracts) == mart_hashes(whole.path, current.contracts)


@settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(STEPS, min_size=2, max_size=4))
def test_whatever_changes_small_publishes_equal_a_whole_one(publishes: list[list[tuple[str, int, int]]]) -> None:
    """Any changes in any order, published in any steps on one day, give the rows of every kept table and the hashes of every mart that a whole build gives."""
    with TemporaryDirectory() as folder:
        check(publishes, Path(folder))


def test_every_sort_of_change_by_itself(tmp_path: Path) -> None:
    """Each sort of change in a publish of its own, so that none is hidden behind what another makes anew."""
    check([[(name, 1, 1)] for name in CHANGES], tmp_path)


def test_what_is_set_aside_in_any_order(tmp_path: Path) -> None:
    """Rows and messages of two deliveries set aside one by one, again and earlier, with outcomes before and after them, also of the delivery of which no row comes."""
    check([[("aside", chance // 2 % 2, chance)] for chance in range(22)] + [[("aside", 2, 4)]], tmp_path)


def test_a_delivery_in_which_nothing_is_set_aside_moves_nothing(log: EmbeddedLog, current: Current, tmp_path: Path) -> None:
    """What was set aside of other deliveries is not looked at again: the table stays as it is, row by row in its place."""
    publisher = Publisher(tmp_path / "published", NAME_KEY)
    district = District(log)
    for number in range(3):
        district.change("aside", number, 1 + number)
    current.load(log)
    before = publisher.publish(current).path
    add(log, "cabin.outcomes", outcome("rental", "d7", 0, AT + timedelta(hours=2)))
    current.load(log)
    after = publisher.publish(current)
    held = "select rowid, * from set_aside order by rowid"
    with duckdb.connect(str(before), read_only=True) as old, duckdb.connect(str(after.path), read_only=True) as new:
        assert not after.whole and run(old, held) == run(new, held) != []


def test_only_what_a_mart_reads_makes_it_anew(log: EmbeddedLog, current: Current, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A person who is heard of again changes no count of persons; one who moves does."""
    publisher, made = Publisher(tmp_path / "published", NAME_KEY), set[str]()
    add_households(log, current.contracts, range(3))
    current.load(log)
    publisher.publish(current)
    really = Builder._make
    monkeypatch.setattr(Builder, "_make", lambda self, file: made.add(file.name) or really(self, file))
    counting = {"population", "rental", "dispute_flow", "indicator_count"}
    for moved in (False, True):
        made.clear()
        link = {"person": person(1), "dwelling": home(1), "present": not moved, "main": True, "residence_status": "1", "area": VILLAGES[0], "observed_at": AT}
        row = {"entity": f"{person(1)}@{home(1)}", "version": 5 + moved, **link, **spoken("ps_resident", "d9", 1, AT + timedelta(minutes=5))}
        add(log, "cabin.changes", message("golden.residency", golden(current.contracts, "residency", [{**row, **value("present", "ps_resident", 0)}])))
        current.load(log)
        publisher.publish(current)
        assert made & counting == (counting if moved else set())


def binds(sql: str, reads: tuple[str, ...], columns: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether a statement is one over tables without any other column; what snapshots keep is a table, too."""
    known = contracts()
    compiled = relations(known, BEFORE)
    with filled(known, {}, BEFORE) as connection:
        for name in (*KEPT, *BY_DELIVERY, *SUMMED, *LINKED):
            run(connection, f"create table {name} as {with_relations(compiled[name].sql, compiled[name].reads, compiled)}")
        made = {name: relation for name, relation in compiled.items() if name not in (*KEPT, *BY_DELIVERY, *SUMMED, *LINKED)}
        assert not any(columns.keys() & made[name].reads for name in reads if name in made), "read through a relation, too"
        for table, listed in columns.items():
            some = ", ".join(f'"{column}"' for column in listed)
            run(connection, f"create table narrow as select {some} from {table}; drop table {table}; alter table narrow rename to {table}")
        try:
            run(connection, with_relations(sql, reads, made))
        except duckdb.BinderException:
            return False
        return True


@pytest.mark.parametrize("name", [name for name, file in mart_files().items() if file.columns])
def test_a_mart_reads_no_other_column_than_it_says(name: str) -> None:
    """Its statement binds over the columns its head names, and not over one less: what it left out would make the mart stay as it was."""
    file = mart_files()[name]
    assert binds(file.sql, file.reads, file.columns)
    assert not binds(file.sql, file.reads, {table: columns[:-1] for table, columns in file.columns.items() if columns[1:]} or {min(file.columns): ("label",)})


@pytest.mark.parametrize("name", [name for name, relation in relations(contracts(), BEFORE).items() if relation.columns])
def test_a_relation_reads_no_other_column_than_it_says(name: str) -> None:
    """The same of compiled relations."""
    relation = relations(contracts(), BEFORE)[name]
    assert binds(relation.sql, relation.reads, relation.columns)


def test_the_head_of_a_mart_says_what_makes_it_anew() -> None:
    """Columns in brackets, what is narrowed and what makes all of it anew are read from the head."""
    head = "-- One.\n-- Grain: a. Reads: b (x, y), c. Consumers: d.\n-- Follows: b, 'home', entity; a. Narrows: e by f. Anew: day, c.\nselect 1 as a from b"
    file = mart_file("one", head)
    assert (file.reads, file.columns) == (("b", "c"), {"b": ("x", "y")})
    assert file.follows is not None and (file.follows.narrows, file.follows.anew) == ({"e": "f"}, ("day", "c"))
