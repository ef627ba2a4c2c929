"""The statement that judges a block of clean rows: identifiers checked, bans asked, minors found, misplaced numbers found, personal cells gathered.

Pure makers of SQL over the relation `delivered` (`__row`, the contract's columns as text, `__wide`, `__padded`, `__long_text`). The result has one row per row
of the block, in the same order; cells that stay as they are do not pass through it.
"""

from __future__ import annotations

from datetime import date

from contracts.model import Classification, Column, Feed
from streams.landing.bans import screen

ADULT_YEARS = 14
MINOR = "minor"
"""What the check beside a child's number says; no token is made of it."""
IDENTITY = r"(^|[^0-9])[1-9]\d{5}[ -]?(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])[ -]?\d{3}[0-9Xx]([^0-9]|$)"
WHOLE_IDENTITY = r"[1-8]\d{5}(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\d{3}[0-9Xx]"
LEGACY = r"(^|[^0-9])[1-9]\d{7}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\d{3}([^0-9]|$)"
MOBILE = r"(^|[^0-9])(\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}([^0-9]|$)"
MISPLACED = f"({IDENTITY})|({LEGACY})|({MOBILE})"
DIGIT_RUN = r"\d{3}[ -]?\d{4}"
"""Every misplaced number holds this."""
MACROS = {"subject": ("identity_text", "identity_number"), "phone": ("phone_number", "phone_number")}
SCANNED_TYPES = frozenset({"text", "address"})


def quoted(name: str) -> str:
    """An SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """An SQL string."""
    return "'" + text.replace("'", "''") + "'"


def scanned(feed: Feed) -> tuple[Column, ...]:
    """The columns in which an identity or mobile number would be misplaced: texts and addresses first, then codes without a list; not dates or numbers.

    An identifier column is among them where only some of its rows hold identifiers.
    """
    return (*_texts(feed), *_codes(feed))


def _texts(feed: Feed) -> list[Column]:
    return [column for column in feed.columns if column.type in SCANNED_TYPES and _sometimes_none(column)]


def _codes(feed: Feed) -> list[Column]:
    return [column for column in feed.columns if column.type == "code" and column.code_list is None and _sometimes_none(column)]


def _sometimes_none(column: Column) -> bool:
    """Whether the column is no identifier, at least in some rows."""
    return column.identifier is None or column.identifier_when is not None


def judged_sql(feed: Feed, at: date, today: date, codes: bool = False) -> str:
    """Columns: `suspect` (a ban may hold), `minor`, the parts of each identifier, `hits` (bit i: `scanned(feed)[i]` holds a number), `clear` (JSON of the personal and
    misplaced cells), `flags`. `at` is the day on which a person counts as under 14,
    `today` the day after which nobody can be born yet. `coded` tells whether codes look like identity numbers; `codes` judges them, which few blocks need."""
    return f"""with read as (select *{"".join(_texts_sql(feed))} from delivered),
