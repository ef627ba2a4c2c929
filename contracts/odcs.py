"""One ODCS file as the standard's own model, with our `cabin.*` properties as plain mappings.

The standard's package is imported on first use: it costs a quarter of a second, which `cabin --help` must not pay.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

import yaml

from contracts.errors import InvalidContract
from contracts.model import AttributeType, Classification, Label

if TYPE_CHECKING:
    from open_data_contract_standard.model import CustomProperty, OpenDataContractStandard, SchemaObject, SchemaProperty

Flavour = Literal["feed", "kind", "mart"]
API_VERSION = "v3.2.0"
LOGICAL_TYPES: dict[str, AttributeType] = {
    "string": "text",
    "date": "date",
    "timestamp": "timestamp",
    "integer": "integer",
    "number": "decimal",
    "boolean": "boolean",
}
ATTRIBUTE_TYPES: tuple[AttributeType, ...] = ("text", "code", "address", "date", "timestamp", "integer", "decimal", "boolean")
_MARKS: tuple[tuple[str, Flavour], ...] = (("cabin.format", "feed"), ("cabin.retention_days", "kind"), ("cabin.consumers", "mart"))


@cache
def standard() -> type[OpenDataContractStandard]:
    """The document class of the standard."""
    from open_data_contract_standard.model import OpenDataContractStandard

    return OpenDataContractStandard


def document_of(text: str, file: str) -> OpenDataContractStandard:
    """The document in `text`. Unknown keys are refused at every level. Raises `InvalidContract`."""
    try:
        return standard().model_validate(yaml.load(text, Loader=yaml.CSafeLoader), extra="forbid")
    except (yaml.YAMLError, ValueError) as fault:
        raise InvalidContract(file=file, detail=_detail(fault)) from fault


def _detail(fault: Exception) -> str:
    """One line: where and what, the first mistake only."""
    mark = getattr(fault, "problem_mark", None)
    if mark is not None:
        return f"line {mark.line + 1}: {getattr(fault, 'problem', '')}"
    lines = str(fault).splitlines()
    return f"{lines[1]}: {lines[2].split(' [', 1)[0].strip()}" if len(lines) > 2 and "validation error" in lines[0] else lines[0]


def custom(properties: Iterable[CustomProperty] | None) -> dict[str, Any]:
    """Our properties by name, without values that are null."""
    return {str(each.property): each.value for each in properties or () if each.value is not None}


def flavour_of(document: OpenDataContractStandard) -> Flavour | None:
    """What the document describes, told by the property only that flavour must have."""
    given = custom(document.customProperties)
    return next((flavour for mark, flavour in _MARKS if mark in given), None)


def label_of(given: Mapping[str, Any], fallback: str = "") -> Label:
    """The `cabin.label` among our properties."""
    label = given.get("cabin.label") or {}
    return Label(str(label.get("zh", fallback)), str(label.get("en", fallback)))


def type_of(item: SchemaProperty) -> AttributeType:
    """Our type: `physicalType` where it is one of ours, else what `logicalType` implies."""
    if item.physicalType in ATTRIBUTE_TYPES:
        return item.physicalType
    return LOGICAL_TYPES[item.logicalType or "string"]


def classification_of(item: SchemaProperty) -> Classification:
    """The classification; a column that names none is treated as personal, the careful side."""
    return Classification(item.classification or "personal")


def chinese(item: SchemaProperty) -> tuple[str, ...]:
    """The Chinese names of a property, the one in use first."""
    return tuple(each.synonym for each in item.synonyms or () if each.synonym and each.locale in (None, "zh-CN"))


def described_zh(item: SchemaProperty) -> str:
    """The Chinese description: that of the first Chinese name."""
    return next((each.description for each in item.synonyms or () if each.description and each.locale in (None, "zh-CN")), "")


def objects(document: OpenDataContractStandard) -> list[SchemaObject]:
    """The schema objects of a document."""
    return document.schema_ or []


def words(value: Any) -> tuple[str, ...]:
    """A property that may be one word or a list of words."""
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(str(each) for each in value)


def major(version: str | None) -> int:
    """The first number of a version text such as `2.1.0`."""
    return int(str(version or "1").split(".")[0])
