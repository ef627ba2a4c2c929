"""What a column means and how it is written: its header says it, its values must agree."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from contracts.drafting.model import DraftColumn, Likeness, Sample, believed
from contracts.drafting.shapes import STRONG, Shape
from contracts.drafting.vocabulary import NAME, Place, Vocabulary
from contracts.model import Classification, Column, Label

ENOUGH = 0.6
FITS = {"subject": "numbered", "phone": "phone", "credit": "credited", "date": "date", "address": "address", "division": "division"}
"""The check of values that are read as such."""
TYPES = {"date": "date", "timestamp": "date", "integer": "decimal", "decimal": "decimal"}
"""The check of values of a type; texts and codes have none."""
SHAPE_ROLES = {"clock": "date", "dwelling": "address"}
IDENTIFIERS = ("subject", "phone")
ROLE_NAMES = {
    "subject": Label("身份号码", "identity numbers"),
    "phone": Label("手机号码", "mobile numbers"),
    "credit": Label("统一社会信用代码", "credit codes"),
    "date": Label("日期或时间", "dates or times"),
    "address": Label("地址", "addresses"),
    "division": Label("区划代码", "division codes"),
    "industry": Label("行业代码", "industry codes"),
}


@dataclass(frozen=True, slots=True)
class Seen:
    """A delivered column: its header, what its values are, and what it may mean, each meaning weighed by its values."""

    position: int
    header: str
    shape: Shape
    meanings: dict[Place, float]
    role: str | None


def seen(sample: Sample, shapes: list[Shape], vocabulary: Vocabulary) -> list[Seen]:
    """Every column of the sample with what it may mean."""
    return [
        Seen(place, header, shape, vocabulary.meanings(header), proven(shape)) for place, (header, shape) in enumerate(zip(sample.headers, shapes, strict=True))
    ]


def proven(shape: Shape) -> str | None:
    """What values prove to be by themselves; None where nothing is proven."""
    for check in ("subject", "phone", "credit"):
        if shape.is_(check) >= ENOUGH and shape.bare(check) >= ENOUGH:
            return check
    if shape.bare("address") >= ENOUGH and shape.passing["address"]:
        return "address"
    if shape.bare("clock") >= 0.8 or (shape.bare("dashed") >= ENOUGH and shape.bare("date") >= 0.8):
        return "date"
    return "division" if shape.bare("division") >= 0.8 or shape.bare("grid") >= 0.8 else None


def disagrees(one: Seen, place: Place, vocabulary: Vocabulary) -> bool:
    """Whether the values prove to be something else than the header says, or hardly any is what it must be."""
    column, role = vocabulary.contracts.feeds[place[0]].column(place[1]), vocabulary.roles.get(place)
    if not one.shape.filled or column.identifier_when:
        return False
    if any(one.shape.bare(check) >= 0.8 and SHAPE_ROLES.get(check, check) != role for check in STRONG if _strange(check, column, role)):
        return True
    check = FITS.get(role or "") if role in (*IDENTIFIERS, "date") else TYPES.get(column.type)
    return check is not None and one.shape.filled >= 2 and one.shape.bare(check) < 0.1


def _strange(check: str, column: Column, role: str | None) -> bool:
    """Whether such values would be strange in the column: identifiers everywhere but in their own, the others where the contract says what it reads or holds short texts."""
    return check in (*IDENTIFIERS, "credit", "clock") or column.type != "text" or role is not None or column.classification is Classification.PERSONAL


def weight(one: Seen, place: Place, vocabulary: Vocabulary) -> float:
    """How sure it is that the column means the known one: header and values together."""
    column, role = vocabulary.contracts.feeds[place[0]].column(place[1]), vocabulary.roles.get(place)
    check = FITS.get(role or "") or TYPES.get(column.type)
    spoken = vocabulary.spoken(place) if one.shape.words else frozenset()
    if disagrees(one, place, vocabulary):
        return 0.0
    if spoken:
        return one.meanings[place] * (0.3 + 0.7 * one.shape.spoken(spoken))
    return one.meanings[place] * ((0.3 + 0.7 * one.shape.is_(check)) if check and one.shape.filled else 1.0)


def chosen(one: Seen, like: list[Likeness], vocabulary: Vocabulary) -> Place | None:
    """The known column that is meant most likely; the more alike its feed, the likelier. None where no header is near or the values disagree with all."""
    shares = {each.feed: each.share for each in like}
    weighed = {place: weight(one, place, vocabulary) * (1 + shares.get(place[0], 0.0)) for place in one.meanings}
    best = max(weighed, key=lambda place: (weighed[place], place), default=None)
    return best if best is not None and weighed[best] > 0.25 else None


def typed(one: Seen) -> tuple[str, str, float]:
    """Type, classification and the share of values behind it, of a column that no header explains. What may be about a person is personal until somebody says otherwise."""
    shape = one.shape
    if one.role in IDENTIFIERS:
        return "code", "identifier", shape.is_(one.role)
    if one.role == "credit":
        return "code", "plain", shape.is_("credit")
    if one.role == "address":
        return "text", "personal", shape.is_("address")
    if one.role == "date":
        return ("timestamp", "plain", shape.is_("clock")) if shape.bare("clock") >= 0.8 else ("date", "plain", shape.is_("date"))
    if one.role == "division":
        return "code", "plain", max(shape.is_("division"), shape.is_("grid"))
    return _common(shape)


def _common(shape: Shape) -> tuple[str, str, float]:
    if shape.filled and shape.bare("flag") >= 0.9 and shape.distinct <= 2 and not shape.passing["integer"]:
        return "boolean", "personal", shape.is_("flag")
    if shape.filled and shape.bare("decimal") >= 0.9 and not shape.passing["zeros"] and not shape.unique:
        return ("integer" if shape.bare("integer") >= 0.9 else "decimal"), "plain", shape.is_("decimal")
    if shape.filled and shape.bare("coded") >= 0.9:
        return "code", "plain", shape.is_("coded")
    return ("code", "plain", 0.8) if shape.few else ("text", "personal", 1.0 if shape.filled else 0.3)


def named(header: str, known: str | None, position: int, taken: set[str]) -> str:
    """A name for the column: `known`, which others have for it, the header's own where it is one, else its place; none is given twice."""
    word = re.sub(r"[^a-z0-9]+", "_", unicodedata.normalize("NFKC", header).lower()).strip("_") if header.isascii() else ""
    wanted = known or (word if re.fullmatch(r"[a-z][a-z0-9_]{0,39}", word) else f"column_{position + 1}")
    name, number = wanted, 2
    while name in taken:
        name, number = f"{wanted}_{number}", number + 1
    taken.add(name)
    return name