parts as (select *{"".join(_parts_sql(feed, today))} from read),
aged as (select *{"".join(_children_sql(feed, at))} from parts),
scanned as (select *, {_hits_sql(feed, today, codes)}::bigint as hits from aged)
select ({screen(feed)}) as suspect, {_minor_sql(feed, at)} as minor, {_coded_sql(feed)} as coded, hits,
{_outputs_sql(feed)}{_clear_sql(feed)} as clear, {_flags_sql(feed)} as flags
from scanned"""


def readable_sql(feed: Feed) -> str:
    """Whether a refused row still names its record, its subject or the entity it is first about; over cells and the checks of its identifiers."""
    tests = [f"({feed.record}) is not null"] if feed.record else []
    if feed.subject:
        tests.append(f'"{feed.subject}_check" in {_tokened(feed.column(feed.subject))}')
    if not tests:
        tests = [f"({mapping.entity}) is not null" for mapping in feed.mappings if mapping.entity and mapping.rows == "landed"][:1]
    return " or ".join(f"coalesce({test}, false)" for test in tests) if tests else "true"


def kept_sql(column: Column) -> str:
    """The cell as it may leave landing: `keep: year` reduces a date to its year."""
    cell = quoted(column.name)
    if column.keep != "year":
        return cell
    plainly = f"nullif(regexp_extract({cell}, '^((?:18|19|20)\\d\\d)[-/.年]', 1), '')"
    return f"coalesce({plainly}, year(date_of({cell}))::varchar, nullif(regexp_extract({cell}, '^(?:19|20)\\d\\d'), ''))"


def _texts_sql(feed: Feed) -> list[str]:
    """Per identifier its text, null where the column is none in this row; a column of its own, so that the macros read it once."""
    texts = []
    for column in feed.columns:
        macro = MACROS.get(column.identifier or "")
        if macro:
            given = f"case when {column.identifier_when} then {quoted(column.name)} end" if column.identifier_when else quoted(column.name)
            texts.append(f', {macro[0]}({given}) as "{column.name}__text"')
    return texts


def _parts_sql(feed: Feed, today: date) -> list[str]:
    """Per identifier its number and what the check says; the check is null where the column is no identifier in this row."""
    parts = []
    for column in feed.columns:
        macro = MACROS.get(column.identifier or "")
        if macro:
            text = f'"{column.name}__text"'
            check = f"identity_verdict({text}, date '{today}')" if column.identifier == "subject" else f"phone_check({text})"
            applied = f"case when {column.identifier_when} then {check} end" if column.identifier_when else check
            parts.append(f', {macro[1]}({text}) as "{column.name}__number", {applied} as "{column.name}__check"')
    return parts


def _outputs_sql(feed: Feed) -> str:
    outputs = []
    for column in feed.columns:
        name = column.name
        if column.identifier is None:
            continue
        tokened, check = f'"{name}__check" in {_tokened(column)}', f'"{name}__check"'
        if column.identifier == "subject":
            tokened, check = f'{tokened} and not "{name}__minor"', f"""case when {tokened} and "{name}__minor" then '{MINOR}' else {check} end"""
        number = f'case when {tokened} then "{name}__number" end'
        outputs.append(f'{number} as "{name}__number", {check} as "{name}_check"')
        if column.identifier == "subject":
            outputs += [_sex_sql(column, number), _birth_sql(column, number)]
    return "".join(output + ",\n" for output in outputs)


def _sex_sql(column: Column, number: str) -> str:
    """Only 1 and 2 can agree: 0 is unknown, 9 is not stated."""
    given = f"sex_of({quoted(column.sex_column)})" if column.sex_column else "null"
    agrees = f"(case when {given} in ('1', '2') then identity_sex({number}) = {given} end)::boolean"
    return f'{agrees} as "{column.name}_sex_agrees"'


def _birth_sql(column: Column, number: str) -> str:
    given = f"date_of({quoted(column.birth_column)})" if column.birth_column else "null"
    return f'(identity_birth({number}) = {given})::boolean as "{column.name}_birth_agrees"'


def _tokened(column: Column) -> str:
    return "('valid', 'legacy15', 'unknown_division')" if column.identifier == "subject" else "('mobile', 'fixed', 'unknown')"


def _hits_sql(feed: Feed, today: date, codes: bool) -> str:
    """A bit per scanned column. One look at all texts of the row goes first: most rows have no long number anywhere."""
    texts = _texts(feed)
    hits = "0"
    if texts:
        bits = " + ".join(f"(case when {_hit_sql(column)} then {1 << bit} else 0 end)" for bit, column in enumerate(texts))
        hits = f"(case when regexp_matches(concat_ws(chr(31), {_cells(texts)}), '{DIGIT_RUN}') then {bits} else 0 end)"
    if codes:
        hits += "".join(f" + (case when {_code_hit_sql(column, today)} then {1 << bit} else 0 end)" for bit, column in enumerate(_codes(feed), len(texts)))
    return hits


def _hit_sql(column: Column) -> str:
    searched = f"coalesce(regexp_matches({quoted(column.name)}, '{MISPLACED}'), false)"
    return f"({searched} and ({column.identifier_when}) is not true)" if column.identifier_when else searched


def _coded_sql(feed: Feed) -> str:
    """Whether a whole code of the row has the form of an adult's identity number."""
    codes = _codes(feed)
    cells = ", ".join(
        f"case when ({column.identifier_when}) is not true then {quoted(column.name)} end" if column.identifier_when else quoted(column.name)
        for column in codes
    )
    return f"coalesce(regexp_matches(chr(31) || concat_ws(chr(31), {cells}) || chr(31), '\\x1f{WHOLE_IDENTITY}\\x1f'), false)" if codes else "false"


