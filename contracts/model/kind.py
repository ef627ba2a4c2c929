"""What a golden record holds: `Kind`, its attributes, and the units that survivorship chooses."""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field, replace
from typing import Literal

from contracts.model.words import AttributeType, Classification, Label, Promise


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of a golden record.

    `freshness_days` is the shorter class. `group` names attributes chosen together. A visit can change it only if `visit` is true.
    """

    name: str
    id: str
    type: AttributeType
    label: Label
    description: str
    classification: Classification
    purpose: str
    legal_basis: str
    freshness_days: int
    visit: bool = False
    code_list: str | None = None
    group: str | None = None
    unit: str | None = None
    description_zh: str = ""


@dataclass(frozen=True, slots=True)
class Unit:
    """What survivorship chooses at once: one attribute, or a group of attributes as a whole tuple."""

    name: str
    members: tuple[Attribute, ...]
    freshness_days: int
    compare: Literal["equal", "address"]

    @property
    def visit(self) -> bool:
        """Whether a visit can speak about it; what it says about other units becomes a correction request, never a finding (reconcile.md, section 3)."""
        return any(member.visit for member in self.members)

    @property
    def silent(self) -> Unit:
        """The unit as if no visit could speak about it."""
        return replace(self, members=tuple(replace(member, visit=False) for member in self.members))


@dataclass(frozen=True, slots=True)
class Kind:
    """One of the eight kinds or the link residency: attributes, survivorship and who delivers it.

    `priorities` maps a unit (or `*`) to ranks of sources, best first; sources of one rank are told apart by the order key; unlisted sources come last, together.
    """

    name: str
    version: int
    version_text: str
    label: Label
    description: str
    attributes: tuple[Attribute, ...]
    priorities: MappingOf[str, tuple[tuple[str, ...], ...]]
    retention_days: int
    title: str | None = None
    description_zh: str = ""
    quality: tuple[Promise, ...] = ()
    topic: str = ""
    status: str = "active"
    units: tuple[Unit, ...] = field(init=False, repr=False, compare=False)
    """In attribute order; a group stands where its first member stands. Found once: compiling the statements of one publish asks for them hundreds of times."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "units", self._units())

    def _units(self) -> tuple[Unit, ...]:
        grouped: dict[str, list[Attribute]] = {}
        for attribute in self.attributes:
            grouped.setdefault(attribute.group or attribute.name, []).append(attribute)
        return tuple(
            Unit(
                name,
                tuple(members),
                min(member.freshness_days for member in members),
                "address" if len(members) == 1 and members[0].type == "address" else "equal",
            )
            for name, members in grouped.items()
        )
