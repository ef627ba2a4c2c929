"""The statement that judges a block of clean rows: identifiers checked, bans asked, minors found, misplaced numbers found, personal cells gathered.

Pure makers of SQL over the relation `delivered` (`__row`, the contract's columns as text, `__wide`, `__padded`, `__long_text`). The result has one row per row
of the block, in the same order; cells that stay as they are do not pass through it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from contracts.model import Classification, Column, Feed
from streams.landing.bans import Ban, ban_sql

LANDED, REFUSED, REDUCED = 0, 1, 2
ADULT_YEARS = 14
IDENTITY = r"(^|[^0-9])[1-9]\d{5}[ -]?(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])[ -]?\d{3}[0-9Xx]([^0-9]|$)"
LEGACY = r"(^|[^0-9])[1-9]\d{7}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\d{3}([^0-9]|$)"
MOBILE = r"(^|[^0-9])(\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}([^0-9]|$)"
MISPLACED = f"({IDENTITY})|({LEGACY})|({MOBILE})"
DIGIT_RUN = r"\d[ -]?\d{5}"
SCANNED_TYPES = frozenset({"text", "address"})


def quoted(name: str) -> str:
    """An SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def scanned(feed: Feed) -> tuple[Column, ...]:
    """The columns in which an identity or mobile number would be misplaced: texts and addresses, not identifiers, codes, dates or numbers."""
    return tuple(column for column in feed.columns if column.type in SCANNED_TYPES and column.identifier is None)


def judged_sql(feed: Feed, bans: Sequence[Ban], at: date) -> str:
    """Columns: `outcome`, `rule` and `offending` (number of the ban and of its column), `readable`, the parts of each identifier, `hits` (bit i: `scanned(feed)[i]`
    holds a number), `clear` (JSON of the personal and misplaced cells), `flags`. `at` is the day on which a person counts as under 14."""
    return f"""with parts as (select *, {", ".join(_parts_sql(feed))} from delivered),
scanned as (select *, {_hits_sql(feed)}::bigint as hits, {ban_sql(feed, bans)}::integer as ban, {_minor_sql(feed, at)} as minor from parts)
select (case when ban > 0 then {REFUSED} when minor then {REDUCED} else {LANDED} end)::tinyint as outcome, ban,
case when ban > 0 then {_readable_sql(feed)} end as readable, hits,
{_outputs_sql(feed)}{_clear_sql(feed)} as clear, {_flags_sql(feed)} as flags
from scanned"""


def kept_sql(column: Column) -> str:
    """The cell as it may leave landing: `keep: year` reduces a date to its year."""
    cell = quoted(column.name)
    if column.keep != "year":
        return cell
    return f"coalesce(year(date_of({cell}))::varchar, nullif(regexp_extract({cell}, '^(19|20)\\d\\d'), ''))"


def _applies_sql(column: Column) -> str:
    return f"({column.identifier_when})" if column.identifier_when else "true"


def _parts_sql(feed: Feed) -> list[str]:
    """Per identifier its normalised number and what the check says; null where the column is no identifier in this row."""
    parts = ["0 as __none"]
    for column in feed.columns:
        cell, name = quoted(column.name), column.name
        macro = {"subject": "identity", "phone": "phone"}.get(column.identifier or "")
        if macro:
            given = f"case when {_applies_sql(column)} then {cell} end" if column.identifier_when else cell
            parts.append(f'{macro}_number({given}) as "{name}__number"')
            check = f"{macro}_check({cell})"
            parts.append(f'{f"case when {_applies_sql(column)} then {check} end" if column.identifier_when else check} as "{name}__check"')
    return parts


def _outputs_sql(feed: Feed) -> str:
    outputs = []
    for column in feed.columns:
        name = column.name
        if column.identifier:
            outputs.append(f'case when "{name}__check" in {_tokened(column)} then "{name}__number" end as "{name}__number", "{name}__check" as "{name}_check"')
        if column.identifier == "subject":
            number = f'case when "{name}__check" in {_tokened(column)} then "{name}__number" end'
            sex = f"identity_sex({number}) = sex_of({quoted(column.sex_column)})" if column.sex_column else "null::boolean"
            birth = f"identity_birth({number}) = date_of({quoted(column.birth_column)})" if column.birth_column else "null::boolean"
            outputs.append(f'{sex} as "{name}_sex_agrees", {birth} as "{name}_birth_agrees"')
    return "".join(output + ",\n" for output in outputs)


def _tokened(column: Column) -> str:
    return "('valid', 'legacy15', 'unknown_division')" if column.identifier == "subject" else "('mobile', 'fixed', 'unknown')"


def _hit_sql(column: Column) -> str:
    cell = quoted(column.name)
    searched = f"(regexp_matches({cell}, '{DIGIT_RUN}') and regexp_matches({cell}, '{MISPLACED}'))"
    return f"coalesce({searched}, false)"


def _hits_sql(feed: Feed) -> str:
    return " + ".join(f"(case when {_hit_sql(column)} then {1 << bit} else 0 end)" for bit, column in enumerate(scanned(feed))) or "0"


def _minor_sql(feed: Feed, at: date) -> str:
    """Born after `at` minus 14 years and not after `at`, by number or by birth column. A mistyped number counts too: the child is protected, not the row."""
    if feed.minors is None:
        return "false"
    first, last = at.replace(year=at.year - ADULT_YEARS) if (at.month, at.day) != (2, 29) else date(at.year - ADULT_YEARS, 2, 28), at
    tests = [f"date_of({quoted(feed.minors.birth)}) > date '{first}' and date_of({quoted(feed.minors.birth)}) <= date '{last}'"]
    if feed.subject:
        born = f'substr("{feed.subject}__number", 7, 8)'
        tests.append(f"{born} > '{first:%Y%m%d}' and {born} <= '{last:%Y%m%d}'")
    return "coalesce(" + " or ".join(f"coalesce({test}, false)" for test in tests) + ", false)"


def _readable_sql(feed: Feed) -> str:
    """Whether a refused row still names its record or its subject."""
    tests = [f"({feed.record}) is not null"] if feed.record else []
    if feed.subject:
        tests.append(f'"{feed.subject}__check" in {_tokened(feed.column(feed.subject))}')
    return " or ".join(tests) if tests else "true"


def _clear_sql(feed: Feed) -> str:
    """JSON text of the personal cells and of the misplaced ones, null where there are none; blanks are left out."""
    members = []
    bits = {column.name: 1 << bit for bit, column in enumerate(scanned(feed))}
    for column in feed.columns:
        member = f"""'"{column.name}":' || to_json({kept_sql(column)})"""
        if column.classification is Classification.PERSONAL:
            members.append(member)
        elif column.name in bits:
            members.append(f"case when hits & {bits[column.name]} <> 0 then {member} end")
    return "'{' || nullif(concat_ws(',', " + ", ".join(members) + "), '') || '}'" if members else "null::varchar"


def _flags_sql(feed: Feed) -> str:
    legacy = " or ".join(f"\"{column.name}__check\" = 'legacy15'" for column in feed.columns if column.identifier == "subject")
    flags = ["case when __wide then 'full-width' end", "case when __padded then 'padded' end"]
    if legacy:
        flags.insert(1, f"case when {legacy} then 'legacy15' end")
    return f"nullif(concat_ws(',', {', '.join(flags)}), '')"
