"""What contracts promise of whole tables: what follows from columns, keys, code lists, units and bounds, and what a contract asks for under `quality`. Pure, in a fixed order.

Suites ask all of it of what is published. What the making of a table cannot break by itself (`shape`, `keys`, `stated`) stops no publish a second time; of the rest (`gates`) the severity says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from contracts.checks import COLUMNS
from contracts.facts import LINK, SQL_TYPES
from contracts.golden.basis import STATUSES
from contracts.model import Attribute, Contracts, Kind, Label, Mart, MartColumn, Promise, Severity

COUNTED = frozenset({"persons", "rooms", "hazards", "yuan", "m2", "km2"})
"""Units of which there is no number below 0."""


@dataclass(frozen=True, slots=True)
class Promised:
    """Of one table. `shape`: its columns and types; `keys`: no key is null or stands twice; `derived`: what follows from code lists, units and bounds;
    `stated`: words that the statement of a kind's table spells itself; `asked`: the entries under `quality`."""

    shape: Promise
    keys: tuple[Promise, ...]
    derived: tuple[Promise, ...]
    stated: tuple[Promise, ...]
    asked: tuple[Promise, ...]

    @property
    def all(self) -> tuple[Promise, ...]:
        return (self.shape, *self.keys, *self.derived, *self.stated, *self.asked)

    @property
    def gates(self) -> tuple[Promise, ...]:
        """Those of severity `error` that only the rows can tell: what must be kept to be published."""
        return tuple(each for each in (*self.derived, *self.asked) if each.severity is Severity.ERROR)


def of_kind(kind: Kind, contracts: Contracts) -> Promised:
    """Of the kind's current table, which shows golden values as marts do."""
    types = {"entity": "VARCHAR", **({name: "VARCHAR" for name, _ in LINK} if kind.name == "residency" else {})}
    types |= {each.name: SQL_TYPES[each.type] for each in kind.attributes}
    derived = [promise for each in kind.attributes for promise in _attribute(each, contracts)]
    stated = [
        _in_set(f"{unit.name}__status", f"{unit.name}-status", STATUSES, Label(f"{unit.members[0].label.zh}的状态", f"status of {unit.name}"))
        for unit in kind.units
    ]
    return Promised(_shape(types), tuple(_keyed(("entity",))), tuple(derived), tuple(stated), kind.quality)


def of_mart(mart: Mart) -> Promised:
    """Of the mart: its grain, and numbers with bounds."""
    return Promised(_shape({column.name: column.type for column in mart.columns}), tuple(_keyed(mart.grain)), tuple(_bounded(mart.columns)), (), mart.quality)


def _shape(types: Mapping[str, str]) -> Promise:
    return _promise("columns", COLUMNS, {"columns": dict(types)}, Label("列及类型与契约一致", "columns and types are those of the contract"))


def _keyed(key: tuple[str, ...]) -> Iterator[Promise]:
    for column in key:
        yield _promise(
            f"{column}-null", "expect_column_values_to_not_be_null", {"column": column}, Label(f"键列 {column} 不为空", f"the key column {column} is filled")
        )
    label = Label("键不重复", "no key stands twice")
    if len(key) == 1:
        yield _promise("key-twice", "expect_column_values_to_be_unique", {"column": key[0]}, label)
    elif key:
        yield _promise("key-twice", "expect_compound_columns_to_be_unique", {"column_list": list(key)}, label)


def _bounded(columns: tuple[MartColumn, ...]) -> Iterator[Promise]:
    """A column with a bound beside it is a quantity; one with its ends beside it, too, an interval."""
    names = {column.name for column in columns}
    for column in columns:
        if f"{column.name}_bound" not in names:
            continue
        ends = [f"{column.name}_least", f"{column.name}_most"]
        listed = [column.name, f"{column.name}_bound", *(ends if names.issuperset(ends) else [])]
        label = Label(f"{column.label.zh}与其界一致", f"{column.name} agrees with its bound")
        yield _promise(f"{column.name}-bound", "expect_bounded_quantities", {"column_list": listed}, label)


def _attribute(each: Attribute, contracts: Contracts) -> Iterator[Promise]:
    """Codes are of their list; what is counted or measured is not below 0."""
    if each.code_list:
        label = Label(f"{each.label.zh}属于代码表", f"{each.name} is of its code list")
        yield _in_set(each.name, f"{each.name}-code", tuple(contracts.code_lists[each.code_list].labels), label)
    if each.unit in COUNTED:
        label = Label(f"{each.label.zh}不小于零", f"{each.name} is not below 0")
        yield _promise(f"{each.name}-negative", "expect_column_values_to_be_between", {"column": each.name, "min_value": 0}, label)


def _in_set(column: str, name: str, values: tuple[str, ...], label: Label) -> Promise:
    return _promise(name, "expect_column_values_to_be_in_set", {"column": column, "value_set": list(values)}, label)


def _promise(name: str, check: str, arguments: Mapping[str, object], label: Label) -> Promise:
    """What follows from a contract must hold."""
    return Promise(name, check, arguments, Severity.ERROR, label)
