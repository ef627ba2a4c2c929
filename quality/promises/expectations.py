"""The one module that knows Great Expectations: suites as its own, judged on figures that DuckDB counts.

It has no DuckDB engine. Here is one: the library's own expectations ask it for their metrics by name, and every metric of a check over rows is a count, or the keys, of
`quality.promises.evidence`; no value of a row ever reaches the library. The checks of this field are expectations of ours beside its own.
Imported by whoever judges only: it takes seconds and 200 MB.
"""

from __future__ import annotations

import json
import logging
import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

import duckdb

from contracts.checks import COLUMNS, ROWS_HOLD, VOCABULARY
from contracts.conditions import ROWS
from contracts.engine_words import without_values
from quality.promises.checks import Check, Suite
from quality.promises.evidence import UNCOMPUTABLE, Evidence

os.environ["GX_ANALYTICS_ENABLED"] = "false"  # read when it is imported: nothing is told to anybody
with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it warns of its own future when it is imported
    from great_expectations import expectations as core
    from great_expectations.core.batch import Batch
    from great_expectations.core.expectation_suite import ExpectationSuite
    from great_expectations.exceptions import GreatExpectationsError
    from great_expectations.execution_engine import ExecutionEngine
    from great_expectations.expectations import registry
    from great_expectations.expectations.expectation import BatchExpectation
    from great_expectations.expectations.metrics.metric_provider import MetricProvider
    from great_expectations.validator.validator import Validator

logging.getLogger("great_expectations").setLevel(logging.CRITICAL)  # its tracebacks quote what a statement was asked with
LIBRARY: Mapping[str, type[Any]] = {
    "expect_column_values_to_not_be_null": core.ExpectColumnValuesToNotBeNull,
    "expect_column_values_to_be_unique": core.ExpectColumnValuesToBeUnique,
    "expect_compound_columns_to_be_unique": core.ExpectCompoundColumnsToBeUnique,
    "expect_column_values_to_be_in_set": core.ExpectColumnValuesToBeInSet,
    "expect_column_values_to_be_between": core.ExpectColumnValuesToBeBetween,
}
"""Checks over rows that the library knows, too."""
FORMAT = {"result_format": "BOOLEAN_ONLY"}
"""Whether a check was kept: counts and keys are those of the evidence. So no value, and no text of a query, is ever in what the library answers, and it asks for half as many metrics."""
REFUSED = "the library does not take the check"
"""It raises an error, or leaves the check out and says so in its log only."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of one check: whether it was kept, None where it could not be judged; of so many rows it was about so many broke it, the first of which `keys` names.

    `fault` says why it could not be judged, without any value.
    """

    check: str
    kept: bool | None
    rows: int
    broken: int
    keys: tuple[Mapping[str, Any], ...] = ()
    fault: str | None = None


class _Quiet(Validator):  # type: ignore[misc]
    """Without bars of progress on standard error."""

    def _determine_progress_bars(self) -> bool:
        return False


class DuckDBExecutionEngine(ExecutionEngine):  # type: ignore[misc]
    """Its batches are `Evidence`; what it is asked for was registered below."""

    @property
    def evidence(self) -> Evidence:
        found: Evidence = self.batch_manager.active_batch_data
        return found

    def get_batch_data_and_markers(self, batch_spec: Any) -> Any:
        raise NotImplementedError

    _comparison_condition_to_filter_clause = get_batch_data_and_markers
    _nullity_condition_to_filter_clause = get_batch_data_and_markers
    _and_condition_to_filter_clause = get_batch_data_and_markers
    _or_condition_to_filter_clause = get_batch_data_and_markers


Asked = Callable[[Evidence, str, Mapping[str, Any]], Any]
SUFFIXES: Mapping[str, Asked] = {
    "unexpected_count": lambda evidence, check, kwargs: evidence.broken(check, kwargs),
    "filtered_row_count": lambda evidence, check, kwargs: evidence.about(check, kwargs),
}
"""What the library asks of a check over rows, by the end of the metric's name."""


