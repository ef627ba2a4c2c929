"""Arrow shapes of everything the fold reads and writes, apart from the attributes, which each kind's contract adds.

A *fact* is anything the fold reads. Folding is set union: a repeated fact changes nothing.
Timestamps are Beijing time without zone, in milliseconds. Every fact carries its origin (source, delivery, row).
"""

from __future__ import annotations

import pyarrow as pa

from contracts.model import Attribute, Kind

MOMENT = pa.timestamp("ms")

ARROW_TYPES: dict[str, pa.DataType] = {
    "text": pa.string(),
    "code": pa.string(),
    "address": pa.string(),
    "date": pa.date32(),
    "timestamp": MOMENT,
    "integer": pa.int64(),
    "decimal": pa.decimal128(18, 6),
    "boolean": pa.bool_(),
}
SQL_TYPES: dict[str, str] = {
    "text": "VARCHAR",
    "code": "VARCHAR",
    "address": "VARCHAR",
    "date": "DATE",
    "timestamp": "TIMESTAMP_MS",
    "integer": "BIGINT",
    "decimal": "DECIMAL(18,6)",
    "boolean": "BOOLEAN",
}

SQL_OF_ARROW: dict[str, str] = {
    **{str(ARROW_TYPES[name]): sql for name, sql in SQL_TYPES.items()},
    "int16": "SMALLINT",
    "int32": "INTEGER",
    "uint64": "UBIGINT",
    "list<item: string>": "VARCHAR[]",
}
"""What the Arrow types of facts, attributes and others, are in SQL."""

ORIGIN = [("source", pa.string()), ("delivery", pa.string()), ("row", pa.int32())]
LINEAGE = [("repair", pa.int16()), ("contract_version", pa.int16()), ("recorded_at", MOMENT)]

CLAIM = pa.schema(
    [
        ("entity", pa.string()),
        *ORIGIN,
        *LINEAGE,
        ("record", pa.string()),
        ("observed_at", MOMENT),
        ("rank", pa.int16()),
        ("withdraws", pa.bool_()),
        ("content", pa.uint64()),
        ("own_time", pa.bool_()),
        ("listed", pa.bool_()),
        ("moment", MOMENT),
        ("area", pa.string()),
        ("flags", pa.string()),
    ]
)
"""`content`: the first 16 hex digits of the md5 of the claim's canonical JSON. `own_time`: the row has its own update time.
`listed`: the row came in a snapshot, whose moment is `moment` (null for other modes). `flags`: comma-separated reasons, null for none."""

LINK = [("person", pa.string()), ("dwelling", pa.string())]
"""Two more columns of residency claims; `entity` is `person || '@' || dwelling`."""

PRESENCE = pa.schema([("kind", pa.string()), ("entity", pa.string()), *ORIGIN, ("record", pa.string()), *LINEAGE])
"""A listed row with a readable key but without a claim. `entity` or `record` may be null, not both. `delivery` is the snapshot's."""

FINDING = pa.schema(
    [
        ("finding", pa.string()),
        ("base", pa.string()),
        ("counter", pa.int16()),
        ("kind", pa.string()),
        ("entity", pa.string()),
        ("attribute", pa.string()),
        ("outcome", pa.string()),
        ("value", pa.string()),
        ("seen", pa.list_(pa.string())),
        ("actor", pa.string()),
        ("evidence", pa.string()),
        ("observed_at", MOMENT),
        ("content", pa.uint64()),
        *ORIGIN,
        *LINEAGE,
    ]
)
"""`finding` = `base || '#' || counter`; `base` = visit, entity, attribute joined by `:`; the counter grows with amendments, 0 first.
`attribute` names a unit (an attribute or a group). `value` is the value as text (dates ISO, booleans true/false); for a group a JSON object of members; null only when the
outcome is `not_observable` or `declined`. `outcome`: confirmed, corrected, not_observable, declined."""

