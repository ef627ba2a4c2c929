"""SQL makers for the checked rows: from raw cells to dated rows with every expression of the contract evaluated and the first broken promise named.

The steps, each a named step of one query: `opened` reads the personal cells, `cells` names every cell as the contract does, `shared` makes the calls that
several expressions share, `asked` has the verdicts that are needed twice, those of warnings, `judged` asks the other rules and blanks bad cells, `upcast_<n>` (rows of older versions only) name cells as a newer version does, `spoken` makes the shared calls over blanked cells, `named` passes dwelling keys
through the alias table, `valued` evaluates every expression, `timed` dates the row; the last decides what is broken.
"""

from __future__ import annotations

from contracts.model import Classification, Column, Feed, Rule
from contracts.normalising.shared import Shared, words_of
from contracts.normalising.slots import Slots, keyed_sql, own_time_sql
from contracts.normalising.slots import quoted as q
from contracts.normalising.upcasts import Spoken
from contracts.normalising.words import ERASED, FAULT, RAW, Form, check_fields, errors, warnings

LATE = "interval 1 day"


def checked_sql(said: Spoken, form: Form, slots: Slots, macros: frozenset[str]) -> str:
    """One row per row of `raw`; `__broken` is the number of the first broken promise, 0 for none."""
    feed, texts = said.carried, list(slots.names)
    rules = (*errors(feed, form), *warnings(feed, form))
    blankable = frozenset(rule.blanks for rule in rules if rule.blanks)
    before = Shared.of([*(rule.holds for rule in rules), *(() if said.steps else texts)], macros, _columns(feed), "__m")
    intact = Shared() if said.steps else before.without(blankable)
    after = Shared.of([intact.rewritten(sql) for sql in texts], macros, _columns(said.speaker) | intact.columns, "__n")

    def rewritten(sql: str) -> str:
        return after.rewritten(intact.rewritten(sql))

    upcast = dict(said.steps_sql("judged", form))
    steps = {
        "opened": _opened_sql(feed),
        "cells": _cells_sql(feed, form),
        **dict(before.steps_sql("cells", "shared")),
        "asked": _asked_sql(feed, form, before),
        "judged": _judged_sql(feed, form, before),
        **upcast,
        **dict(after.steps_sql(["judged", *upcast][-1], "spoken", {} if upcast else _again(feed, form, before, intact, after))),
        **slots.keys.steps_sql("spoken", rewritten),
        "valued": slots.valued_sql("named", rewritten),
        "timed": _timed_sql(said.speaker, slots),
    }
    return "with " + ",\n".join(f"{name} as ({sql})" for name, sql in steps.items()) + "\n" + _decided_sql(said, form, slots)


def _columns(feed: Feed) -> frozenset[str]:
    """The names that expressions of a feed may use."""
    checks = {name for column in feed.columns for name, _ in check_fields(column.name, column.identifier)}
    return frozenset(column.name for column in feed.columns) | checks


def held_sql(checked: str, number: int) -> str:
    """The checked rows of a message that is held: those that break no promise have the number of what it is held for."""
    return f"select * replace (case when __broken = 0 then {number}::smallint else __broken end as __broken) from ({checked})"


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
        cells.append(_cell_sql(column, form))
        cells += [q(name) for name, _ in check_fields(column.name, column.identifier)]
    if form == "minors":
        cells.append("minors")
    return f"select {', '.join([*machinery, *cells])} from opened"


def _cell_sql(column: Column, form: Form) -> str:
    """A personal cell lies in the opened ones; one that became a token, and the kept cells of rows that did not land, may lie beside them."""
    name = q(column.name)
    if column.classification is not Classification.PERSONAL:
        return name
    return f"__open.{name} as {name}" if column.sealed and form == "rows" else f"coalesce(__open.{name}, {name}) as {name}"


