"""Alerts and dashboards speak of metrics that exist, with labels that they have, and leave none out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from contracts.metrics import CATALOGUE, METRICS, STEPS, Metric, Type

DEPLOY = Path(__file__).parents[2] / "deploy"
RULES = [rule for group in yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text("utf-8"))["groups"] for rule in group["rules"]]
DASHBOARDS = {file.name: json.loads(file.read_text("utf-8")) for file in sorted((DEPLOY / "grafana" / "dashboards").glob("*.json"))}
PANELS = [panel for dashboard in DASHBOARDS.values() for panel in dashboard["panels"]]
EXPRESSIONS = sorted({rule["expr"] for rule in RULES} | {target["expr"] for panel in PANELS for target in panel.get("targets", [])})
OWN = {"le", "job", "instance"}
"""Labels that Prometheus itself gives."""


def named(expression: str) -> Iterator[Metric]:
    """The metrics that an expression reads; `KeyError` for one that nobody measures."""
    for name in re.findall(r"\bcabin_\w+", expression):
        family = re.sub("_(bucket|count|sum)$", "", name)
        of_histogram = family in CATALOGUE and CATALOGUE[family].type is Type.HISTOGRAM
        yield CATALOGUE[family if of_histogram and family != name else name]


def labels(expression: str) -> set[str]:
    """The labels that an expression selects or groups by."""
    grouped = {label.strip() for listed in re.findall(r"\bby \(([^)]*)\)", expression) for label in listed.split(",")}
    return grouped | set(re.findall(r"[{,]\s*(\w+)\s*(?:=~|!=|!~|=)", expression))


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_expressions_read_metrics_of_the_catalogue(expression: str) -> None:
    """Names, series of histograms and labels exist; a histogram is read by its buckets, a counter as a rate; brackets close."""
    metrics = list(named(expression))
    assert metrics or "up)" in expression
    assert labels(expression) <= OWN.union(*(metric.labels for metric in metrics))
    for metric in metrics:
        assert metric.type is not Type.COUNTER or re.search(rf"(rate|increase)\({metric.name}\b", expression)
        assert metric.type is not Type.HISTOGRAM or f"{metric.name}_bucket" in expression
    assert [expression.count(bracket) for bracket in "({["] == [expression.count(bracket) for bracket in ")}]"]
    assert set(re.findall(r'step="(\w+)"', expression)) <= set(STEPS)


@pytest.mark.parametrize(
    "expression",
    ["max(cabin_lag) > 0", "cabin_settle_rows_bucket_bucket", "rate(cabin_broken_accounts_count[5m])", "rate(cabin_raw_rows_landed[1m])"],
)
def test_a_metric_that_nobody_measures_is_found(expression: str) -> None:
    """Part of a name, a series that only histograms have, a counter without its ending."""
    with pytest.raises(KeyError):
        list(named(expression))


def test_labels_are_found_wherever_they_stand() -> None:
    """In matchers and after `by`."""
    assert labels('sum by (step, le) (rate(x{a="1", b=~"2"}[1m]))') == {"step", "le", "a", "b"}


def test_every_metric_is_looked_at() -> None:
    """Each of the catalogue is on a dashboard or in an alert."""
    assert {metric.name for expression in EXPRESSIONS for metric in named(expression)} == {metric.name for metric in METRICS}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_every_alert_tells_what_is_wrong(rule: dict[str, Any]) -> None:
    """Name, severity, and a sentence in both languages."""
    assert rule["labels"]["severity"] in ("warning", "critical")
    assert re.search("[\u4e00-\u9fff]", rule["annotations"]["summary_zh"]) and not re.search("[\u4e00-\u9fff]", rule["annotations"]["summary"])


def test_what_must_not_be_missed_alerts() -> None:
    """Broken accounts, lag of more than a minute, no snapshot for ten minutes."""
    asked = {rule["alert"]: rule["expr"] for rule in RULES}
    assert len(asked) == len(RULES)
    assert asked["BrokenAccounts"] == "max(cabin_broken_accounts) > 0"
    assert "cabin_lag_seconds) > 60" in asked["Behind"] and "cabin_snapshot_age_seconds) > 600" in asked["SnapshotOld"]


def test_dashboards_can_be_provisioned() -> None:
    """Panels have numbers of their own and do not lie on each other, titles are in both languages, the source is the one that is provisioned."""
    source = yaml.safe_load((DEPLOY / "grafana/provisioning/datasources/prometheus.yml").read_text("utf-8"))["datasources"][0]
    for dashboard in DASHBOARDS.values():
        panels = dashboard["panels"]
        assert len({panel["id"] for panel in panels}) == len(panels)
        taken = [cell for panel in panels for cell in _cells(panel["gridPos"])]
        assert len(taken) == len(set(taken)) and all(x < 24 for x, _ in taken)
        assert all(re.search("[A-Za-z].* / .*[\u4e00-\u9fff]", panel["title"]) for panel in panels)
        assert {panel["datasource"]["uid"] for panel in panels if "targets" in panel} == {source["uid"]}


def _cells(place: dict[str, int]) -> list[tuple[int, int]]:
    return [(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])]