ROSTER = pa.schema(
    [
        ("roster", pa.string()),
        ("base", pa.string()),
        ("counter", pa.int16()),
        ("dwelling", pa.string()),
        ("complete", pa.bool_()),
        ("unidentified", pa.int32()),
        ("person", pa.string()),
        ("seen", pa.list_(pa.string())),
        ("actor", pa.string()),
        ("observed_at", MOMENT),
        *ORIGIN,
        *LINEAGE,
    ]
)
"""One row per listed person, or one with a null person where nobody is listed. `roster` = `base#counter`, `base` = `visit:dwelling:roster`."""

VERIFICATION = pa.schema(
    [
        ("version", pa.string()),
        ("kind", pa.string()),
        ("entity", pa.string()),
        ("attribute", pa.string()),
        ("agree", pa.bool_()),
        ("actor", pa.string()),
        ("observed_at", MOMENT),
        *ORIGIN,
        *LINEAGE,
    ]
)
"""Another actor's judgement of the finding or roster `version`. For a roster `kind` is `dwelling`, `attribute` is `roster`."""

REQUEST = pa.schema(
    [
        ("request", pa.string()),
        ("base", pa.string()),
        ("counter", pa.int16()),
        ("kind", pa.string()),
        ("entity", pa.string()),
        ("attribute", pa.string()),
        ("outcome", pa.string()),
        ("value", pa.string()),
        ("actor", pa.string()),
        ("evidence", pa.string()),
        ("observed_at", MOMENT),
        *ORIGIN,
        *LINEAGE,
    ]
)
"""What a visit found about something it cannot change: no finding, so the fold reads none, but a request to the sources that claim otherwise. Shaped and versioned like a finding;
`attribute` is a single attribute, never a group."""

VISIT = pa.schema(
    [
        ("visit", pa.string()),
        ("dwelling", pa.string()),
        ("event", pa.string()),
        ("outcome", pa.string()),
        ("reason", pa.string()),
        ("actor", pa.string()),
        ("observed_at", MOMENT),
        *ORIGIN,
        *LINEAGE,
    ]
)
"""Planned, started, closed: for marts only, except that `closed` with `no_longer_exists` also makes a finding on `dwelling.present`."""

CHUNK = pa.schema(
    [
        ("source", pa.string()),
        ("delivery", pa.string()),
        ("chunk", pa.int32()),
        ("rows", pa.int32()),
        ("accepted", pa.int32()),
        ("unkeyed", pa.int32()),
        ("recorded_at", MOMENT),
    ]
)
"""One per normalised raw message, sent to every partition: how many rows had no readable key."""

CLOSED = pa.schema(
    [
        ("source", pa.string()),
        ("delivery", pa.string()),
        ("mode", pa.string()),
        ("moment", MOMENT),
        ("area", pa.string()),
        ("part", pa.int32()),
        ("parts", pa.int32()),
        ("declared", pa.int64()),
        ("delivered", pa.int64()),
        ("refused", pa.int64()),
        ("reduced", pa.int64()),
        ("layout", pa.int64()),
        ("landed", pa.int64()),
        ("unkeyed", pa.int64()),
        ("chunks", pa.int32()),
        ("wrong_totals", pa.int64()),
        ("supersedes", pa.list_(pa.string())),
        ("recorded_at", MOMENT),
    ]
)
"""`delivery.closed`. `declared`, `moment`, `area` are null where not given (never for snapshots). `unkeyed`: refused rows without readable key.
`wrong_totals`: numbers stated by the delivery's total rows that its rows neither add up to nor count; null where it states none.
A snapshot is complete when all its parts are closed, `declared` = landed + refused + reduced + layout for each, every chunk's fact arrived, and unkeyed rows are within the contract's share."""

SWITCH = pa.schema(
    [
        ("switch", pa.string()),
        ("target", pa.string()),
        ("on", pa.bool_()),
        ("actor", pa.string()),
        ("reason", pa.string()),
        ("sequence", pa.int64()),
        ("recorded_at", MOMENT),
    ]
)
"""A person's decision that concerns all: `switch` = `recall` (target: delivery) or `withdraw` (target: feed); the highest `sequence` per target holds."""

