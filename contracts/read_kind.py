"""ODCS documents of kinds and marts as `Kind` and `Mart`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from contracts.model import Attribute, Kind, Label, Mart, MartColumn
from contracts.odcs import chinese, classification_of, custom, described_zh, label_of, major, objects, type_of, words
from contracts.read_promise import promises_of

if TYPE_CHECKING:
    from open_data_contract_standard.model import OpenDataContractStandard, SchemaProperty


def kind_of(document: OpenDataContractStandard) -> Kind:
    """The kind a document describes; attributes in file order."""
    given = custom(document.customProperties)
    schema = objects(document)[0]
    return Kind(
        name=str(schema.name),
        version=major(document.version),
        version_text=str(document.version),
        label=label_of(given, str(schema.name)),
        description=_purpose(document),
        attributes=tuple(attribute_of(item) for item in schema.properties or ()),
        priorities=_priorities(given.get("cabin.priorities", {})),
        retention_days=int(given["cabin.retention_days"]),
        title=given.get("cabin.title"),
        description_zh=str(given.get("cabin.description_zh", "")),
        quality=promises_of(schema),
        topic=str(schema.physicalName or ""),
        status=str(document.status or "active"),
    )


def attribute_of(item: SchemaProperty) -> Attribute:
    """One attribute of a golden record."""
    given = custom(item.customProperties)
    return Attribute(
        name=str(item.name),
        id=str(item.id),
        type=type_of(item),
        label=_names(item),
        description=item.description or "",
        classification=classification_of(item),
        purpose=str(given.get("cabin.purpose", "")),
        legal_basis=str(given.get("cabin.legal_basis", "")),
        freshness_days=int(given["cabin.freshness_days"]),
        visit=bool(given.get("cabin.visit", False)),
        code_list=given.get("cabin.code_list"),
        group=given.get("cabin.group"),
        unit=given.get("cabin.unit"),
        description_zh=described_zh(item),
    )


def mart_of(document: OpenDataContractStandard) -> Mart:
    """The mart a document describes; columns in the order of its select list."""
    given = custom(document.customProperties)
    schema = objects(document)[0]
    return Mart(
        name=str(schema.name),
        version_text=str(document.version),
        label=label_of(given, str(schema.name)),
        description=schema.description or _purpose(document),
        columns=tuple(mart_column_of(item) for item in schema.properties or ()),
        consumers=words(given.get("cabin.consumers")),
        purpose=str(given.get("cabin.purpose", "")),
        description_zh=str(given.get("cabin.description_zh", "")),
        quality=promises_of(schema),
        status=str(document.status or "active"),
        small_cells=_both(given.get("cabin.small_cells")),
    )


def _both(given: Any) -> Label | None:
    return Label(str(given["zh"]), str(given["en"])) if given else None


def mart_column_of(item: SchemaProperty) -> MartColumn:
    """One column of a mart."""
    return MartColumn(
        name=str(item.name),
        type=str(item.physicalType),
        label=_names(item),
        description=item.description or "",
        classification=classification_of(item),
        key=bool(item.primaryKey),
        unit=custom(item.customProperties).get("cabin.unit"),
        description_zh=described_zh(item),
        id=str(item.id or ""),
    )


def _names(item: SchemaProperty) -> Label:
    zh = next(iter(chinese(item)), str(item.name))
    return Label(zh, item.businessName or str(item.name))


def _purpose(document: OpenDataContractStandard) -> str:
    return (document.description.purpose if document.description else None) or ""


def _priorities(given: Mapping[str, Any]) -> dict[str, tuple[tuple[str, ...], ...]]:
    """Ranks of sources per unit; a rank may be one name or a list of names."""
    return {str(unit): tuple(words(rank) for rank in ranks) for unit, ranks in given.items()}
