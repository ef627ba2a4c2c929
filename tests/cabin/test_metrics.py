"""Metrics as Prometheus reads them."""

from __future__ import annotations

import math
import socket
import urllib.error
import urllib.request

import pytest
from prometheus_client.parser import text_string_to_metric_families

from cabin.errors import MetricsPortTaken
from cabin.metrics import PrometheusMeter, metered
from cabin.service import serving
from cabin.settings import Settings
from contracts.metrics import METRICS, Type
from contracts.ports import QuietMeter
from tests.broker import free_port

Series = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def served(port: int) -> Series:
    """Every sample at a port, by name and labels."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        families = list(text_string_to_metric_families(answer.read().decode()))
    return {(sample.name, tuple(sorted(sample.labels.items()))): sample.value for family in families for sample in family.samples}


def test_what_is_measured_is_served() -> None:
    """Counters add up, gauges hold the last value, histograms count below their bounds; after the process's end nobody listens."""
    port = free_port()
    with metered("127.0.0.1", port) as meter:
        meter.count("cabin_rows_normalised_total", 3, feed="rental")
        meter.count("cabin_rows_normalised_total", 4, feed="rental")
        meter.gauge("cabin_lag_seconds", 9, step="fold", partition="0")
        meter.gauge("cabin_lag_seconds", 7.5, step="fold", partition="0")
        meter.observe("cabin_settle_rows", 100, partition="1")
        found = served(port)
    assert found["cabin_rows_normalised_total", (("feed", "rental"),)] == 7
    assert found["cabin_lag_seconds", (("partition", "0"), ("step", "fold"))] == 7.5
    assert [found["cabin_settle_rows_bucket", (("le", bound), ("partition", "1"))] for bound in ("10.0", "100.0")] == [0, 1]
    with pytest.raises(urllib.error.URLError):
        served(port)


def test_every_metric_of_the_catalogue_can_be_measured() -> None:
    """Each reaches the registry under its own name; before its first value a metric is not served at all."""
    meter = PrometheusMeter()
    assert list(meter.registry.collect()) == []
    measure = {Type.COUNTER: meter.count, Type.GAUGE: meter.gauge, Type.HISTOGRAM: meter.observe}
    for metric in METRICS:
        measure[metric.type](metric.name, 1, **dict.fromkeys(metric.labels, "0"))
    names = {sample.name for family in meter.registry.collect() for sample in family.samples}
    assert {metric.name for metric in METRICS if metric.type is not Type.HISTOGRAM} <= names
    assert {f"{metric.name}_bucket" for metric in METRICS if metric.type is Type.HISTOGRAM} <= names


def test_not_a_number_takes_a_series_away() -> None:
    """A partition that moved leaves no stale lag behind: only its own series goes."""
    meter = PrometheusMeter()
    for partition in ("0", "1"):
        meter.gauge("cabin_state_bytes", 5, partition=partition)
    meter.gauge("cabin_broken_accounts", 2)
    meter.gauge("cabin_state_bytes", math.nan, partition="0")
    meter.gauge("cabin_broken_accounts", math.nan)
    assert [sample.labels for family in meter.registry.collect() for sample in family.samples] == [{"partition": "1"}]
    meter.gauge("cabin_broken_accounts", 3)
    assert meter.registry.get_sample_value("cabin_broken_accounts") == 3


def test_what_the_catalogue_does_not_have_is_refused() -> None:
    """Another name, another type, a label too many or too few: an error that names the metric, and nothing is served."""
    meter = PrometheusMeter()
    with pytest.raises(LookupError, match="cabin_nothing"):
        meter.count("cabin_nothing_total")
    with pytest.raises(LookupError, match="gauge"):
        meter.count("cabin_lag_seconds", step="fold", partition="0")
    for labels in ({"step": "fold"}, {"step": "fold", "partition": "0", "feed": "rental"}):
        with pytest.raises(LookupError, match="cabin_lag_seconds"):
            meter.gauge("cabin_lag_seconds", math.nan, **labels)
    assert list(meter.registry.collect()) == []


def test_port_zero_serves_nothing_and_a_taken_port_is_told() -> None:
    """0 means none; a port that another process holds is an error with the setting's name in its hint."""
    with metered("127.0.0.1", 0) as meter:
        assert isinstance(meter, QuietMeter)
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        with pytest.raises(MetricsPortTaken) as caught, metered("127.0.0.1", holder.getsockname()[1]):
            pass
    assert "CABIN_METRICS_PORT" in caught.value.render("zh")[1]


def test_each_worker_serves_on_a_port_of_its_own() -> None:
    """A process on the configured port, its i-th worker on that plus i; no port configured, none for any of them."""
    port = free_port()
    for worker in (0, 1):
        with serving(Settings.from_mapping({"CABIN_METRICS_PORT": str(port)}), worker) as meter:
            meter.gauge("cabin_broken_accounts", worker)
            assert served(port + worker) == {("cabin_broken_accounts", ()): worker}
    with serving(Settings.from_mapping({}), 1) as meter:
        assert isinstance(meter, QuietMeter)
