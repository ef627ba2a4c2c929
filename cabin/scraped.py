"""What running workers of this machine measure and no log tells: how far the fold is, what waits to be published."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.request import ProxyHandler, build_opener

from prometheus_client.parser import text_string_to_metric_families

CHILDREN = 32
"""Ports looked at, from the configured one on; a port without listener costs nothing."""
WAIT_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Measured:
    """Gauges of all processes that answered; each is None where no process measures it for every partition."""

    fold_messages: Mapping[int, int] | None = None
    """By partition."""
    outbox: int | None = None


def measured(host: str, port: int, partitions: int) -> Measured:
    """What the processes at `port` and after it measure now."""
    if port == 0:
        return Measured()
    samples = list(_samples(host, port))
    whole = {str(partition) for partition in range(partitions)}

    def values(name: str, **labels: str) -> dict[int, float] | None:
        found = {each.labels["partition"]: each.value for each in samples if each.name == name and labels.items() <= each.labels.items()}
        return {int(partition): found[partition] for partition in whole} if found.keys() >= whole else None

    messages, outbox = values("cabin_lag_messages", step="fold"), values("cabin_outbox_messages")
    return Measured(
        fold_messages=None if messages is None else {partition: int(count) for partition, count in messages.items()},
        outbox=None if outbox is None else int(sum(outbox.values())),
    )


def _samples(host: str, port: int) -> Iterator[Any]:
    direct = build_opener(ProxyHandler({}))  # whatever proxy the environment names
    for each in range(port, port + CHILDREN):
        try:
            with direct.open(f"http://{host}:{each}/metrics", timeout=WAIT_SECONDS) as answer:
                text = answer.read().decode()
        except (OSError, ValueError):
            continue
        for family in text_string_to_metric_families(text):
            yield from family.samples
