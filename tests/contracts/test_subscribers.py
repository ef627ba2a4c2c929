"""What subscribers of entity topics get: the golden record in JSON, without anything about a person."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema_rs import validator_for

from contracts.model import Classification, Contracts, Kind
from contracts.read import load
from contracts.subscribers import entity_json_schema, entity_sql, grouped, told_members
from tests.contracts.told_kit import golden_rows, table

KNOWN = load()
KINDS = sorted(KNOWN.kinds)


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as made:
        yield made


def told(con: duckdb.DuckDBPyConnection, kind: Kind, rows: list[dict[str, Any]], known: Contracts = KNOWN) -> list[str | None]:
    """The texts in the order of the rows, which `version` numbers."""
    con.register("rows_given", table(kind, known, [row | {"version": number} for number, row in enumerate(rows)]))
    found = con.execute(f"select value from ({entity_sql(kind, known, 'rows_given')}) order by version").fetchall()
    con.unregister("rows_given")
    return [value for (value,) in found]


@pytest.mark.parametrize("kind", [KNOWN.kinds[name] for name in KINDS], ids=KINDS)
def test_a_record_keeps_its_schema_and_every_plain_value(con: duckdb.DuckDBPyConnection, kind: Kind) -> None:
    """Whatever the values hold (quotes, line ends, Chinese), the text is JSON of the schema, its keys in the schema's order, and tells each plain value, and no other attribute at all."""
    schema = entity_json_schema(kind, KNOWN)
    validator = validator_for(schema)

    @settings(max_examples=15)
    @given(st.lists(golden_rows(kind, KNOWN), min_size=1, max_size=5))
    def holds(rows: list[dict[str, Any]]) -> None:
        for row, text in zip(rows, told(con, kind, rows), strict=True):
            record = json.loads(text, parse_float=str, parse_int=str)
            validator.validate(json.loads(text))
            assert list(record) == list(schema["properties"])
            assert record["entity"] == row["entity"]
            assert record["attributes"] == expected(kind, row)

    holds()


def expected(kind: Kind, row: dict[str, Any]) -> dict[str, Any]:
    """The attributes of a record, made the slow way; numbers as text."""
    made = {}
    for unit in kind.units:
        members = {member.name: plain(row[member.name]) for member in told_members(unit)}
        if members and f"{unit.name}__status" in row:
            value = members if grouped(unit) else members[unit.name]
            made[unit.name] = {"value": value, "status": row[f"{unit.name}__status"], "source": row[f"{unit.name}__source"]}
            if row.get(f"{unit.name}__finding"):
                made[unit.name]["finding"] = row[f"{unit.name}__finding"]
    return made


def plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | str):
        return value
    if hasattr(value, "hour"):
        return value.isoformat(timespec="milliseconds") + "+08:00"
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def test_nothing_personal_is_told() -> None:
    """No attribute that a contract calls personal or identifier is named in any schema; the schemas allow no further ones."""
    for kind in KNOWN.kinds.values():
        attributes = entity_json_schema(kind, KNOWN)["properties"]["attributes"]
        named = {name for unit in attributes["properties"] for name in (unit, *members_of(attributes["properties"][unit]))}
        closed = {member.name for member in kind.attributes if member.classification is not Classification.PLAIN}
        assert not named & closed
        assert attributes["additionalProperties"] is False


def members_of(unit: dict[str, Any]) -> list[str]:
    return list(unit["properties"]["value"].get("properties", ()))


def test_a_tombstone_has_no_text_and_equal_records_have_equal_texts(con: duckdb.DuckDBPyConnection) -> None:
    """A row that is not alive is told as null. Rows that differ only in version, origins, masks or discrepancies are told alike."""
    kind = KNOWN.kinds["dwelling"]
    row = {"entity": "h", "alive": True, "use": "1", "use__status": "single", "use__source": "rental"}
    moved = row | {"rental__delivery": "d2", "rental__row": 2, "rental__record": "c", "use__differ": 1, "differs": [{"attribute": "use", "source": "rental"}]}
    first, second, gone = told(con, kind, [row, moved, {"entity": "h", "alive": False, "present": False}])
    assert first == second
    assert first is not None and "c" not in json.loads(first)
    assert gone is None
