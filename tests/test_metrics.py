"""Every metric is in the catalogue, documented in both languages, and no code measures under another name."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.metrics import CATALOGUE, METRICS, OUTCOMES, STEPS, Metric, Type, declared

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "metrics.md"
PACKAGES = ("contracts", "vault", "streams", "warehouse", "quality", "cabin")
CALLS = {"count": Type.COUNTER, "gauge": Type.GAUGE, "observe": Type.HISTOGRAM}
NAMES_OF_METERS = {"meter", "_meter"}
INTRODUCTION = """# Metrics

What a process of the cabin measures, served for Prometheus at `http://CABIN_METRICS_HOST:CABIN_METRICS_PORT/metrics`.
A metric is served from its first value on; a partition that moved to another worker takes its gauges along.
No label carries a value from a delivery.

`python -m tests.test_metrics` writes this page anew from the catalogue, `contracts/metrics.py`.
"""


def page() -> str:
    """The whole page of documentation."""
    steps = "".join(f"| `{step}` | {label.en} | {label.zh} |\n" for step, label in STEPS.items())
    outcomes = ", ".join(f"`{outcome}`" for outcome in OUTCOMES)
    head = f"\n## Labels\n\n| `step` | en | zh |\n|---|---|---|\n{steps}\n`outcome` is one of {outcomes}; `reason` is the rule that a quarantined row broke, else empty.\n"
    return INTRODUCTION + head + "".join(_section(metric) for metric in METRICS)


def _section(metric: Metric) -> str:
    labels = ", ".join(f"`{label}`" for label in metric.labels) or "no labels"
    bounds = f" Buckets: {', '.join(f'{bound:g}' for bound in metric.buckets)}." if metric.buckets else ""
    return f"\n## {metric.name}\n\n{metric.type.capitalize()} in {metric.unit}; {labels}.{bounds}\n\n- en: {metric.help.en}.\n- zh: {metric.help.zh}。\n"


def measurements(tree: ast.AST) -> Iterator[ast.Call]:
    """Calls of `count`, `gauge` or `observe` on something named a meter."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CALLS:
            receiver = node.func.value
            name = receiver.attr if isinstance(receiver, ast.Attribute) else receiver.id if isinstance(receiver, ast.Name) else ""
            if name in NAMES_OF_METERS:
                yield node


def test_the_page_of_metrics_is_exact() -> None:
    """`docs/metrics.md` has a heading for each metric, with its labels, unit and meaning; `python -m tests.test_metrics` writes it."""
    assert PAGE.read_text(encoding="utf-8") == page()


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_every_metric_is_whole(metric: Metric) -> None:
    """Named as Prometheus asks: the family, base units, `_total` for counters only; buckets rise and only histograms have them; told in both languages."""
    assert metric.name.startswith("cabin_") and metric.name.endswith("_total") == (metric.type is Type.COUNTER)
    assert metric.unit not in ("seconds", "bytes") or metric.name.endswith(f"_{metric.unit}")
    assert bool(metric.buckets) == (metric.type is Type.HISTOGRAM) and list(metric.buckets) == sorted(set(metric.buckets))
    assert metric.help.zh and metric.help.en and metric.help.zh != metric.help.en
    assert len(CATALOGUE) == len(METRICS)


def test_all_code_measures_under_names_of_the_catalogue() -> None:
    """Each measurement names a metric in words, of the right type, with exactly its labels: a quiet meter in a test would hide a mistake."""
    for file in (file for package in PACKAGES for file in sorted((ROOT / package).rglob("*.py"))):
        for call in measurements(ast.parse(file.read_text(encoding="utf-8"))):
            assert isinstance(call.func, ast.Attribute) and call.args and isinstance(call.args[0], ast.Constant), (file.name, call.lineno)
            labels = [str(keyword.arg) for keyword in call.keywords if keyword.arg not in ("amount", "value")]
            declared(str(call.args[0].value), CALLS[call.func.attr], labels)


@pytest.mark.parametrize("line", ["meter.count('cabin_rows_total')", "self._meter.gauge('cabin_lag_seconds', 1, step='fold')", "run.meter.observe(name, 2)"])
def test_the_look_through_the_code_finds_mistakes(line: str) -> None:
    """A name that is none, a missing label, a name made up at run time: each is found."""
    (call,) = measurements(ast.parse(line))
    assert isinstance(call.func, ast.Attribute)
    given = call.args[0]
    with pytest.raises(LookupError):
        declared(str(given.value) if isinstance(given, ast.Constant) else "", CALLS[call.func.attr], [str(each.arg) for each in call.keywords])


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
