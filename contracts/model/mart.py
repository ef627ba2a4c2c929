"""A table that people read: `Mart`."""

from __future__ import annotations

from dataclasses import dataclass

from contracts.model.words import Classification, Label, Promise


@dataclass(frozen=True, slots=True)
class MartColumn:
    """One column of a mart: DuckDB type, unit, meaning of null in the description."""

    name: str
    type: str
    label: Label
    description: str
    classification: Classification
    key: bool = False
    unit: str | None = None
    description_zh: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class Mart:
    """A table for readers: one row per `grain` (its key columns). `small_cells`: where it counts people, or tells numbers by area, what is hidden of them or why nothing need be."""

    name: str
    version_text: str
    label: Label
    description: str
    columns: tuple[MartColumn, ...]
    consumers: tuple[str, ...]
    purpose: str
    description_zh: str = ""
    quality: tuple[Promise, ...] = ()
    status: str = "active"
    small_cells: Label | None = None

    @property
    def grain(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns if column.key)
