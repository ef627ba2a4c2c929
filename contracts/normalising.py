"""The SQL that turns raw rows into checked rows, facts, quarantined rows and accounts: pure makers, compiled from a feed's contract.

The steps, each one named step of a query: `opened` reads the personal cells, `cells` names every cell as the contract does, `judged` asks the
rules and blanks bad cells, `valued` evaluates every distinct expression of the contract once, `timed` dates the row, the last decides what is broken.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

from contracts.facts import MOMENT
from contracts.model import Classification, Contracts, Feed, Rule, Severity
from contracts.normalising_facts import Select, canonical_json_sql, fact_selects, presence_select
from contracts.normalising_slots import Slots, keyed_sql
from contracts.normalising_slots import quoted as q

Form = Literal["rows", "minors", "presence"]
"""What a raw message holds: landed rows, reduced rows of minors, or the keys of refused rows."""

RAW = "raw"
CHECKED = "checked"
FAULT, ERASED = 1, 2
"""The first two broken promises; the feed's own rules follow in contract order, then the built-in ones."""
LATE = "interval 1 day"
OBJECT = "'{' || string_agg(to_json(name)::varchar || ':' || n, ',' order by name) || '}'"
"""Names and numbers as a JSON object with its keys in order."""

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


@dataclass(frozen=True, slots=True)
class NormalisingSql:
    """The statements of one feed and form. `checked` reads the relation `raw`; the others read the table `checked` (and `quarantined` also `raw`)."""

    source: str
    schema: pa.Schema
    checked: str
    facts: Mapping[str, Select]
    quarantined: str
    accounts: str


def raw_schema(feed: Feed, form: Form = "rows") -> pa.Schema:
    """The columns normalising reads: the landed ones in contract order, then the machinery. Absent ones count as blank."""
    fields: list[tuple[str, pa.DataType]] = [("row", pa.int32())]
    for column in feed.columns:
        if column.classification is not Classification.PERSONAL or form != "rows":
            fields.append((column.name, pa.string()))
        fields += _check_fields(column.name, column.identifier)
    if form == "minors":
        fields.append(("minors", pa.int32()))
    fields += [("subject", pa.string()), ("sealed", pa.binary()), ("fault", pa.string()), ("flags", pa.string())]
    return pa.schema([*fields, *MACHINERY])


def normalising_sql(feed: Feed, contracts: Contracts, form: Form = "rows", aliased: bool = False) -> NormalisingSql:
    """All statements for the rows of one form; `aliased` when the table `address_alias` has rows."""
    mappings = tuple(mapping for mapping in feed.mappings if mapping.rows == ("minors" if form == "minors" else "landed"))
    slots = Slots.of(feed, mappings, aliased)
    facts = {} if form == "presence" else fact_selects(feed, contracts, mappings, slots)
    facts |= presence_select(feed, contracts, mappings, slots, always=form == "presence")
    reasons = _reasons(feed, form)
    return NormalisingSql(
        source=feed.name,
        schema=raw_schema(feed, form),
        checked=_checked_sql(feed, form, slots),
        facts=facts,
        quarantined=_quarantined_sql(feed, reasons),
        accounts=_accounts_sql(reasons),
    )


def _check_fields(name: str, identifier: str | None) -> list[tuple[str, pa.DataType]]:
    if identifier is None:
        return []
    check = [(f"{name}_check", pa.string())]
    return check if identifier == "phone" else [*check, (f"{name}_sex_agrees", pa.bool_()), (f"{name}_birth_agrees", pa.bool_())]


def _errors(feed: Feed, form: Form) -> tuple[Rule, ...]:
    return tuple(rule for rule in feed.rules if rule.severity is Severity.ERROR) if form == "rows" else ()


def _warnings(feed: Feed, form: Form) -> tuple[Rule, ...]:
    return tuple(rule for rule in feed.rules if rule.severity is Severity.WARNING) if form == "rows" else ()


def _reasons(feed: Feed, form: Form) -> list[tuple[str, str | None]]:
    """Reason and column by number, from 1 on."""
    own = [(rule.reason, rule.column) for rule in _errors(feed, form)]
    return [("fault", None), ("erased", None), *own, ("unidentified", feed.subject), ("unreadable-key", None), ("future-observed", None)]


