"""The words of normalising: forms of raw rows, their columns, the names of relations, what a broken promise is called."""

from __future__ import annotations

from typing import Literal

import pyarrow as pa

from contracts.facts import MOMENT
from contracts.model import Feed, Rule, Severity

Form = Literal["rows", "minors", "presence"]
"""What a raw message holds: landed rows, reduced rows of minors, or the keys of refused rows."""

RAW = "raw"
CHECKED = "checked"
HELD = "held-"
"""What stands before a rule's name as the reason of rows that were set aside because too much of their message breaks that rule."""
FAULT, ERASED = 1, 2
"""The first two broken promises; the feed's own rules follow in contract order, then the built-in ones."""

MACHINERY: tuple[tuple[str, pa.DataType], ...] = (
    ("delivery", pa.string()),
    ("chunk", pa.int32()),
    ("recorded_at", MOMENT),
    ("moment", MOMENT),
    ("mode", pa.string()),
    ("area_header", pa.string()),
    ("repair", pa.int16()),
    ("opened", pa.string()),
)
"""What the message's headers and the vault add to the landed columns."""


def raw_schema(feed: Feed, form: Form = "rows") -> pa.Schema:
    """The columns normalising reads: the landed ones in contract order, then the machinery. Absent ones count as blank.

    `fault` is `reason:column` of what landing found wrong with the row, `flags` the comma-separated names of what it mended."""
    fields: list[tuple[str, pa.DataType]] = [("row", pa.int32())]
    for column in feed.columns:
        if not column.sealed or form != "rows":
            fields.append((column.name, pa.string()))
        fields += check_fields(column.name, column.identifier)
    if form == "minors":
        fields.append(("minors", pa.int32()))
    fields += [("subject", pa.string()), ("sealed", pa.binary()), ("fault", pa.string()), ("flags", pa.string())]
    return pa.schema([*fields, *MACHINERY])


def check_fields(name: str, identifier: str | None) -> list[tuple[str, pa.DataType]]:
    """What the check says beside an identifier's token."""
    if identifier is None:
        return []
    check = [(f"{name}_check", pa.string())]
    return check if identifier == "phone" else [*check, (f"{name}_sex_agrees", pa.bool_()), (f"{name}_birth_agrees", pa.bool_())]


def errors(feed: Feed, form: Form) -> tuple[Rule, ...]:
    return tuple(rule for rule in feed.rules if rule.severity is Severity.ERROR) if form == "rows" else ()


def warnings(feed: Feed, form: Form) -> tuple[Rule, ...]:
    return tuple(rule for rule in feed.rules if rule.severity is Severity.WARNING) if form == "rows" else ()


def reasons(feed: Feed, form: Form) -> list[tuple[str, str | None]]:
    """Reason and column by number, from 1 on."""
    own = [(rule.reason, rule.column) for rule in errors(feed, form)]
    held = [(f"{HELD}{rule.reason}", rule.column) for rule in limited(feed, form)]
    return [("fault", None), ("erased", None), *own, ("unidentified", feed.subject), ("unreadable-key", None), ("future-observed", None), *held]


def limited(feed: Feed, form: Form) -> tuple[Rule, ...]:
    """The rules with a limit, in contract order."""
    return tuple(rule for rule in feed.rules if rule.limit) if form == "rows" else ()
