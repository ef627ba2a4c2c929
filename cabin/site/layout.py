"""Where the nodes of a layered graph stand: few edges cross, and equal graphs stand equally. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cabin.site.flows import Net

WIDTH, HEIGHT, BESIDE, BELOW, TOP = 156.0, 22.0, 46.0, 7.0, 26.0
SWEEPS = 6


@dataclass(frozen=True, slots=True)
class Laid:
    """The upper left corner of every node, the breadth and height of all, and the layers that there are, each with its x."""

    corners: Mapping[str, tuple[float, float]]
    width: float
    height: float
    layers: Mapping[int, float]


def laid_out(net: Net) -> Laid:
    """Layers from left to right; a layer that nothing is in takes no room."""
    columns = _ordered(net)
    tallest = max(len(names) for names in columns.values())
    height = TOP + tallest * (HEIGHT + BELOW)
    layers = {layer: at * (WIDTH + BESIDE) for at, layer in enumerate(columns)}
    corners = {
        name: (layers[layer] + 1, TOP + (tallest - len(names)) * (HEIGHT + BELOW) / 2 + row * (HEIGHT + BELOW))
        for layer, names in columns.items()
        for row, name in enumerate(names)
    }
    return Laid(corners, len(columns) * (WIDTH + BESIDE) - BESIDE + 2, height, layers)


def _ordered(net: Net) -> dict[int, list[str]]:
    """Each layer's nodes in the order of what they hang together with: swept to and fro; ties by name."""
    columns: dict[int, list[str]] = {}
    for name, layer in sorted(net.layers.items(), key=lambda item: (item[1], item[0])):
        columns.setdefault(layer, []).append(name)
    near: dict[str, list[str]] = {name: [] for name in net.layers}
    far: dict[str, list[str]] = {name: [] for name in net.layers}
    for source, made in net.edges:
        near[made].append(source)
        far[source].append(made)
    for sweep in range(SWEEPS):
        beside = far if sweep % 2 else near
        for layer in sorted(columns, reverse=bool(sweep % 2)):
            places = {name: (row + 0.5) / len(names) for names in columns.values() for row, name in enumerate(names)}
            columns[layer].sort(key=lambda name: (_mean(name, beside[name], places), name))
    return columns


def _mean(name: str, others: list[str], places: Mapping[str, float]) -> float:
    return round(sum(places[each] for each in others) / len(others), 9) if others else places[name]
