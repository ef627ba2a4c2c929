"""A feed's ODCS document as a `Feed`: the first schema object is the layout, every further one a mapping."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from contracts.model import LEAST_ROWS, Column, Feed, Label, Limit, Mapped, Mapping, Minors, Rule, ServiceLevel, Severity, Upcast
from contracts.odcs import chinese, classification_of, custom, described_zh, label_of, major, objects, type_of, words

if TYPE_CHECKING:
    from open_data_contract_standard.model import DataQuality, OpenDataContractStandard, SchemaObject, SchemaProperty, ServiceLevelAgreementProperty

HOURS = {"h": 1.0, "d": 24.0, "mo": 31 * 24.0, "y": 366 * 24.0}
"""The units of service levels; a month and a year count as their longest, so that the calendar makes nobody late."""
PROMISES = ("frequency", "latency")


def feed_of(document: OpenDataContractStandard) -> Feed:
    """The feed a document describes. The document must have passed `contracts.check`, or a plain KeyError or ValueError says what is absent."""
    given = custom(document.customProperties)
    layout, *targets = objects(document)
    columns = tuple(column_of(item) for item in layout.properties or ())
    department = given["cabin.department"]
    return Feed(
        name=str(document.id),
        catalogue=str(given.get("cabin.catalogue", "")),
        version=major(document.version),
        version_text=str(document.version),
        label=label_of(given, str(document.id)),
        department=Label(str(department["zh"]), str(department["en"])),
        format=given["cabin.format"],
        encoding=str(given.get("cabin.encoding", "utf-8")),
        delimiter=str(given.get("cabin.delimiter", ",")),
        modes=tuple(given["cabin.modes"]),
        columns=columns,
        observed_at=words(given["cabin.observed_at"]),
        area=str(given["cabin.area"]),
        mappings=tuple(mapping_of(each) for each in targets),
        rules=_rules(layout),
        topic=str(layout.physicalName or ""),
        status=str(document.status or "active"),
        upcasts=tuple(
            Upcast(int(each["from"]), {str(name): str(sql) for name, sql in (each.get("columns") or {}).items()}) for each in given.get("cabin.upcasts", ())
        ),
        service_level=service_level_of(document.slaProperties),
        **_options(given),
    )


def service_level_of(promised: Sequence[ServiceLevelAgreementProperty] | None) -> ServiceLevel | None:
    """What the standard's `slaProperties` promise; None where they promise nothing that is known here."""
    hours = {str(each.property): float(each.value or 0) * HOURS[str(each.unit)] for each in promised or () if each.property in PROMISES}
    return ServiceLevel(hours.get("frequency"), hours.get("latency")) if hours else None


def _options(given: dict[str, Any]) -> dict[str, Any]:
    """What a feed may leave out."""
    minors = given.get("cabin.minors")
    plain = {name: str(given[f"cabin.{name}"]) for name in ("rank", "operation", "record", "subject") if f"cabin.{name}" in given}
    return plain | {
        "minors": Minors(minors.get("birth"), words(minors.get("keep")), minors.get("stay")) if minors else None,
        "covers": words(given.get("cabin.covers")),
        "max_unkeyed": float(given.get("cabin.max_unkeyed", 0.001)),
        "partial": bool(given.get("cabin.partial", False)),
        "free_text_limit": int(given.get("cabin.free_text_limit", 30)),
    }


def column_of(item: SchemaProperty) -> Column:
    """One delivered column; its header is the first Chinese synonym, or its own name."""
    given = custom(item.customProperties)
    headers = chinese(item) or (str(item.name),)
    return Column(
        name=str(item.name),
        id=str(item.id),
        header=headers[0],
        type=type_of(item),
        classification=classification_of(item),
        purpose=str(given.get("cabin.purpose", "")),
        legal_basis=str(given.get("cabin.legal_basis", "")),
        description=item.description or "",
        required=bool(item.required),
        other_headers=headers[1:],
        description_zh=described_zh(item),
        **{name: given.get(f"cabin.{name}") for name in ("identifier", "identifier_when", "sex_column", "birth_column", "keep", "code_list")},
    )


def mapping_of(each: SchemaObject) -> Mapping:
    """One object after the layout: a target and the SQL of its columns."""
    given = custom(each.customProperties)
    return Mapping(
        target=str(given.get("cabin.target", each.name)),
        columns=tuple(Mapped(str(item.name), item.transformLogic or "null") for item in each.properties or ()),
        entity=given.get("cabin.entity"),
        record=given.get("cabin.record"),
        where=given.get("cabin.where"),
        merged_into=given.get("cabin.merged_into"),
        rows=given.get("cabin.rows", "landed"),
    )


def _rules(layout: SchemaObject) -> tuple[Rule, ...]:
    """Row rules first, then the columns' own, in file order."""
    own = [(each, str(item.name)) for item in layout.properties or () for each in item.quality or ()]
    return tuple(rule_of(each, column) for each, column in [*((each, None) for each in layout.quality or ()), *own])


def rule_of(each: DataQuality, column: str | None) -> Rule:
    """One promise about a row."""
    given = custom(each.customProperties)
    label = label_of(given)
    return Rule(
        reason=str(each.name),
        severity=Severity(each.severity or "error"),
        holds=str(each.implementation or "true"),
        label=Label(label.zh or str(each.name), label.en or each.description or str(each.name)),
        column=column,
        blanks=given.get("cabin.blanks"),
        limit=None if each.mustBeLessOrEqualTo is None else Limit(float(each.mustBeLessOrEqualTo), int(given.get("cabin.least_rows", LEAST_ROWS))),
    )
