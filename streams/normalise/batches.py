"""Raw messages sorted for one big step: copies set aside, messages that cannot be read set aside, the rest one table per feed and form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from contracts.model import Contracts
from contracts.normalising import MACHINERY, Form, raw_schema
from contracts.ports import Sealer, Stored
from streams.normalise.wire import FORMS, decode_rows, machinery

MACHINERY_NAMES = frozenset(name for name, _ in MACHINERY)


@dataclass(frozen=True, slots=True)
class Batch:
    """Messages of one feed and form, and all their rows with the columns normalising reads."""

    feed: str
    form: Form
    stored: Sequence[Stored]
    rows: pa.Table


@dataclass(frozen=True, slots=True)
class Sorted:
    """`fresh` messages are each the first of their name; `copies` are known already; `unreadable` hold no table of a known feed."""

    batches: Sequence[Batch]
    others: Sequence[Stored]
    copies: Sequence[Stored]
    unreadable: Sequence[Stored]


def known_key(headers: Mapping[str, str]) -> str:
    """The name of a raw message, the same for its copies (and in the headers of its outcome)."""
    return f"{headers['ce_id']}#{headers.get('repair', '0')}"


def sorted_messages(contracts: Contracts, opener: Sealer, stored: Sequence[Stored], known: Mapping[str, str]) -> Sorted:
    """`known` holds the `ce_time` of every message with an outcome by `known_key`; a copy recorded earlier than that is fresh once more."""
    fresh, copies = _distinct(stored, known)
    groups: dict[tuple[str, Form], list[tuple[Stored, pa.Table]]] = {}
    others: list[Stored] = []
    unreadable: list[Stored] = []
    for each in fresh:
        form = FORMS.get(each.message.headers["ce_type"])
        table = None if form is None else _table(contracts, each)
        if form is None:
            others.append(each)
        elif table is None:
            unreadable.append(each)
        else:
            groups.setdefault((each.message.headers["feed"], form), []).append((each, table))
    batches = [_batch(contracts, opener, feed, form, members) for (feed, form), members in groups.items()]
    return Sorted(batches, others, copies, unreadable)


def _distinct(stored: Sequence[Stored], known: Mapping[str, str]) -> tuple[list[Stored], list[Stored]]:
    """The first recorded copy of each message, and the other copies; both in the order given."""
    first: dict[str, Stored] = {}
    for each in stored:
        key, time = known_key(each.message.headers), each.message.headers["ce_time"]
        best = first.get(key)
        if (best is None or time < best.message.headers["ce_time"]) and (key not in known or time < known[key]):
            first[key] = each
    chosen = {each.position for each in first.values()}
    return [each for each in stored if each.position in chosen], [each for each in stored if each.position not in chosen]


def _table(contracts: Contracts, each: Stored) -> pa.Table | None:
    """The message's rows in the feed's schema without machinery; null where it holds none."""
    headers = each.message.headers
    feed = contracts.feeds.get(headers.get("feed", ""))
    if feed is None:
        return None
    try:
        return _conformed(decode_rows(each.message), raw_schema(feed, FORMS[headers["ce_type"]]))
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OSError, KeyError):
        return None


def _conformed(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """The landed columns of `schema`; those the message does not have are blank."""
    fields = [field for field in schema if field.name not in MACHINERY_NAMES]
    given = set(table.schema.names)
    columns = [table[field.name].cast(field.type) if field.name in given else pa.nulls(table.num_rows, field.type) for field in fields]
    return pa.table(columns, schema=pa.schema(fields))


def _batch(contracts: Contracts, opener: Sealer, feed: str, form: Form, members: Sequence[tuple[Stored, pa.Table]]) -> Batch:
    stored = [each for each, _ in members]
    rows = pa.concat_tables([table for _, table in members])
    added = machinery([each.message.headers for each in stored], [table.num_rows for _, table in members])
    schema = raw_schema(contracts.feeds[feed], form)
    columns = dict(_pairs(rows)) | added | {"opened": _opened(opener, rows)}
    return Batch(feed, form, stored, pa.table([columns[name] for name in schema.names], schema=schema))


def _pairs(rows: pa.Table) -> Iterator[tuple[str, pa.ChunkedArray]]:
    return ((name, rows[name]) for name in rows.schema.names)


def _opened(opener: Sealer, rows: pa.Table) -> pa.Array:
    """The personal cells in clear as JSON; null where nothing is sealed or the key was destroyed."""
    if rows["sealed"].null_count == rows.num_rows:
        return pa.nulls(rows.num_rows, pa.string())
    return opener.unseal(rows["subject"].combine_chunks(), rows["sealed"].combine_chunks())
