"""Promises of marts that stop a publish, whole or small, and what a person lets through."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from contracts.model import Allowance, Contracts, Label, Promise, Severity
from streams.log import EmbeddedLog
from tests.warehouse.samples import NAME_KEY, add_households, contracts, log_at
from warehouse.catalogue import mart_files
from warehouse.gating.errors import NoSuchPromise, OverridesUnreadable, PromiseBroken, PromiseNotJudged
from warehouse.gating.judge import Asked, judge
from warehouse.gating.overrides import OVERRIDDEN, Despite
from warehouse.hashes import mart_hashes
from warehouse.load import Current
from warehouse.publish import Publisher, overrides_in, pointed, snapshot_path

LABEL = Label("承诺", "a promise")
NO_FIRST = "dwelling not like '%/1'"
"""A condition over `household` that household 1 breaks."""
DESPITE = Despite(("household.no-first",), "an officer", "the list is being mended", "2026-09-02T08:00:00.000")


def promise(name: str, condition: str, severity: Severity = Severity.ERROR, limit: Allowance | None = None) -> Promise:
    return Promise(name, "expect_rows_to_hold", {"condition": condition}, severity, LABEL, limit or Allowance())


def promising(*promises: Promise, mart: str = "household") -> Contracts:
    """The contracts of the tests, of which one mart promises this."""
    known = contracts()
    return dataclasses.replace(known, marts={**known.marts, mart: dataclasses.replace(known.marts[mart], quality=promises)})


@dataclasses.dataclass
class District:
    """A log, a current file over it and what is published of that."""

    log: EmbeddedLog
    current: Current
    folder: Path

    @property
    def publisher(self) -> Publisher:
        return Publisher(self.folder, NAME_KEY, {name: file for name, file in mart_files().items() if name in ("household", "entity_value", "feed_health")})

    def add(self, *numbers: int, version: int = 1, present: bool = True) -> District:
        """These households, loaded."""
        add_households(self.log, self.current.contracts, numbers, version=version, present=present)
        self.current.load(self.log)
        return self

    @property
    def standing(self) -> list[str]:
        return list(overrides_in(self.folder).standing)

    def hashes(self) -> dict[str, str]:
        return mart_hashes(snapshot_path(self.folder), self.current.contracts)


@contextmanager
def district(folder: Path, known: Contracts) -> Iterator[District]:
    with log_at(folder) as log, Current.open(folder / "current.duckdb", known) as current:
        yield District(log, current, folder / "published")


@pytest.mark.parametrize("whole", [True, False])
def test_a_broken_promise_stops_a_publish(tmp_path: Path, whole: bool) -> None:
    """However a snapshot is made: the old one stays, and the sentence names mart, promise, meaning and count in both languages, no row."""
    with district(tmp_path, promising(promise("no-first", NO_FIRST))) as here:
        here.add(0).publisher.publish(here.current)
        with pytest.raises(PromiseBroken) as refused:
            here.add(1, 2).publisher.publish(here.current, whole=whole)
        assert pointed(here.folder) == "000001" and not list(here.folder.glob("*.jsonl"))
        assert here.hashes()["household"]
    for lang, meaning in (("zh", "承诺"), ("en", "a promise")):
        fact, hint = refused.value.render(lang)
        assert all(word in fact for word in ("household", "no-first", meaning, "1")) and "--despite household.no-first" in hint
        assert "解放街" not in fact


@pytest.mark.parametrize("condition", ["count(*) over () < 3", "(select count(*) from household) < 3", "dwelling not like '%/2'"])
def test_a_small_publish_judges_what_the_change_can_break(tmp_path: Path, condition: str) -> None:
    """What rests on other rows is judged over all rows, also over those that did not change; what rests on its own over those that did."""
    with district(tmp_path, promising(promise("few", condition))) as here:
        here.add(0, 1).publisher.publish(here.current)
        with pytest.raises(PromiseBroken, match=r"household.*few"):
            here.add(2).publisher.publish(here.current)
        here.add(2, version=2, present=False)
        assert not here.publisher.publish(here.current).whole


def test_after_mending_the_marts_are_those_of_a_whole_build(tmp_path: Path) -> None:
    """What was refused is forgotten: the next small publish takes in everything since the last one that readers got."""
    with district(tmp_path, promising(promise("no-first", NO_FIRST))) as here:
        publisher = here.publisher
        here.add(0).publisher.publish(here.current)
        for _ in range(2):
            with pytest.raises(PromiseBroken):
                publisher.publish(here.add(1, 2).current)
        here.add(1, version=2, present=False)
        assert not publisher.publish(here.current).whole
        small = here.hashes()
        assert here.publisher.publish(here.current, whole=True).whole and here.hashes() == small


@pytest.mark.parametrize("condition", ["status <> 'single' or entity not like '%/1'", "count(*) filter (where entity like '%/1') over () = 0"])
def test_a_view_is_judged_in_a_small_publish_too(tmp_path: Path, condition: str) -> None:
    """A mart that is kept as a view has no rows of its own; what it would show of the change is judged."""
    with district(tmp_path, promising(promise("no-first", condition), mart="entity_value")) as here:
        here.add(0).publisher.publish(here.current)
        with pytest.raises(PromiseBroken, match=r"entity_value.*no-first"):
            here.add(1).publisher.publish(here.current)
        assert pointed(here.folder) == "000001"


@pytest.mark.parametrize(
    ("kept", "promised"),
    [
        (True, promise("no-first", NO_FIRST, Severity.WARNING)),
        (True, promise("no-first", NO_FIRST, limit=Allowance(rows=1))),
        (True, promise("no-first", NO_FIRST, limit=Allowance(share=0.5))),
        (False, promise("no-first", NO_FIRST, limit=Allowance(share=0.4))),
        (True, Promise("count", "expect_table_row_count_to_be_between", {"min_value": 2, "max_value": 2}, Severity.ERROR, LABEL)),
        (False, Promise("count", "expect_table_row_count_to_be_between", {"min_value": 3}, Severity.ERROR, LABEL)),
    ],
)
def test_what_a_contract_allows_is_published(tmp_path: Path, kept: bool, promised: Promise) -> None:
    """A warning stops nothing, and neither do as many rows, or as large a share, as the contract says."""
    with district(tmp_path, promising(promised)) as here:
        here.add(0, 1)
        if kept:
            assert here.publisher.publish(here.current).snapshot == "000001"
        else:
            with pytest.raises(PromiseBroken):
                here.publisher.publish(here.current)


def test_what_a_person_lets_through_is_published_and_recorded(tmp_path: Path) -> None:
    """Who, why, when, how many rows and in which snapshot stay beside the snapshots; other promises stop it all the same."""
    with district(tmp_path, promising(promise("no-first", NO_FIRST), promise("no-second", "dwelling not like '%/2'"))) as here:
        here.add(1, 2)
        with pytest.raises(PromiseBroken, match=r"no-second.*other broken promises: -"):
            here.publisher.publish(here.current, despite=DESPITE)
        assert not here.folder.joinpath(OVERRIDDEN).exists()
        here.add(2, version=2, present=False)
        published = here.publisher.publish(here.current, despite=DESPITE)
        assert [each.promise for each in published.despite] == ["household.no-first"]
        (line,) = here.folder.joinpath(OVERRIDDEN).read_text(encoding="utf-8").splitlines()
        held = json.loads(line)
        assert len(held.pop("asked")) == 16 and held == {
            "promise": "household.no-first",
            "rows": 1,
            "who": DESPITE.who,
            "reason": DESPITE.reason,
            "at": DESPITE.at,
            "snapshot": "000001",
            "ended": None,
        }
        with pytest.raises(NoSuchPromise):
            here.publisher.publish(here.current, despite=dataclasses.replace(DESPITE, promises=("household.unheard-of",)))


def test_what_was_let_through_holds_until_it_is_mended_or_grows(tmp_path: Path) -> None:
    """Later publishes go on while no more rows break the promise; more stop them; once it is kept, it stops the next that breaks it."""
    with district(tmp_path, promising(promise("no-first", "dwelling not like '%/1%'"))) as here:
        here.add(0, 1).publisher.publish(here.current, despite=DESPITE)
        assert not here.publisher.publish(here.add(2).current).whole and here.standing == ["household.no-first"]
        with pytest.raises(PromiseBroken, match="2 rows"):
            here.publisher.publish(here.add(10).current)
        here.add(10, version=2, present=False).publisher.publish(here.current)
        assert here.standing == ["household.no-first"]
        here.add(1, version=2, present=False).publisher.publish(here.current)
        assert here.standing == [] and overrides_in(here.folder).listed[0].ended == pointed(here.folder)
        with pytest.raises(PromiseBroken):
            here.publisher.publish(here.add(11).current)


def test_a_row_that_was_let_through_is_seen_by_later_small_publishes(tmp_path: Path) -> None:
    """One more row breaks the promise, in a publish that makes only that one anew: both count."""
    with district(tmp_path, promising(promise("no-first", "dwelling not like '%/1%'"))) as here:
        here.add(1).publisher.publish(here.current, despite=DESPITE)
        with pytest.raises(PromiseBroken, match="2 rows"):
            here.publisher.publish(here.add(10).current)


def test_a_promise_that_cannot_be_computed_stops_a_publish_as_such(tmp_path: Path) -> None:
    """It is no failure of the data and no pass: the sentence says so, quotes no value, spoils no other verdict, and a person may let it through."""
    with district(tmp_path, promising(promise("no-first", "dwelling::integer > 0"), promise("sound", "true"))) as here:
        here.add(1)
        with pytest.raises(PromiseNotJudged) as refused:
            here.publisher.publish(here.current)
        assert "no-first" in str(refused.value) and "解放街" not in str(refused.value)
        here.publisher.publish(here.current, despite=DESPITE)
        assert overrides_in(here.folder).listed[0].rows is None
        here.publisher.publish(here.add(2).current)


def test_a_promise_may_use_all_that_a_suite_may() -> None:
    """Rules, divisions and code lists are at hand, though marts themselves need few of them."""
    known = contracts()
    checks = {
        "expect_division_codes_to_be_known": {"column": "area"},
        "expect_grid_codes_to_be_known": {"column": "area"},
        "expect_credit_codes_to_be_sound": {"column": "credit"},
        "expect_column_values_to_be_in_set": {"column": "code", "code_list": "quantity_bound"},
        "expect_bounded_quantities": {"column_list": ["amount", "code"]},
        "expect_column_values_to_be_unique": {"column": "area"},
    }
    promises = tuple(Promise(name, name, kwargs, Severity.ERROR, LABEL) for name, kwargs in checks.items())
    with duckdb.connect() as connection:
        connection.execute(
            "create table rows as select * from (values ('330302', null, 'eq', 1), ('999999', 'wrong', 'no', null), ('999999', null, null, null)) as t(area, credit, code, amount)"
        )
        verdicts = judge(connection, [Asked("rows", promises, "rows")], known)
    assert [(each.about, each.broken, each.fault) for each in verdicts] == [(3, 2, ""), (3, 2, ""), (1, 1, ""), (2, 1, ""), (2, 1, ""), (3, 2, "")]


def test_the_shipped_promises_can_be_judged_over_an_empty_district(tmp_path: Path) -> None:
    """Every promise of every shipped mart is computed and kept where there is nothing yet, whole and after a first household."""
    with district(tmp_path, contracts()) as here:
        publisher = Publisher(here.folder, NAME_KEY)
        publisher.publish(here.current)
        assert publisher.publish(here.add(1).current).snapshot == "000002"


def test_an_override_ends_with_its_promise(tmp_path: Path) -> None:
    """One that the contract makes no more is not said to be broken for ever; another condition or limit under the same name is another promise, of which nobody let anything through."""
    with district(tmp_path, promising(promise("no-first", NO_FIRST))) as here:
        here.add(0, 1).publisher.publish(here.current, despite=DESPITE)
        assert here.standing == ["household.no-first"]
    for other in (promise("no-first", "dwelling like '%/0'"), promise("no-first", NO_FIRST, limit=Allowance(share=0.01))):
        with log_at(tmp_path) as log, Current.open(tmp_path / "current.duckdb", promising(other)) as current:
            current.load(log)
            publisher = District(log, current, tmp_path / "published").publisher
            with pytest.raises(PromiseBroken):
                publisher.publish(current, whole=True)
    with log_at(tmp_path) as log, Current.open(tmp_path / "current.duckdb", promising(promise("another", "true"))) as current:
        current.load(log)
        here = District(log, current, tmp_path / "published")
        here.publisher.publish(current, whole=True)
        assert here.standing == [] and "an officer" in (here.folder / OVERRIDDEN).read_text(encoding="utf-8")


@pytest.mark.parametrize("line", ["", "{", "[]", '{"promise": "x"}', '{"promise": "x", "unheard": 1}'])
def test_a_damaged_record_is_told(tmp_path: Path, line: str) -> None:
    """Nobody knows then what was let through, so nothing is published; the sentence names the line, and what is published stays."""
    with district(tmp_path, promising(promise("no-first", NO_FIRST))) as here:
        here.add(0, 1).publisher.publish(here.current, despite=DESPITE)
        with (here.folder / OVERRIDDEN).open("a", encoding="utf-8") as record:
            record.write(f"{line}\n")
        with pytest.raises(OverridesUnreadable, match="line 2"):
            here.add(2).publisher.publish(here.current)
        assert pointed(here.folder) == "000001"