def _checked_sql(feed: Feed, form: Form, slots: Slots) -> str:
    steps = {
        "opened": _opened_sql(feed),
        "cells": _cells_sql(feed, form),
        "judged": _judged_sql(feed, form),
        "valued": slots.valued_sql(),
        "named": slots.aliased_sql(),
        "timed": _timed_sql(feed, slots),
    }
    return "with " + ",\n".join(f"{name} as ({sql})" for name, sql in steps.items()) + "\n" + _decided_sql(feed, form, slots)


def _opened_sql(feed: Feed) -> str:
    personal = [column.name for column in feed.columns if column.classification is Classification.PERSONAL]
    shape = "{" + ",".join(f'"{name}":"VARCHAR"' for name in personal) + "}"
    return f"select *, from_json(opened, '{shape}') as __open from {RAW}" if personal else f"select * from {RAW}"


def _cells_sql(feed: Feed, form: Form) -> str:
    """Machinery under names no contract uses, cells under the contract's names."""
    machinery = [
        "delivery as __delivery", "chunk as __chunk", '"row" as __row', "repair as __repair", "recorded_at as __recorded", "moment as __moment",
        "mode as __mode", "area_header as __area_header", "fault as __fault", "flags as __landed_flags", "sealed is not null and opened is null as __erased",
    ]  # fmt: skip
    cells: list[str] = []
    for column in feed.columns:
        cells.append(_cell_sql(column.name, column.classification is Classification.PERSONAL, form))
        cells += [q(name) for name, _ in _check_fields(column.name, column.identifier)]
    if form == "minors":
        cells.append("minors")
    return f"select {', '.join([*machinery, *cells])} from opened"


def _cell_sql(name: str, personal: bool, form: Form) -> str:
    if not personal:
        return q(name)
    return f"__open.{q(name)} as {q(name)}" if form == "rows" else f"coalesce(__open.{q(name)}, {q(name)}) as {q(name)}"


def _judged_sql(feed: Feed, form: Form) -> str:
    errors, warnings = _errors(feed, form), _warnings(feed, form)
    blanked: dict[str, list[str]] = {}
    for rule in warnings:
        if rule.blanks:
            blanked.setdefault(rule.blanks, []).append(_broken_sql(rule))
    replaced = ", ".join(f"case when {' or '.join(broken)} then null else {q(name)} end as {q(name)}" for name, broken in blanked.items())
    branches = [f"when __fault is not null then {FAULT}", f"when __erased then {ERASED}"]
    branches += [f"when {_broken_sql(rule)} then {number}" for number, rule in enumerate(errors, ERASED + 1)]
    flags = [f"case when {_broken_sql(rule)} then '{rule.reason}' end" for rule in sorted(warnings, key=lambda rule: rule.reason)]
    cells = f"* replace ({replaced})" if replaced else "*"
    flagged = f"concat_ws(',', {', '.join(['__landed_flags', *flags])})"
    return f"select {cells}, (case {' '.join(branches)} else 0 end)::smallint as __rule, {flagged} as __flagged from cells"


def _broken_sql(rule: Rule) -> str:
    return f"({rule.holds}) is false"


def _timed_sql(feed: Feed, slots: Slots) -> str:
    own = ", ".join(f"try_cast({slots.value(sql)} as timestamp_ms)" for sql in feed.observed_at)
    area = f"coalesce({slots.value(feed.area)}::varchar, __area_header)" if feed.area else "__area_header"
    rank = f"coalesce(try_cast({slots.value(feed.rank)} as smallint), 0::smallint)" if feed.rank else "0::smallint"
    withdraws = f"__mode = 'withdrawal' or coalesce(try_cast({slots.value(feed.operation)} as boolean), false)" if feed.operation else "__mode = 'withdrawal'"
    return (
        f"select * exclude (__area_header), {f'coalesce({own})' if own else 'null::timestamp_ms'} as __own, __mode = 'snapshot' as __listed,"
        f" {area} as __area, {rank} as __rank, {withdraws} as __withdraws,"
        " case when __own is null then coalesce(__moment, __recorded) when __listed then least(__own, __moment) else __own end as __observed"
        " from named"
    )