def _code_hit_sql(column: Column, today: date) -> str:
    """Codes are often division, date and counter, which has the form of an identity number: the check character and an adult's birth date tell them apart."""
    cell = quoted(column.name)
    adult = f"try_cast(substr({cell}, 7, 4) as integer) <= {today.year - ADULT_YEARS}"
    checked = f"identity_check_char(left({cell}, 17)) = upper(right({cell}, 1))"
    other = f" and ({column.identifier_when}) is not true" if column.identifier_when else ""
    return f"(coalesce(regexp_full_match({cell}, '{WHOLE_IDENTITY}') and {adult} and {checked}, false){other})"


def _cells(columns: list[Column]) -> str:
    return ", ".join(quoted(column.name) for column in columns)


def _minor_sql(feed: Feed, at: date) -> str:
    """Whether a row is reduced: the person it is about is under 14, by number or by birth column, whatever the feed.

    A mistyped number counts too: the child is protected, not the row. Where the contract says so, the row stays (without the number).
    """
    tests = [f'"{name}__minor"' for name in ([feed.subject] if feed.subject else _subjects(feed))]
    if feed.minors is not None and feed.minors.birth:
        born, (first, last) = f"date_of({quoted(feed.minors.birth)})", _childhood(at)
        tests.append(f"coalesce({born} > date '{first}' and {born} <= date '{last}', false)")
    reduced = " or ".join(tests) or "false"
    return f"(({reduced}) and ({feed.minors.stay}) is not true)" if feed.minors and feed.minors.stay else reduced


def _children_sql(feed: Feed, at: date) -> list[str]:
    """Per identity number whether it is that of a child at `at`; never null."""
    first, last = _childhood(at)
    columns = []
    for name in _subjects(feed):
        born = f'substr("{name}__number", 7, 8)'
        child = f"length(\"{name}__number\") = 18 and {born} > '{first:%Y%m%d}' and {born} <= '{last:%Y%m%d}'"
        columns.append(f', coalesce({child}, false) as "{name}__minor"')
    return columns


def _subjects(feed: Feed) -> list[str]:
    return [column.name for column in feed.columns if column.identifier == "subject"]


def _childhood(at: date) -> tuple[date, date]:
    """Born after the first and not after the last of these days: under 14 at `at`."""
    return (at.replace(year=at.year - ADULT_YEARS) if (at.month, at.day) != (2, 29) else date(at.year - ADULT_YEARS, 2, 28)), at


def _clear_sql(feed: Feed) -> str:
    """JSON text of the personal cells and of the misplaced ones, null where there are none; blanks are left out."""
    members = []
    bits = {column.name: 1 << bit for bit, column in enumerate(scanned(feed))}
    for column in feed.columns:
        member = f"""'"{column.name}":' || to_json({kept_sql(column)})"""
        if column.classification is Classification.PERSONAL:
            members.append(f'case when "{column.name}__check" is null then {member} end' if column.identifier else member)
        elif column.name in bits:
            members.append(f"case when hits & {bits[column.name]} <> 0 then {member} end")
    return "'{' || nullif(concat_ws(',', " + ", ".join(members) + "), '') || '}'" if members else "null::varchar"


def _flags_sql(feed: Feed) -> str:
    legacy = " or ".join(f"\"{column.name}__check\" = 'legacy15'" for column in feed.columns if column.identifier == "subject")
    flags = ["case when __wide then 'full-width' end", "case when __padded then 'padded' end"]
    if legacy:
        flags.insert(1, f"case when {legacy} then 'legacy15' end")
    return f"nullif(concat_ws(',', {', '.join(flags)}), '')"
