"""What the feeds of a department say about each attribute: how much, how late, how right, how fresh, and what differs from the surviving values. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson

from contracts.model import Attribute, CodeList, Contracts, Label
from contracts.notices import names
from quality.desk.shapes import shape
from quality.scorecards.card import Checked, Difference, Field

Row = Mapping[str, Any]
Key = tuple[str, str, str]
SHORT = 6
"""Of a shorter value its shape tells nothing but what it is: a code, yes or no."""
MASKED = Label("＊", "＊")
NOTHING = Label("-", "-")
YES_NO = {"true": Label("是", "yes"), "false": Label("否", "no")}


@dataclass(frozen=True, slots=True)
class Answers:
    """What a snapshot answered, rows by feed, kind and attribute: `said` by month, `standing`, `reliable`, `differing` and `examples` now."""

    said: Mapping[Key, Sequence[Row]]
    standing: Mapping[Key, Sequence[Row]]
    reliable: Mapping[Key, Sequence[Row]]
    differing: Mapping[Key, Sequence[Row]]
    examples: Mapping[Key, Sequence[Row]]

    @property
    def keys(self) -> list[Key]:
        """Every attribute that the feeds speak about, those too that nothing was said about in these months but that differ or were checked before."""
        return sorted({*self.said, *self.standing, *self.reliable, *self.differing})


def fields_told(answers: Answers, contracts: Contracts, months: Sequence[date]) -> tuple[Field, ...]:
    """In the order of feeds, kinds and attributes."""
    named = names(contracts)
    found = []
    for key in answers.keys:
        label, told = named.get(key[1:], (Label(key[2], key[2]), False))
        members = contracts.kinds[key[1]].attributes if key[1] in contracts.kinds else ()
        spoken = _Spoken({each.name: each for each in members}, contracts.code_lists, told)
        found.append(_field(key, label, answers, months, tuple(_differences(key, answers, spoken))))
    return tuple(found)


def by_field(rows: Sequence[Row]) -> dict[Key, list[Row]]:
    found: dict[Key, list[Row]] = {}
    for row in rows:
        found.setdefault((row["feed"], row["kind"], row["attribute"]), []).append(row)
    return found


def _field(key: Key, label: Label, answers: Answers, months: Sequence[date], differences: tuple[Difference, ...]) -> Field:
    said = {row["month"]: row for row in answers.said.get(key, ())}
    now = said.get(months[-1], {"claims": 0, "late": 0})
    checks = tuple(Checked(row["checked"], row["confirmed"]) if (row := said.get(month)) else Checked() for month in months)
    rate = next(((row["mean"], row["least"], row["most"]) for row in answers.reliable.get(key, ())), None)
    fresh = next((row["fresh"] / row["in_force"] for row in answers.standing.get(key, ())), None)
    return Field(*key, label, now["claims"], now["late"], checks, rate, fresh, differences)


def _differences(key: Key, answers: Answers, spoken: _Spoken) -> Iterator[Difference]:
    for row in answers.differing.get(key, ()):
        examples = tuple(spoken.example(each) for each in answers.examples.get(key, ()) if each["why"] == row["why"])
        yield Difference(row["why"], row["differing"], row["since_month"], examples)


@dataclass(frozen=True, slots=True)
class _Spoken:
    """How values of one attribute, or group of attributes, are told: in words where they are plain, else as their shape, and short ones not at all."""

    attributes: Mapping[str, Attribute]
    codes: Mapping[str, CodeList]
    told: bool

    def example(self, row: Mapping[str, Any]) -> tuple[str, Label, Label]:
        return row["record"], self._value(row["attribute"], row["claimed"]), self._value(row["attribute"], row["golden"])

    def _value(self, attribute: str, value: str | None) -> Label:
        if value is None:
            return NOTHING
        if not self.told:
            return Label(shape(value), shape(value)) if len(value) >= SHORT else MASKED
        parts = orjson.loads(value) if value.startswith("{") else {attribute: value}
        said = [self._said(name, part) for name, part in parts.items() if part is not None]
        return Label(" ".join(each.zh for each in said), " ".join(each.en for each in said))

    def _said(self, name: str, part: Any) -> Label:
        """A code in words; yes and no as such."""
        known = self.attributes.get(name)
        labels = self.codes[known.code_list].labels if known and known.code_list else {}
        text = f"{part:g}" if isinstance(part, float) else str(part)
        return labels.get(text) or YES_NO.get(text) or Label(text, text)