def _decided_sql(feed: Feed, form: Form, slots: Slots) -> str:
    """`__broken` is the number of the first broken promise, 0 for none; `__keyed` tells whether an entity or a record is readable."""
    first = ERASED + 1 + len(_errors(feed, form))
    entity, key = keyed_sql(slots)
    branches = ["when __rule > 0 then __rule", f"when {_unidentified_sql(feed, form, slots)} then {first}"]
    if form != "presence":
        branches += [f"when not {entity} then {first + 1}", f"when __observed > __recorded + {LATE} then {first + 2}"]
    flags = "concat_ws(',', nullif(__flagged, ''), case when __own is null then 'dated-by-delivery' end)"
    return f"select *, (case {' '.join(branches)} else 0 end)::smallint as __broken, {key} as __keyed, nullif({flags}, '') as __flags from timed"


def _unidentified_sql(feed: Feed, form: Form, slots: Slots) -> str:
    """The subject's column has no token although a mapping that applies needs one."""
    if form != "rows" or feed.subject is None:
        return "false"
    needing = [where for where, needs in slots.applies(feed.subject) if needs]
    if not needing:
        return "false"
    when = feed.column(feed.subject).identifier_when
    judged = f" and ({slots.value(when)}) is not false" if when else ""
    return f"({slots.value(q(feed.subject))} is null{judged} and ({' or '.join(needing)}))"


def _quarantined_sql(feed: Feed, reasons: list[tuple[str, str | None]]) -> str:
    plain = [column.name for column in feed.columns if column.classification is not Classification.PERSONAL]
    names, columns = _list_sql(reason for reason, _ in reasons), _list_sql(column for _, column in reasons)
    cells = canonical_json_sql((name, f"raw.{q(name)}", "text") for name in plain)
    return (
        f"select '{feed.name}' as source, raw.delivery, raw.\"row\", raw.chunk, raw.recorded_at,"
        f' case when bad.broken = {FAULT} then raw.fault else {names}[bad.broken] end as reason, {columns}[bad.broken] as "column",'
        f" {cells} as cells, raw.subject, raw.sealed from {RAW} as raw"
        f" join (select __delivery, __row, __repair, __broken::bigint as broken from {CHECKED} where __broken > 0) as bad"
        ' on raw.delivery = bad.__delivery and raw."row" = bad.__row and raw.repair = bad.__repair'
    )


def _accounts_sql(reasons: list[tuple[str, str | None]]) -> str:
    """Per message: rows = accepted + the sum of `quarantined`; both JSON objects have their keys in order."""
    reason = f"case when __broken = {FAULT} then __fault else {_list_sql(name for name, _ in reasons)}[__broken::bigint] end"
    return f"""with counted as (
select __delivery as delivery, __chunk as chunk, __repair as repair, count(*)::int as rows, (count(*) filter (where __broken = 0))::int as accepted,
  (count(*) filter (where __broken > 0 and not __keyed))::int as unkeyed from {CHECKED} group by all),
broken as (select __delivery as delivery, __chunk as chunk, __repair as repair, {reason} as name, count(*) as n from {CHECKED} where __broken > 0 group by all),
flagged as (select __delivery as delivery, __chunk as chunk, __repair as repair, unnest(string_split(__flags, ',')) as name, n
  from (select __delivery, __chunk, __repair, __flags, count(*) as n from {CHECKED} where __broken = 0 and __flags is not null group by all)),
flags as (select delivery, chunk, repair, name, sum(n)::bigint as n from flagged group by all)
select counted.*, coalesce(b.quarantined, '{{}}') as quarantined, coalesce(f.flags, '{{}}') as flags from counted
left join (select delivery, chunk, repair, {OBJECT} as quarantined from broken group by all) as b using (delivery, chunk, repair)
left join (select delivery, chunk, repair, {OBJECT} as flags from flags group by all) as f using (delivery, chunk, repair)
order by delivery, chunk, repair"""


def _list_sql(texts: Iterable[str | None]) -> str:
    return "[" + ", ".join("null" if text is None else f"'{text}'" for text in texts) + "]"
