"""The Prometheus adapter of `contracts.ports.Meter`: a registry of its own, served over HTTP where a port is set."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server

from cabin.errors import MetricsPortTaken
from contracts.metrics import Metric, Type, declared
from contracts.ports import Meter, QuietMeter

Family = Counter | Gauge | Histogram


@dataclass(frozen=True, slots=True)
class PrometheusMeter:
    """Implements `contracts.ports.Meter`; `LookupError` for a name or labels that the catalogue does not have.

    A metric is served from its first value on: a process that never measures one does not pretend that it is 0.
    """

    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    _families: dict[str, Family] = field(default_factory=dict)
    _alone: threading.Lock = field(default_factory=threading.Lock)

    def count(self, name: str, amount: float = 1, **labels: str) -> None:
        counter = self._series(declared(name, Type.COUNTER, labels), labels)
        assert isinstance(counter, Counter)
        counter.inc(amount)

    def gauge(self, name: str, value: float, **labels: str) -> None:
        metric = declared(name, Type.GAUGE, labels)
        if math.isnan(value):
            self._take_away(name, labels)
            return
        gauge = self._series(metric, labels)
        assert isinstance(gauge, Gauge)
        gauge.set(value)

    def observe(self, name: str, value: float, **labels: str) -> None:
        histogram = self._series(declared(name, Type.HISTOGRAM, labels), labels)
        assert isinstance(histogram, Histogram)
        histogram.observe(value)

    def _series(self, metric: Metric, labels: Mapping[str, str]) -> Family:
        with self._alone:
            if metric.name not in self._families:
                self._families[metric.name] = _family(metric, self.registry)
            family = self._families[metric.name]
        return family.labels(**labels) if labels else family

    def _take_away(self, name: str, labels: Mapping[str, str]) -> None:
        with self._alone:
            family = self._families.get(name)
            if family is not None and labels:
                family.remove_by_labels(dict(labels))
            elif family is not None:
                self.registry.unregister(self._families.pop(name))


def _family(metric: Metric, registry: CollectorRegistry) -> Family:
    if metric.type is Type.HISTOGRAM:
        return Histogram(metric.name, metric.help.en, metric.labels, registry=registry, buckets=metric.buckets)
    return (Counter if metric.type is Type.COUNTER else Gauge)(metric.name, metric.help.en, metric.labels, registry=registry)


@contextmanager
def metered(host: str, port: int) -> Iterator[Meter]:
    """The meter of a process, served at http://host:port/metrics until it ends; a quiet one where the port is 0.

    Raises: `MetricsPortTaken`.
    """
    if port == 0:
        yield QuietMeter()
        return
    meter = PrometheusMeter()
    try:
        server, thread = start_http_server(port, host, meter.registry)
    except OSError as error:
        raise MetricsPortTaken(host=host, port=port) from error
    try:
        yield meter
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