def _judged_sql(feed: Feed, form: Form, shared: Shared) -> str:
    hard, asked = errors(feed, form), _asked(feed, form)
    blanked = _blanked(asked)
    blank = {name: name for name in blanked} | shared.blank_with(blanked)
    replaced = ", ".join(f"case when {' or '.join(blanked[cell])} then null else {q(name)} end as {q(name)}" for name, cell in blank.items())
    branches = [f"when __fault is not null then {FAULT}", f"when __erased then {ERASED}"]
    branches += [f"when {_broken_sql(rule, shared)} then {number}" for number, rule in enumerate(hard, ERASED + 1)]
    cells = f"* replace ({replaced})" if replaced else "*"
    return f"select {cells}, (case {' '.join(branches)} else 0 end)::smallint as __rule, {_flagged_sql(asked)} as __flagged from asked"


def _flagged_sql(asked: dict[Rule, str]) -> str:
    """What a row is flagged for; most are flagged for nothing, and their names are not put together."""
    if not asked:
        return "__landed_flags"
    names = [f"case when {verdict} then '{rule.reason}' end" for rule, verdict in sorted(asked.items(), key=lambda pair: pair[0].reason)]
    return f"case when {' or '.join(asked.values())} then concat_ws(',', __landed_flags, {', '.join(names)}) else __landed_flags end"


def _asked(feed: Feed, form: Form) -> dict[Rule, str]:
    """The warnings, by the column that says whether a row breaks them."""
    return {rule: f"__b{number}" for number, rule in enumerate(warnings(feed, form))}


def _asked_sql(feed: Feed, form: Form, shared: Shared) -> str:
    """Once instead of twice: to bind the macros of a rule takes longer than to ask it of thousands of rows."""
    verdicts = [f"{_broken_sql(rule, shared)} as {name}" for rule, name in _asked(feed, form).items()]
    return f"select {', '.join(['*', *verdicts])} from shared"


def _blanked(asked: dict[Rule, str]) -> dict[str, list[str]]:
    """By cell the verdicts that blank it."""
    found: dict[str, list[str]] = {}
    for rule, verdict in asked.items():
        if rule.blanks:
            found.setdefault(rule.blanks, []).append(verdict)
    return found


def _again(feed: Feed, form: Form, before: Shared, intact: Shared, after: Shared) -> dict[str, str]:
    """The calls of `after` that `before` made over the cells as they came, so that they are made again for rows only of which such a cell was blanked."""
    blanked, found = _blanked(_asked(feed, form)), {}
    for call in (call for names in after.layers for call in names):
        as_it_came = intact.expanded(after.expanded(call))
        known, verdicts = before.rewritten(as_it_came), [verdict for cell in sorted(words_of(as_it_came) & blanked.keys()) for verdict in blanked[cell]]
        if known in before.columns and verdicts:
            found[call] = f"case when {' or '.join(verdicts)} then {call} else {known} end"
    return found


def _broken_sql(rule: Rule, shared: Shared) -> str:
    return f"({shared.rewritten(rule.holds)}) is false"


def _timed_sql(feed: Feed, slots: Slots) -> str:
    area = f"coalesce({slots.value(feed.area)}::varchar, __area_header)" if feed.area else "__area_header"
    rank = f"coalesce(try_cast({slots.value(feed.rank)} as smallint), 0::smallint)" if feed.rank else "0::smallint"
    withdraws = f"__mode = 'withdrawal' or coalesce(try_cast({slots.value(feed.operation)} as boolean), false)" if feed.operation else "__mode = 'withdrawal'"
    return (
        f"select * exclude (__area_header), {slots.value(own_time_sql(feed))}::timestamp_ms as __own, __mode = 'snapshot' as __listed,"
        f" {area} as __area, {rank} as __rank, {withdraws} as __withdraws,"
        " case when __own is null then coalesce(__moment, __recorded) when __listed then least(__own, __moment) else __own end as __observed"
        " from valued"
    )


def _decided_sql(said: Spoken, form: Form, slots: Slots) -> str:
    """`__broken` is the number of the first broken promise, 0 for none; `__keyed` tells whether an entity or a record is readable."""
    first = ERASED + 1 + len(errors(said.carried, form))
    entity, key = keyed_sql(slots)
    branches = ["when __rule > 0 then __rule", f"when {_unidentified_sql(said.speaker, form, slots)} then {first}"]
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
