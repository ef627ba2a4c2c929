"""Two snapshots compared by key: against an obvious slow answer, and where they are not alike in shape."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.warehouse.publishing import one_more, publisher
from tests.warehouse.samples import contracts, log_at
from warehouse.compare import Cell, Comparison, Difference, Row
from warehouse.engine import run
from warehouse.errors import SnapshotUnreadable, UnknownMart
from warehouse.load import Current

HOUSEHOLD = "(dwelling varchar, resident varchar, name varchar, minors integer)"
Rows = Sequence[tuple[Any, ...]]


def snapshot(path: Path, rows: Rows, columns: str = HOUSEHOLD) -> Path:
    """A file that holds the mart `household` with the columns and rows given."""
    with duckdb.connect(str(path)) as made:
        made.execute(f"create table about (name varchar, value varchar); create table household {columns}")
        for row in rows:
            made.execute(f"insert into household values ({', '.join('?' * len(row))})", list(row))
    return path


@contextmanager
def comparing(a: Path, b: Path) -> Iterator[Comparison]:
    with Comparison.open(a, b, contracts(), spill=a.parent, memory_mb=300) as opened:
        yield opened


def compared(a: Path, b: Path, rows: int = 0) -> Difference:
    """Of the one mart."""
    with comparing(a, b) as comparison:
        (found,) = comparison.differences(rows=rows)
    return found


def test_rows_are_found_by_key(tmp_path: Path) -> None:
    """What only one has, what changed and in which columns, nulls included; the first rows are shown in key order with both values."""
    a = snapshot(tmp_path / "a", [("h1", "p1", "王*", 1), ("h1", "p2", None, 0), ("h2", "p1", "李*", None), ("h3", "p1", "赵*", 2)])
    b = snapshot(tmp_path / "b", [("h0", "p9", "张*", 1), ("h1", "p1", "王*", 2), ("h1", "p2", "吴*", 1), ("h3", "p1", "赵*", 2)])
    found = compared(a, b, rows=3)
    assert (found.rows_a, found.rows_b, found.only_a, found.only_b, found.changed, found.equal) == (4, 4, 1, 1, 2, False)
    assert found.columns == {"name": 1, "minors": 2}
    assert found.rows == (
        Row({"dwelling": "h0", "resident": "p9"}, "b"),
        Row({"dwelling": "h1", "resident": "p1"}, None, (Cell("minors", "1", "2"),)),
        Row({"dwelling": "h1", "resident": "p2"}, None, (Cell("name", None, "吴*"), Cell("minors", "0", "1"))),
    )
    assert compared(a, a).equal and not list(tmp_path.glob("compare-*"))


def test_any_two_sets_of_rows_compare_as_counted_by_hand(tmp_path: Path) -> None:
    """Few keys and values, many coincidences, keys that repeat: the counts are those of a plain loop over rows."""
    chance = random.Random(11)
    repeated = 0
    for turn in range(16):
        tables = [_table(chance, unique=turn % 4 > 0) for _ in range(2)]
        a, b = (snapshot(tmp_path / f"{turn}{side}", rows) for side, rows in zip("ab", tables, strict=True))
        found = compared(a, b, rows=100)
        assert (found.only_a, found.only_b, found.changed, dict(found.columns)) == _by_hand(*tables), (turn, tables)
        assert Counter(row.side for row in found.rows) == Counter({"a": found.only_a, "b": found.only_b, None: found.changed})
        repeated += turn % 4 == 0
    assert repeated == 4


def _table(chance: random.Random, unique: bool) -> list[tuple[Any, ...]]:
    rows = [(chance.choice("xy"), chance.choice(["p", "q", "r"]), chance.choice(["n", None]), chance.choice([1, 2, None])) for _ in range(chance.randrange(7))]
    return list({row[:2]: row for row in rows}.values()) if unique else rows


def _by_hand(a: Rows, b: Rows) -> tuple[int, int, int, dict[str, int]]:
    keys_a, keys_b = {row[:2]: row for row in a}, {row[:2]: row for row in b}
    if len(keys_a) < len(a) or len(keys_b) < len(b):  # a key that repeats tells no rows apart: whole rows are counted
        return (Counter(a) - Counter(b)).total(), (Counter(b) - Counter(a)).total(), 0, {}
    both = [(keys_a[key], keys_b[key]) for key in keys_a.keys() & keys_b.keys()]
    columns = {name: sum(x[place] != y[place] for x, y in both) for place, name in ((2, "name"), (3, "minors"))}
    return len(keys_a.keys() - keys_b), len(keys_b.keys() - keys_a), sum(x != y for x, y in both), {name: count for name, count in columns.items() if count}


def test_other_columns_and_types_are_told(tmp_path: Path) -> None:
    """Columns that one has alone are named; where types differ the texts are compared; without the whole key rows are told apart by all that both have."""
    a = snapshot(tmp_path / "a", [("h1", "p1", "1", 1), ("h2", "p1", "2", 1)])
    other = snapshot(tmp_path / "b", [("h1", "p1", 1, True), ("h2", "p1", 3, True)], "(dwelling varchar, resident varchar, name integer, main boolean)")
    found = compared(a, other)
    assert (found.added, found.dropped, found.changed, dict(found.columns), found.equal) == (("main",), ("minors",), 1, {"name": 1}, False)
    keyless = compared(a, snapshot(tmp_path / "c", [("h1", "1"), ("h2", "1"), ("h2", "1")], "(dwelling varchar, name varchar)"), rows=9)
    assert (keyless.only_a, keyless.only_b, keyless.changed, keyless.dropped) == (1, 2, 0, ("resident", "minors"))
    assert Row({"dwelling": "h2", "name": "1"}, "b") in keyless.rows
    nothing = compared(a, snapshot(tmp_path / "d", [(1,)], "(other integer)"))
    assert (nothing.only_a, nothing.only_b, nothing.added, nothing.equal) == (2, 1, ("other",), False)


def test_a_mart_that_one_does_not_have_differs(tmp_path: Path) -> None:
    """Also an empty one: it is there or not. A mart that neither has cannot be chosen."""
    a, b = snapshot(tmp_path / "a", []), snapshot(tmp_path / "b", [])
    with duckdb.connect(str(b)) as made:
        made.execute("drop table household")
    found = compared(a, b)
    assert (found.rows_a, found.rows_b, found.equal) == (0, None, False)
    with comparing(a, b) as comparison, pytest.raises(UnknownMart, match="no mart") as refused:
        comparison.differences(["visit_plan"])
    assert "household" in refused.value.render("en")[1]


def test_a_file_that_is_no_snapshot_is_told(tmp_path: Path) -> None:
    """Another file, or a database without the table every snapshot has; its name stands in the sentence."""
    a = snapshot(tmp_path / "a", [])
    (tmp_path / "text.duckdb").write_text("nothing")
    duckdb.connect(str(tmp_path / "empty.duckdb")).close()
    for name in ("text.duckdb", "empty.duckdb"):
        with pytest.raises(SnapshotUnreadable, match=name), comparing(a, tmp_path / name):
            pass


def test_snapshots_of_the_same_state_are_equal_and_one_household_more_is_found(tmp_path: Path) -> None:
    """Wide tables, views and marts: built whole or by what changed they are equal, and another household is a row of each, also where a view shows it."""
    with log_at(tmp_path) as log, Current.open(tmp_path / "current.duckdb", contracts()) as current:
        paths = []
        for more in (2, 1, 0):
            for _ in range(more):
                one_more(log, current)
            made = publisher(tmp_path).publish(current, whole=not more)
            paths.append(tmp_path / f"kept{more}")
            paths[-1].write_bytes(made.path.read_bytes())
    with comparing(paths[1], paths[2]) as comparison:
        assert all(each.equal for each in comparison.differences())
    with comparing(paths[0], paths[1]) as comparison:
        found = {each.mart: (each.only_a, each.only_b) for each in comparison.differences()}
        assert comparison.about("a").moment < comparison.about("b").moment
    assert found["household"] == found["person_current"] == (0, 1) and found["place_current"] == (0, 0)
    with duckdb.connect(str(paths[0])) as made:
        run(made, "create view entity_value as select 'person' as kind, entity, 'name' as attribute, label from person_current")
    with duckdb.connect(str(paths[1])) as made:
        run(made, "create view entity_value as select 'person' as kind, entity, 'name' as attribute, label from person_current")
    with comparing(paths[0], paths[1]) as comparison:
        assert [each.only_b for each in comparison.differences(["entity_value"])] == [1]
        assert "entity_value" not in [each.mart for each in comparison.differences()]
