"""Values in words: codes with their labels, divisions with their names, years of birth as bands, numbers without idle zeros, addresses as on a door."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from contracts.model import Attribute, Contracts, Label, Unit
from warehouse.masks import banded

WORDS = ("", "号", "幢", "单元", "室")
"""What stands behind the parts of an address key: road or estate, number, building, unit, room."""
FLAGS = {"true": Label("是", "yes"), "false": Label("否", "no")}


def unit_in_words(contracts: Contracts, unit: Unit, values: Mapping[str, str | None]) -> Label | None:
    """A unit's value from its members' texts; members of a group are named. None where nothing is said."""
    said = [(member, text) for member in unit.members if (text := values.get(member.name)) is not None]
    if not said:
        return None
    if len(unit.members) == 1:
        return in_words(contracts, unit.members[0], said[0][1])
    parts = [(member.label, in_words(contracts, member, text)) for member, text in said]
    return Label("，".join(f"{label.zh} {word.zh}" for label, word in parts), ", ".join(f"{label.en} {word.en}" for label, word in parts))


def told_in_words(contracts: Contracts, unit: Unit, text: str | None) -> Label | None:
    """A claimed or found value from its text; of a group a JSON object of members."""
    if text is None:
        return None
    if len(unit.members) == 1:
        return unit_in_words(contracts, unit, {unit.members[0].name: text})
    members = json.loads(text)
    return unit_in_words(contracts, unit, {name: None if value is None else str(value) for name, value in members.items()})


def in_words(contracts: Contracts, attribute: Attribute, text: str) -> Label:
    """One attribute's value; what has no other words stays as it is."""
    if attribute.code_list:
        return _coded(text, contracts.code_lists[attribute.code_list].labels.get(text))
    if banded(attribute):
        return _same(f"{text}-{int(text) + 9}" if text.isdecimal() else text)
    if attribute.type == "boolean":
        return FLAGS.get(text, _same(text))
    if attribute.type == "decimal":
        return _same(plain_number(text))
    if attribute.type == "address":
        return _coded(text, address_in_words(contracts, text))
    if attribute.type == "text" and len(text) >= 6:
        return _coded(text, division_in_words(contracts, text))
    return _same(text)


def text_of(value: object) -> str:
    """A typed value as SQL writes it as text."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def division_in_words(contracts: Contracts, code: str) -> Label | None:
    """The name of a county, township or village, of a village with its township in front; None for an unknown code. The table names most in Chinese only."""
    if code not in contracts.divisions:
        return None
    levels = [contracts.divisions[code[:length]] for length in (9, 12) if length <= len(code) and code[:length] in contracts.divisions]
    names = levels or [contracts.divisions[code]]
    return Label(
        "".join(name.zh for name in names), " ".join(name.en for name in names) if all(name.en for name in names) else "".join(name.zh for name in names)
    )


def address_in_words(contracts: Contracts, key: str) -> Label | None:
    """An address key as it stands on a door; None where it names a place only by a code that is unknown."""
    code, *parts = key.split("/")
    written = "".join(part + word for part, word in zip(parts, WORDS, strict=False) if part != "-")
    place = division_in_words(contracts, code)
    if not written:
        return place
    return Label((place.zh if place else "") + written, f"{place.en} {written}" if place else written)


def plain_number(text: str) -> str:
    """A decimal without zeros at its end."""
    try:
        return f"{Decimal(text).normalize():f}"
    except InvalidOperation:
        return text


def _coded(code: str, label: Label | None) -> Label:
    """The code with its label beside it; alone where it is its own label."""
    return Label(*(code if word == code else f"{code} {word}" for word in (label.zh, label.en))) if label else _same(code)


def _same(text: str) -> Label:
    return Label(text, text)
