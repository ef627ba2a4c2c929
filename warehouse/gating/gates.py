"""The list of what gates a publish, compiled from the contracts: of each mart, and of the golden records of each kind, the promises of severity `error` that only rows can tell.

The others are kept by how a table is made: columns and types are compared then (`warehouse.build`), keys are counted (`warehouse.keys`), words of a status are spelled by the statement.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from contracts.model import Contracts, Promise
from contracts.promised import of_kind, of_mart
from warehouse.catalogue import MartFile
from warehouse.wide import wide_name


@dataclass(frozen=True, slots=True)
class Gate:
    """The gating promises of one table. `table` is the mart or kind as overrides name it (`household`, `event`), `relation` its rows in a snapshot, `file` that of a mart; None: a kind."""

    table: str
    relation: str
    promises: tuple[Promise, ...]
    file: MartFile | None = None

    @property
    def names(self) -> frozenset[str]:
        """`event.amount-bound`: as people name them."""
        return frozenset(f"{self.table}.{each.name}" for each in self.promises)


def gates(contracts: Contracts, files: Iterable[MartFile]) -> list[Gate]:
    """Of all kinds, then of these marts; what promises nothing is left out."""
    kinds = [Gate(kind.name, wide_name(kind.name), of_kind(kind, contracts).gates) for kind in contracts.kinds.values()]
    marts = [Gate(file.name, file.name, of_mart(contracts.marts[file.name]).gates, file) for file in files if file.name in contracts.marts]
    return [each for each in (*kinds, *marts) if each.promises]
