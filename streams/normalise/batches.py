"""Raw messages sorted for one big step: copies set aside, messages that cannot be read set aside, the rest one table per feed, contract version and form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from contracts.ipc import number_of
from contracts.model import Contracts, Feed
from contracts.normalising import Form, raw_schema
from contracts.ports import Sealer, Stored
from streams.normalise.notes import KEPT, NOTES
from streams.normalise.sound import HEADERS, UNDECODABLE, Unsound, attributable, carried, rows_in
from streams.normalise.wire import FORMS, machinery

OUTCOME, FOREIGN = "outcome", "?"


@dataclass(frozen=True, slots=True)
class Batch:
    """Messages of one form that carry the same version of a feed, and all their rows with the columns normalising reads."""

    feed: Feed
    form: Form
    stored: Sequence[Stored]
    rows: pa.Table


@dataclass(frozen=True, slots=True)
class Sorted:
    """`others` may be facts in JSON; `copies` are known already; `unsound` are to be set aside, each with the reason."""

    batches: Sequence[Batch]
    others: Sequence[Stored]
    copies: Sequence[Stored]
    unsound: Sequence[tuple[Stored, str]]


def known_key(headers: Mapping[str, str]) -> str:
    """The name of a raw message, the same for its copies (and in the headers of its outcome).

    A foreign one (see `foreign`) never has the name of another, or it could take that one's place.
    """
    return f"{headers.get('ce_id')}#{FOREIGN if foreign(headers) else headers.get('repair', '0')}"


def foreign(headers: Mapping[str, str]) -> bool:
    """Whether a message is of no type that belongs here, or holds rows and does not say of which message of a delivery; its outcome says so in `repair`."""
    ce_type = headers.get("ce_type", OUTCOME)
    known = attributable(headers) if ce_type in FORMS else ce_type == OUTCOME or ce_type in NOTES or ce_type in KEPT
    return not known or number_of(headers.get("repair", "0")) is None


def sorted_messages(contracts: Contracts, opener: Sealer, stored: Sequence[Stored], known: Mapping[str, str]) -> Sorted:
    """`known` holds the `ce_time` of every message with an outcome by `known_key`; a copy recorded earlier than that is fresh once more."""
    unsound = [(each, HEADERS if each.message.headers["ce_type"] in FORMS else UNDECODABLE) for each in stored if foreign(each.message.headers)]
    nameless = {each.position for each, _ in unsound}
    fresh, copies = _distinct([each for each in stored if each.position not in nameless], known)
    groups: dict[tuple[str, int, Form], list[tuple[Stored, pa.Table]]] = {}
    feeds: dict[tuple[str, int], Feed] = {}
    others: list[Stored] = []
    for each in fresh:
        headers = each.message.headers
        form = FORMS.get(headers["ce_type"])
        if form is None:
            others.append(each)
            continue
        try:
            feed, table = carried(contracts, headers), rows_in(contracts, each.message)
        except Unsound as found:
            unsound.append((each, found.reason))
            continue
        feeds[feed.name, feed.version] = feed
        groups.setdefault((feed.name, feed.version, form), []).append((each, table))
    batches = [_batch(opener, feeds[name, version], form, members) for (name, version, form), members in groups.items()]
    return Sorted(batches, others, copies, unsound)


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


def _batch(opener: Sealer, feed: Feed, form: Form, members: Sequence[tuple[Stored, pa.Table]]) -> Batch:
    stored = [each for each, _ in members]
    rows = pa.concat_tables([table for _, table in members])
    added = machinery([each.message.headers for each in stored], [table.num_rows for _, table in members])
    schema = raw_schema(feed, form)
    columns = dict(_pairs(rows)) | added | {"opened": _opened(opener, rows)}
    return Batch(feed, form, stored, pa.table([columns[name] for name in schema.names], schema=schema))


def _pairs(rows: pa.Table) -> Iterator[tuple[str, pa.ChunkedArray]]:
    return ((name, rows[name]) for name in rows.schema.names)


def _opened(opener: Sealer, rows: pa.Table) -> pa.Array:
    """The personal cells in clear as JSON; null where nothing is sealed or the key was destroyed."""
    if rows["sealed"].null_count == rows.num_rows:
        return pa.nulls(rows.num_rows, pa.string())
    return opener.unseal(rows["subject"].combine_chunks(), rows["sealed"].combine_chunks())