NAMING = pa.schema(
    [
        ("record", pa.string()),
        ("dwelling", pa.string()),
        ("merged_into", pa.string()),
        ("observed_at", MOMENT),
        ("rank", pa.int16()),
        ("withdraws", pa.bool_()),
        ("content", pa.uint64()),
        *ORIGIN,
        *LINEAGE,
    ]
)
"""What a row of an address feed says about the names of one of its records; no fact of the fold but what the address alias table is made from.
`dwelling`: the key it names, null where it names none. `merged_into`: the record that took its place."""

RELEASE = pa.schema(
    [
        ("release", pa.string()),
        ("place", pa.int32()),
        ("part", pa.string()),
        ("name", pa.string()),
        ("digest", pa.string()),
        ("text", pa.string()),
        ("recorded_at", MOMENT),
    ]
)
"""A text of a release of contracts (`contracts.releases`), no fact of the fold: in force from `recorded_at` on, until the next release. `text` is null where an earlier row told it under the same digest."""

FACTS: dict[str, pa.Schema] = {
    "presence": PRESENCE,
    "finding": FINDING,
    "roster": ROSTER,
    "verification": VERIFICATION,
    "request": REQUEST,
    "visit": VISIT,
    "chunk": CHUNK,
    "closed": CLOSED,
    "switch": SWITCH,
}
"""Fact types apart from claims, whose type is `claim.<kind>`. The type is the message's `ce_type`."""

TO_ALL = frozenset({"roster", "chunk", "closed", "switch", "visit"})
"""Facts that go to every claims partition (with rosters also the verifications of rosters, and presences without entity)."""

DIFFER = pa.list_(
    pa.struct(
        [
            ("attribute", pa.string()),
            ("source", pa.string()),
            ("record", pa.string()),
            ("claimed", pa.string()),
            ("golden", pa.string()),
            ("judged", pa.bool_()),
            ("observed_at", MOMENT),
            ("delivery", pa.string()),
            ("row", pa.int32()),
        ]
    )
)


def claim_schema(kind: Kind) -> pa.Schema:
    """The claims of one kind: the common columns, the two ends for residency, then the attributes in contract order."""
    ends = LINK if kind.name == "residency" else []
    return pa.schema([*CLAIM, *(pa.field(*end) for end in ends), *(_field(attribute) for attribute in kind.attributes)])


def golden_schema(kind: Kind, sources: tuple[str, ...]) -> pa.Schema:
    """Golden rows of one kind, one per entity.

    Per source `<source>__delivery|row|record|observed_at`: the newest counting claim of that source about the entity (null: none). Per attribute its value. Per unit `<unit>__basis`:
    one integer of status, speaking source and the sources that agree and differ (null: no value; `contracts.golden.basis` packs it and shows its parts), and `<unit>__finding` (only where visits can speak: the
    finding version in force; null when it is spent). `differs`: one entry per discrepancy, ordered by attribute and source.
    `alive` is false for an entity whose claims all stopped counting (a tombstone); its values are null then and `present` is false. `version` orders changes of one entity. Residency has `main`, true for the person's main residence.
    """
    ends = LINK if kind.name == "residency" else []
    columns: list[pa.Field] = [
        pa.field("entity", pa.string()),
        *(pa.field(*end) for end in ends),
        pa.field("alive", pa.bool_()),
        pa.field("area", pa.string()),
        pa.field("observed_at", MOMENT),
    ]
    if kind.name == "residency":
        columns.append(pa.field("main", pa.bool_()))
    for source in sources:
        columns += [
            pa.field(f"{source}__delivery", pa.string()),
            pa.field(f"{source}__row", pa.int32()),
            pa.field(f"{source}__record", pa.string()),
            pa.field(f"{source}__observed_at", MOMENT),
        ]
    columns += [_field(attribute) for attribute in kind.attributes]
    for unit in kind.units:
        columns += [
            pa.field(f"{unit.name}__basis", pa.int64()),
            *([pa.field(f"{unit.name}__finding", pa.string())] if unit.visit else []),
        ]
    return pa.schema([*columns, pa.field("differs", DIFFER), pa.field("version", pa.int64())])


def _field(attribute: Attribute) -> pa.Field:
    return pa.field(attribute.name, ARROW_TYPES[attribute.type])
