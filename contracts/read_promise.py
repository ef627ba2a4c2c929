"""The `quality` entries of kinds and marts as promises about whole tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.checks import METRICS, ROWS_HOLD
from contracts.model import Allowance, Label, Promise, Severity
from contracts.odcs import custom, label_of

if TYPE_CHECKING:
    from open_data_contract_standard.model import DataQuality, SchemaObject


def promises_of(schema: SchemaObject) -> tuple[Promise, ...]:
    """Those of the table first, then the columns' own, in file order. The document must have passed `contracts.check`."""
    own = [(each, str(item.name)) for item in schema.properties or () for each in item.quality or ()]
    return tuple(promise_of(each, column) for each, column in [*((each, None) for each in schema.quality or ()), *own])


def promise_of(each: DataQuality, column: str | None) -> Promise:
    """One entry; an entry of a column is about that column unless it names another."""
    check, arguments = _asked(each)
    label = label_of(custom(each.customProperties))
    named = {} if column is None or check in (ROWS_HOLD, METRICS["rowCount"]) or "column_list" in arguments else {"column": column}
    return Promise(
        name=str(each.name),
        check=check,
        arguments={**named, **arguments},
        severity=Severity(each.severity or "error"),
        label=Label(label.zh or str(each.name), label.en or str(each.name)),
        limit=limit_of(each),
    )


def _asked(each: DataQuality) -> tuple[str, dict[str, object]]:
    """The check and its arguments: one of the standard's metrics, a condition over the row, or a check by name."""
    if each.type == "library":
        given = each.arguments or {}
        renamed = {"validValues": "value_set", "codeList": "code_list"}
        bounds = {"min_value": each.mustBeGreaterOrEqualTo, "max_value": each.mustBeLessOrEqualTo} if each.metric == "rowCount" else {}
        return METRICS[str(each.metric)], {renamed[name]: value for name, value in given.items()} | {
            name: value for name, value in bounds.items() if value is not None
        }
    if isinstance(each.implementation, dict):
        return str(each.implementation["type"]), dict(each.implementation.get("kwargs") or {})
    return ROWS_HOLD, {"condition": str(each.implementation)}


def limit_of(each: DataQuality) -> Allowance:
    """`mustBe: 0` or nothing: no row may break it; `mustBeLessOrEqualTo` with the unit `rows` or `percent`: so many may. A number of rows that is asked for is no limit."""
    most = each.mustBeLessOrEqualTo
    if most is None or each.metric == "rowCount":
        return Allowance()
    return Allowance(share=round(float(most) / 100, 8)) if each.unit == "percent" else Allowance(rows=int(most))