def _answer(asked: Asked, check: str, execution_engine: DuckDBExecutionEngine, metric_domain_kwargs: Any, metric_value_kwargs: Any, **_: Any) -> Any:
    """One metric. An engine's error is kept in words without values, and told to the library as an error."""
    kwargs = {name: value for name, value in {**metric_domain_kwargs, **(metric_value_kwargs or {})}.items() if value is not None}
    try:
        return asked(execution_engine.evidence, check, kwargs)
    except duckdb.Error as fault:
        raise RuntimeError(without_values(fault)) from None


def _register(name: str, check: str, asked: Asked, keys: tuple[tuple[str, ...], tuple[str, ...]]) -> None:
    """A metric of this name for our engine; `keys`: those of the table, and those of the question."""
    known = registry._registered_metrics.get(name)  # the library warns where its own metric gets other keys
    domain, values = (known["metric_domain_keys"], known["metric_value_keys"]) if known else keys
    provider = type(f"Counted_{name}", (MetricProvider,), {"domain_keys": domain, "value_keys": values, "default_kwarg_values": dict.fromkeys(values)})
    registry.register_metric(name, domain, values, DuckDBExecutionEngine, provider, partial(_answer, asked, check))


class _OverRows(BatchExpectation):  # type: ignore[misc]
    """A check of ours over rows: one metric holds both counts."""

    mostly: float = 1.0
    domain_keys: ClassVar[tuple[str, ...]] = ("batch_id",)

    def _validate(self, metrics: Mapping[str, Any], runtime_configuration: Any = None, execution_engine: Any = None) -> dict[str, Any]:
        about, broken = metrics[self.metric_dependencies[0]]
        return {"success": about == 0 or (about - broken) / about >= self.mostly}


class ExpectColumnsOfContract(BatchExpectation):  # type: ignore[misc]
    """The table has the columns of its contract, each of its type; more of them are no fault."""

    columns: dict[str, str]
    metric_dependencies: ClassVar[tuple[str, ...]] = ("cabin.columns",)
    success_keys: ClassVar[tuple[str, ...]] = ("columns",)
    domain_keys: ClassVar[tuple[str, ...]] = ("batch_id",)

    def _validate(self, metrics: Mapping[str, Any], runtime_configuration: Any = None, execution_engine: Any = None) -> dict[str, Any]:
        return {"success": not metrics["cabin.columns"]}


def _ours(check: str, arguments: Mapping[str, str]) -> type[Any]:
    """The expectation of a check that the library does not know, named as it names its own: expect_rows_to_hold is ExpectRowsToHold."""
    kinds: Mapping[str, Any] = {"number": Any, "columns": list[str]}  # a number stays as it was written
    members: dict[str, Any] = {"__annotations__": {name: kinds.get(means, str) for name, means in arguments.items()}, "__module__": __name__}
    members |= {"__doc__": f"`{check}` of contracts.checks.", "metric_dependencies": (f"cabin.{check}",), "success_keys": ("mostly", *arguments)}
    members["__annotations__"] |= {"metric_dependencies": ClassVar[tuple[str, ...]], "success_keys": ClassVar[tuple[str, ...]]}
    return type("".join(part.capitalize() for part in check.split("_")), (_OverRows,), members)


def _counts(evidence: Evidence, check: str, kwargs: Mapping[str, Any]) -> tuple[int, int]:
    return evidence.about(check, kwargs), evidence.broken(check, kwargs)


def _columns(evidence: Evidence, check: str, kwargs: Mapping[str, Any]) -> list[dict[str, Any]]:
    return evidence.other_columns(kwargs["columns"])


def _rows(evidence: Evidence, check: str, kwargs: Mapping[str, Any]) -> int:
    return evidence.rows


