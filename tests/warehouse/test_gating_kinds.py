"""Promises about golden records of kinds that stop a publish: those asked for, and those that follow from code lists and units."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import duckdb
import pytest

from contracts.conditions import BY_ROW, condition, reads
from contracts.engine import prepare
from contracts.golden.basis import STATUSES, status_sql
from contracts.model import Allowance, Contracts, Promise, Severity
from contracts.promised import of_kind, of_mart
from contracts.read import load
from quality.promises.from_contracts import kind_suite, mart_suite
from tests.warehouse.samples import AT, add, contracts, golden, message, spoken
from tests.warehouse.test_gating import DESPITE, District, district, promise
from warehouse.catalogue import mart_files
from warehouse.errors import EntityTwice
from warehouse.gating.errors import NoSuchPromise, PromiseBroken
from warehouse.gating.gates import gates
from warehouse.publish import overrides_in, pointed

BROKEN = {
    "event.amount-bound": ("event", {"amount": 3, "bound": None}),
    "event.base-bound": ("event", {"base": None, "base_bound": "eq"}),
    "dwelling.use-code": ("dwelling", {"use": "villa"}),
    "dwelling.rooms-negative": ("dwelling", {"rooms": -1}),
}
"""Values that break a shipped promise of a kind: two that the contract asks for, two that follow from it."""


def told(here: District, kind: str, entity: str, version: int = 1, **values: Any) -> District:
    """One golden record of a kind, loaded; what it leaves out is null."""
    head = {"entity": entity, "present": True, "area": "330302006071", "observed_at": AT, "version": version}
    ours = spoken("ho_dwelling", "d2", 1) if kind == "dwelling" else {}
    add(here.log, "cabin.changes", message(f"golden.{kind}", golden(here.current.contracts, kind, [{**head, **ours, **values}])))
    here.current.load(here.log)
    return here


def promising(kind: str, *promises: Promise) -> Contracts:
    """The contracts of the tests, of which one kind promises this."""
    known = contracts()
    return dataclasses.replace(known, kinds={**known.kinds, kind: dataclasses.replace(known.kinds[kind], quality=promises)})


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_promise_of_a_kind_stops_a_publish(tmp_path: Path, name: str, whole: bool) -> None:
    """However a snapshot is made, asked for or derived: the old one stays, and the sentence names kind, check and count in both languages, no value and no entity."""
    kind, values = BROKEN[name]
    with district(tmp_path, contracts()) as here:
        told(here.add(0), kind, "sound").publisher.publish(here.current)
        told(here, kind, "broken-entity", **values)
        with pytest.raises(PromiseBroken, match="1 rows break it") as refused:
            here.publisher.publish(here.current, whole=whole)
        assert pointed(here.folder) == "000001"
        for lang in ("zh", "en"):
            fact, hint = refused.value.render(lang)
            assert name in fact and "1" in fact and f"--despite {name}" in hint and "broken-entity" not in fact and "villa" not in fact
        told(here, kind, "broken-entity", version=2)
        assert here.publisher.publish(here.current, whole=whole).whole is whole


def test_a_person_may_let_it_through_by_the_name_of_the_kind(tmp_path: Path) -> None:
    """`KIND.CHECK`: it holds while no more rows break it, small publishes count those of before, too, and it ends when it is kept again."""
    despite = dataclasses.replace(DESPITE, promises=("dwelling.use-code",))
    with district(tmp_path, contracts()) as here:
        told(here.add(0), "dwelling", "one", use="villa").publisher.publish(here.current, despite=despite)
        assert here.standing == ["dwelling.use-code"] and overrides_in(here.folder).listed[0].rows == 1
        told(here, "dwelling", "two")
        assert not here.publisher.publish(here.current).whole
        told(here, "dwelling", "two", version=2, use="villa")
        with pytest.raises(PromiseBroken, match="2 rows"):
            here.publisher.publish(here.current)
        told(here, "dwelling", "two", version=3, use="1")
        told(here, "dwelling", "one", version=2, use="1").publisher.publish(here.current)
        assert here.standing == []
        for unknown in ("dwelling.unheard-of", "dwelling.key-twice", "dwelling.use-status", "dwelling.point-outside", "household.key-twice"):
            with pytest.raises(NoSuchPromise):
                here.publisher.publish(here.current, despite=dataclasses.replace(DESPITE, promises=(unknown,)))


@pytest.mark.parametrize(
    "few",
    [
        promise("few", "count(*) over () < 4"),
        promise("few", "(select count(*) from dwelling_current) < 4"),
        promise("few", "use is null", limit=Allowance(share=0.4)),
        promise("few", "use is null", limit=Allowance(rows=1)),
    ],
)
def test_what_rests_on_other_records_is_judged_over_all(tmp_path: Path, few: Promise) -> None:
    """A small publish looks at every record where a promise counts them, or allows a number or a share of them."""
    with district(tmp_path, promising("dwelling", few)) as here:
        told(here.add(0, 1), "dwelling", "one", use="1").publisher.publish(here.current)
        told(here, "dwelling", "two", use="1")
        with pytest.raises(PromiseBroken, match=r"dwelling.few"):
            here.publisher.publish(here.current)


def test_a_warning_of_a_kind_stops_nothing(tmp_path: Path) -> None:
    """The severity of the contract says."""
    with district(tmp_path, promising("dwelling", promise("no-use", "use is null", Severity.WARNING))) as here:
        told(here.add(0), "dwelling", "one", use="1").publisher.publish(here.current)
        told(here, "dwelling", "two", use="1").publisher.publish(here.current)
        assert pointed(here.folder) == "000002"


@pytest.mark.parametrize("whole", [True, False])
def test_an_entity_that_stands_twice_stops_a_publish(tmp_path: Path, whole: bool) -> None:
    """Marts and views count on it; nobody lets it through, since the warehouse is damaged then."""
    with district(tmp_path, contracts()) as here:
        here.add(0, 1).publisher.publish(here.current)
        here.add(2).current.connection.execute("insert into golden_dwelling from golden_dwelling where entity like '%/2'")
        with pytest.raises(EntityTwice, match="dwelling"):
            here.publisher.publish(here.current, whole=whole)
        assert pointed(here.folder) == "000001"


def test_every_error_of_a_suite_is_gated_or_kept_by_how_the_table_is_made() -> None:
    """Of all checks of severity `error` over kinds and marts none is left out: it gates, or it is about columns, a key or the words of a status."""
    known = load()
    promised = {f"entities/{name}": of_kind(kind, known) for name, kind in known.kinds.items()} | {
        f"marts/{name}": of_mart(mart) for name, mart in known.marts.items()
    }
    found = [kind_suite(kind, known) for kind in known.kinds.values()] + [mart_suite(mart, known) for mart in known.marts.values()]
    for suite in found:
        told = promised[suite.name]
        kept = {each.name for each in (told.shape, *told.keys, *told.stated)}
        hard = {check.name for check in suite.checks if check.severity is Severity.ERROR}
        assert hard == kept | {each.name for each in told.gates} and not kept & {each.name for each in told.gates}


def test_no_kind_is_called_as_a_mart_is() -> None:
    """An override names a table by one word."""
    known = load()
    listed = [gate.table for gate in gates(known, mart_files().values())]
    assert len(listed) == len(set(listed)) and not known.kinds.keys() & known.marts.keys()


def test_a_status_is_one_of_its_words_whatever_a_record_holds() -> None:
    """Why nobody counts that: the statement that shows a status picks a word of the list, or none."""
    with duckdb.connect() as connection:
        told = connection.execute(f"select distinct {status_sql('held')} from range(-70000, 70000) as t(held)").fetchall()
    assert {word for (word,) in told} == {*STATUSES, None}


ARGUMENTS: dict[str, dict[str, object]] = {
    "expect_column_values_to_be_in_set": {"column": "a", "value_set": ["1"]},
    "expect_column_values_to_be_between": {"column": "number", "min_value": 0},
    "expect_bounded_quantities": {"column_list": ["a", "b", "c", "d"]},
}


def typed(name: str) -> str:
    return f"null::{'integer' if name == 'number' else 'varchar'} as {name}"


@pytest.mark.parametrize("check", sorted(BY_ROW))
def test_a_check_reads_no_other_column_than_it_says(check: str) -> None:
    """Where none of them changed, a small publish does not ask it again: its condition binds over these columns, and over no fewer."""
    kwargs = ARGUMENTS.get(check, {"column": "a"})
    read = reads(check, kwargs)
    assert read is not None
    with duckdb.connect() as connection:
        prepare(connection, load(), threads=1)
        for missing in (None, *read):
            connection.execute(f"create or replace table rows as select {', '.join(map(typed, (*read - {missing}, 'other')))}")
            ask = f"select {condition(check, kwargs, 'rows').broken} from rows"
            if missing is None:
                connection.execute(ask)
            else:
                with pytest.raises(duckdb.BinderException):
                    connection.execute(ask)


def test_the_columns_of_a_condition_are_not_known() -> None:
    """It is SQL: a small publish asks it whatever changed."""
    assert reads("expect_rows_to_hold", {"condition": "true"}) is None
