"""What a raw message must be before its rows are looked at, and what is the matter where it is not: stable reasons, told in words by `cabin quarantine`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import get_args

import pyarrow as pa

from contracts.ipc import Unreadable, number_of, read_table
from contracts.model import Contracts, Feed, Mode
from contracts.normalising import MACHINERY, raw_schema
from contracts.ports import Message
from streams.normalise.wire import FORMS

UNDECODABLE, HEADERS, FEED, VERSION, SCHEMA = "undecodable", "unreadable-headers", "unknown-feed", "unknown-contract-version", "wrong-schema"
LIMITS = {"chunk": 1 << 31, "rows": 1 << 31, "repair": 1 << 15}
"""The numbers among the headers, each below its limit."""
MACHINERY_NAMES = frozenset(name for name, _ in MACHINERY)


class Unsound(ValueError):
    """A message that is set aside whole; its only argument is the reason."""

    @property
    def reason(self) -> str:
        return str(self.args[0])


def attributable(headers: Mapping[str, str]) -> bool:
    """Whether the headers of rows say of which message of which delivery they are. Where they do not, no account can count the message: it is named by its place."""
    named = bool(headers.get("feed") and headers.get("delivery")) and headers.get("mode", "increment") in get_args(Mode)
    numbers = all(number_of(headers.get(name, "0" if name == "repair" else ""), limit) is not None for name, limit in LIMITS.items())
    return named and numbers and _time(headers.get("moment"))


def kept_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Those headers of a raw message that an outcome repeats, as far as they can be read."""
    texts = {name: headers[name] for name in ("feed", "delivery", "mode", "area") if name in headers}
    numbers = {name: headers[name] for name in ("chunk", "repair") if number_of(headers.get(name), LIMITS[name]) is not None}
    return {**texts, **numbers, **({"moment": headers["moment"]} if headers.get("moment") and _time(headers["moment"]) else {})}


def rows_in(contracts: Contracts, message: Message) -> pa.Table:
    """The rows of a message whose type is one of `FORMS`, with the landed columns of its feed in the version it carries; those it does not have are blank.

    Raises: `Unsound`.
    """
    headers = message.headers
    if not attributable(headers):
        raise Unsound(HEADERS)
    feed = carried(contracts, headers)
    try:
        table = read_table(message.value)
    except Unreadable as error:
        raise Unsound(UNDECODABLE) from error
    if table.num_rows != int(headers["rows"]):
        raise Unsound(UNDECODABLE)
    return _conformed(table, raw_schema(feed, FORMS[headers["ce_type"]]))


def _conformed(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """A table without row numbers, or with none of a feed's columns, is one of something else."""
    fields = [field for field in schema if field.name not in MACHINERY_NAMES]
    given = {field.name for field in fields} & set(table.schema.names)
    if "row" not in given or table.schema.get_field_index("row") < 0 or table["row"].null_count or (table.num_rows and given == {"row"}):
        raise Unsound(SCHEMA)
    try:
        columns = [table[field.name].cast(field.type) if field.name in given else pa.nulls(table.num_rows, field.type) for field in fields]
        found = pa.table(columns, schema=pa.schema(fields))
        found.validate(full=True)  # bytes become text unlooked at
    except pa.ArrowMemoryError:
        raise
    except (pa.ArrowException, KeyError) as error:
        raise Unsound(SCHEMA) from error
    return found


def carried(contracts: Contracts, headers: Mapping[str, str]) -> Feed:
    """The feed of a message in the contract version that it names; one that names none carries the newest.

    Raises: `Unsound` where this package does not know the feed, or that version of it.
    """
    newest = contracts.feeds.get(headers["feed"])
    if newest is None:
        raise Unsound(FEED)
    if "ce_dataschema" not in headers:
        return newest
    name, _, version = headers["ce_dataschema"].rpartition("/")
    number = number_of(version)
    found = contracts.version_of(name, number) if name == newest.name and number is not None else None
    if found is None:
        raise Unsound(VERSION)
    return found


def _time(text: str | None) -> bool:
    """Whether a header that may be absent is a time."""
    if not text:
        return True
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