def column_of(one: Seen, place: Place | None, name: str, vocabulary: Vocabulary) -> DraftColumn:
    """The draft of one column: as the known column it means, else as its values are."""
    meanings = {each: score for each in one.meanings if (score := weight(one, each, vocabulary)) > 0.25}
    required = one.shape.filled == one.shape.rows
    if place is None:
        type_, classification, values = typed(one)
        header = 1.0 if classification == "identifier" else 0.0
        properties = {"identifier": one.role} if classification == "identifier" and one.role else {}
        return DraftColumn(
            one.position, name, one.header, type_, classification, required, believed(header, values), one.role, properties=properties, meanings=meanings
        )
    known, role = vocabulary.contracts.feeds[place[0]].column(place[1]), vocabulary.roles.get(place)
    check = FITS.get(role or "") or TYPES.get(known.type)
    values = one.shape.is_(check) if check and one.shape.filled else 1.0
    column = DraftColumn(
        one.position, name, one.header, known.type, str(known.classification), required, believed(one.meanings[place], values), role or one.role
    )
    column.meanings = meanings
    if one.meanings[place] >= NAME:
        column.purpose, column.legal_basis = known.purpose, known.legal_basis
    column.description = Label(known.description_zh, known.description) if one.meanings[place] >= 1 else Label("", "")
    column.properties = {each: str(value) for each in ("identifier", "keep", "code_list") if (value := getattr(known, each)) and not known.identifier_when}
    return _careful(column, one)


def _careful(column: DraftColumn, one: Seen) -> DraftColumn:
    """Values that prove to be numbers of persons are identifiers, whatever the header says."""
    if one.role in IDENTIFIERS and column.properties.get("identifier") != one.role:
        column.properties, column.classification, column.role = {"identifier": one.role}, "identifier", one.role
    if column.classification == "identifier" and "identifier" not in column.properties:
        column.classification = "personal"
    return column
