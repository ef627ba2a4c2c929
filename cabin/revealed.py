"""The full value behind a mask: taken from its origin on the log, opened by the vault, never from a mart."""

from __future__ import annotations

from typing import Any

from cabin.errors import NotRevealable
from cabin.origins import facts_of
from cabin.session import Session
from streams.local import Ports
from warehouse.explain import explain


def value_of(session: Session, kind: str, entity: str, attribute: str) -> str:
    """The golden value in clear.

    Raises: `UnknownEntity`, `NoSnapshot`; `NotRevealable` where no source gives the attribute or the key was destroyed.
    """
    explanation = explain(session.data / "published", session.contracts, kind, entity)
    if kind == "person" and attribute == "number":
        return _given(session.vault.number_of(entity), attribute)
    unit = next((each for each in explanation.units if each.attribute == attribute), None)
    if unit is None:
        raise NotRevealable(attribute=attribute)
    said = next((each for each in unit.said if each.source == unit.source), None)
    if said is None:
        return _given(unit.value, attribute)
    ports = Ports(session.log, session.contracts, session.vault)
    facts = facts_of(ports, said.source, said.delivery, said.row)
    return _given(next((fact[attribute] for name, fact in facts if name == f"claim.{kind}" and fact["entity"] == entity), None), attribute)


def _given(value: Any, attribute: str) -> str:
    if value is None:
        raise NotRevealable(attribute=attribute)
    return str(value)
