"""The full value behind a mask: taken from its origin on the log, opened by the vault, never from a mart."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from cabin.errors import NotRevealable, UnknownAttribute
from cabin.origins import facts_of
from cabin.session import Session
from contracts.model import Classification, Unit
from streams.local import Ports
from warehouse.explain import Explained, explain

NUMBER = "number"
"""What is asked for to see a person's identity number, which no contract has as an attribute."""
TOKEN = re.compile(r"[pt][0-9a-f]{24}")


def value_of(session: Session, kind: str, entity: str, attribute: str) -> str:
    """The golden value in clear; of a group its members as one JSON object.

    Raises: `UnknownKind`, `UnknownEntity`, `UnknownAttribute`, `NoSnapshot`; `NotRevealable` where no source gives the attribute or the key was destroyed.
    """
    explanation = explain(session.data / "published", session.contracts, kind, entity)
    if kind == "person" and attribute == NUMBER:
        return _given(session.vault.number_of(entity), attribute)
    explained = next((each for each in explanation.units if each.attribute == attribute), None)
    if explained is None:
        names = [each.attribute for each in explanation.units] + ([NUMBER] if kind == "person" else [])
        raise UnknownAttribute(kind=kind, attributes=", ".join(names))
    unit = next(each for each in session.contracts.kinds[kind].units if each.name == attribute)
    value = _found(session, explained) if explained.source == "visit" else _claimed(session, kind, entity, explained, unit)
    return _given(_opened(session, unit, value), attribute)


def _found(session: Session, explained: Explained) -> Any:
    """What the finding that speaks says in its delivered row; a roster says so by its outcome."""
    found = next((each for each in explained.found if each.state == "holds"), None)
    if found is None:
        return None
    told = _facts(session, found.source, found.delivery, found.row)
    values = [fact["value"] for name, fact in told if name == "finding" and fact["finding"] == found.finding]
    return values[0] if values else found.value if told else None


def _claimed(session: Session, kind: str, entity: str, explained: Explained, unit: Unit) -> Any:
    said = next((each for each in explained.said if each.source == explained.source), None)
    if said is None:
        return None
    told = _facts(session, said.source, said.delivery, said.row)
    claim = next((fact for name, fact in told if name == f"claim.{kind}" and fact["entity"] == entity), None)
    return None if claim is None else _members(unit, claim)


def _members(unit: Unit, claim: Mapping[str, Any]) -> Any:
    if len(unit.members) == 1:
        return claim[unit.members[0].name]
    said = {member.name: claim[member.name] for member in unit.members}
    return json.dumps(said, default=str, ensure_ascii=False) if any(value is not None for value in said.values()) else None


def _opened(session: Session, unit: Unit, value: Any) -> Any:
    """The number behind a token where the attribute is an identifier; null where its key was destroyed."""
    identifies = unit.members[0].classification is Classification.IDENTIFIER
    return session.vault.number_of(value) if identifies and isinstance(value, str) and TOKEN.fullmatch(value) else value


def _facts(session: Session, source: str, delivery: str, row: int) -> list[tuple[str, dict[str, Any]]]:
    return facts_of(Ports(session.log, session.contracts, session.vault), source, delivery, row)


def _given(value: Any, attribute: str) -> str:
    if value is None:
        raise NotRevealable(attribute=attribute)
    return str(value)