OURS: dict[str, type[Any]] = {COLUMNS: ExpectColumnsOfContract, ROWS_HOLD: _ours(ROWS_HOLD, {"condition": "text"})}
_register("table.row_count", "", _rows, (("batch_id",), ()))
_register("cabin.columns", COLUMNS, _columns, (("batch_id",), ("columns",)))
_register(f"cabin.{ROWS_HOLD}", ROWS_HOLD, _counts, (("batch_id",), ("condition",)))
for _name, _word in VOCABULARY.items():
    if _name in LIBRARY:
        for _suffix, _asked in SUFFIXES.items():
            _register(f"{LIBRARY[_name].map_metric}.{_suffix}", _name, _asked, (("batch_id",), ()))
    elif _name != "expect_table_row_count_to_be_between":
        _register(f"cabin.{_name}", _name, _counts, (("batch_id",), tuple(_word.arguments)))
        OURS[_name] = _ours(_name, _word.arguments)


def judge(suite: Suite, evidence: Evidence) -> list[Judged]:
    """What became of every check of the suite, in its order; each is in the answer exactly once."""
    evidence.prepare(suite.checks)
    document = json.loads(suite.text())
    taken = [configuration for each in document["expectations"] for configuration in _taken(document["name"], each)]
    validator = _Quiet(execution_engine=DuckDBExecutionEngine(), batches=[Batch(data=evidence)])
    configurations = validator.process_expectations_for_validation(taken, None)
    results = validator.graph_validate(configurations=configurations, runtime_configuration={"result_format": dict(FORMAT)})
    found = {result.expectation_config.meta["check"]: result for result in results}
    return [_answered(check, found.get(check.name), evidence) for check in suite.checks]


def _taken(name: str, expectation: Mapping[str, Any]) -> list[Any]:
    """The expectation as the library has it; nothing where it refuses its name or its arguments, by an error or in its log."""
    try:
        return list(ExpectationSuite(name=name, expectations=[dict(expectation)]).expectation_configurations)
    except (ValueError, GreatExpectationsError):  # of arguments it says the first
        return []


def _answered(check: Check, result: Any, evidence: Evidence) -> Judged:
    """Whatever goes wrong while a check is judged, or its keys are looked for, is an error of this check and of no other."""
    if result is None:
        return Judged(check.name, None, 0, 0, fault=REFUSED)
    try:
        return _judged(check, result, evidence)
    except duckdb.Error as fault:
        return Judged(check.name, None, 0, 0, fault=without_values(fault))
    except UNCOMPUTABLE as fault:
        return Judged(check.name, None, 0, 0, fault=f"{REFUSED} ({type(fault).__name__})")


def _judged(check: Check, result: Any, evidence: Evidence) -> Judged:
    fault = _fault(result.exception_info)
    if fault is not None:
        return Judged(check.name, None, 0, 0, fault=fault)
    kept = bool(result.success)
    if check.type == COLUMNS:
        wrong = evidence.other_columns(check.kwargs["columns"])
        return Judged(check.name, kept, len(check.kwargs["columns"]), len(wrong), tuple(wrong))
    if check.type not in ROWS:  # of the whole table
        return Judged(check.name, kept, evidence.rows, 0 if kept else 1)
    rows, broken = evidence.about(check.type, check.kwargs), evidence.broken(check.type, check.kwargs)
    return Judged(check.name, kept or broken <= check.limit.rows, rows, broken, tuple(evidence.keys(check.type, check.kwargs)))


def _fault(info: Mapping[str, Any] | None) -> str | None:
    """The words of the first exception in a result, one line; None where there was none. The library keeps one an expectation, or one a metric."""
    raised: Sequence[Mapping[str, Any]] = [each for each in (info or {}, *(info or {}).values()) if isinstance(each, Mapping) and each.get("raised_exception")]
    return next((str(each["exception_message"]).splitlines()[0] for each in raised), None)
