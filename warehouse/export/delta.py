"""A Delta table over Parquet files that lie there already: the text of its first commit. Pure.

The format is the Delta protocol's (github.com/delta-io/delta, PROTOCOL.md): one JSON action a line. No file is written anew or moved for it.
Moments of the cabin are Beijing time without a zone, `timestamp_ntz`. Delta has no unsigned integers: 64 bits of them are `decimal(20,0)`, the smaller ones the next larger integer.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import pyarrow as pa

from contracts.model import MartColumn
from warehouse.errors import TypeNotExported
from warehouse.export.tables import Exported

LOG = "_delta_log"
FIRST = f"{LOG}/{0:020d}.json"
BEIJING = timedelta(hours=8)
TYPES = {
    pa.string(): "string",
    pa.large_string(): "string",
    pa.binary(): "binary",
    pa.bool_(): "boolean",
    pa.int8(): "byte",
    pa.int16(): "short",
    pa.int32(): "integer",
    pa.int64(): "long",
    pa.uint8(): "short",
    pa.uint16(): "integer",
    pa.uint32(): "long",
    pa.uint64(): "decimal(20,0)",
    pa.float32(): "float",
    pa.float64(): "double",
    pa.date32(): "date",
}


@dataclass(frozen=True, slots=True)
class Data:
    """One Parquet file of a table, beside the log. `oldest`, `newest`: bounds of its `recorded_at`, where it has any."""

    name: str
    rows: int
    bytes: int
    bounds: tuple[datetime, datetime] | None = field(default=None)


def commit(table: Exported, schema: pa.Schema, files: Sequence[Data], at: datetime) -> str:
    """The text of `FIRST`: a table with these files, made at a moment of Beijing time. Raises: `TypeNotExported`."""
    told = {column.name: column for column in table.promise.columns}
    try:
        fields = [_field(each, told.get(each.name)) for each in schema]
    except TypeError as error:
        raise TypeNotExported(table=table.name, type=str(error)) from error
    made = epoch_ms(at)
    actions: list[dict[str, Any]] = [
        {"commitInfo": {"timestamp": made, "operation": "WRITE", "operationParameters": {"mode": "ErrorIfExists"}, "engineInfo": "base-cabin"}},
        {"protocol": _protocol(fields)},
        {
            "metaData": {
                "id": str(uuid5(NAMESPACE_URL, f"cabin/{table.place}")),
                "name": table.name,
                "description": table.promise.description,
                "format": {"provider": "parquet", "options": {}},
                "schemaString": json.dumps({"type": "struct", "fields": fields}, ensure_ascii=False),
                "partitionColumns": [],
                "configuration": {},
                "createdTime": made,
            }
        },
        *({"add": _add(each, made)} for each in files),
    ]
    return "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in actions)


def epoch_ms(at: datetime) -> int:
    """Milliseconds since 1970 of a moment of Beijing time."""
    return (at - BEIJING - datetime(1970, 1, 1)) // timedelta(milliseconds=1)


def _protocol(fields: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The least that a reader must understand."""
    if "timestamp_ntz" not in json.dumps([each["type"] for each in fields]):
        return {"minReaderVersion": 1, "minWriterVersion": 2}
    return {"minReaderVersion": 3, "minWriterVersion": 7, "readerFeatures": ["timestampNtz"], "writerFeatures": ["timestampNtz"]}


def _field(each: pa.Field, told: MartColumn | None = None) -> dict[str, Any]:
    words = (
        {}
        if told is None
        else {"comment": told.description, "cabin.label.zh": told.label.zh, "cabin.label.en": told.label.en, "cabin.class": told.classification.value}
    )
    return {"name": each.name, "type": delta_type(each.type), "nullable": True, "metadata": words}


def delta_type(arrow: pa.DataType) -> Any:
    """A type as Delta's schema writes it. Raises: `TypeError` with the type's name where it has none."""
    if pa.types.is_list(arrow) or pa.types.is_large_list(arrow):
        return {"type": "array", "elementType": delta_type(arrow.value_type), "containsNull": True}
    if pa.types.is_struct(arrow):
        return {"type": "struct", "fields": [_field(each) for each in arrow]}
    if pa.types.is_decimal(arrow) and arrow.precision <= 38:
        return f"decimal({arrow.precision},{arrow.scale})"
    if pa.types.is_timestamp(arrow) and arrow.unit != "ns":
        return "timestamp" if arrow.tz else "timestamp_ntz"
    if arrow in TYPES:
        return TYPES[arrow]
    raise TypeError(str(arrow))


def _add(file: Data, made: int) -> dict[str, Any]:
    stats: dict[str, Any] = {"numRecords": file.rows}
    if file.bounds is not None:
        oldest, newest = (moment.isoformat(timespec="milliseconds") for moment in file.bounds)
        stats |= {"minValues": {"recorded_at": oldest}, "maxValues": {"recorded_at": newest}, "nullCount": {"recorded_at": 0}}
    told = {"path": file.name, "partitionValues": {}, "size": file.bytes, "modificationTime": made, "dataChange": True}
    return told | {"stats": json.dumps(stats)}
