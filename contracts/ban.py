"""What landing refuses (domain facts, section 8): the ban list of `codes/ban.yaml` as questions about headers and as SQL about cells.

A banned column refuses the delivery, a banned value the row. Only rule ids are ever named, never a value.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

from contracts.model import Classification, Column, Feed, Label

FILE = Path(__file__).parent / "codes" / "ban.yaml"
FREE_TEXT = "free-text.length"
LONGEST_CODE = 32
"""Bytes: longer cells in columns that declare what they hold are looked at for pictures."""
OUR_OWN = frozenset({"minors"})
"""Attributes that are themselves the permitted form of something banned: the count of residents under 14."""


@dataclass(frozen=True, slots=True)
class BannedValue:
    """One value pattern. `cell` says whether it must match the whole cell, its start or any part; `excuse` undoes a match; `keys` false leaves out columns that make record keys."""

    id: str
    pattern: str
    cell: Literal["whole", "start", "part"]
    test: Literal["luhn", "over-4-kb"] | None = None
    excuse: str | None = None
    personal_only: bool = False
    keys: bool = True


@dataclass(frozen=True, slots=True)
class Ban:
    """One topic that never enters, and what it becomes instead."""

    id: str
    topic: Label
    instead: Label
    zh: tuple[str, ...]
    spared: tuple[str, ...]
    en: tuple[str, ...]
    code_lists: frozenset[str]
    values: tuple[BannedValue, ...]


@dataclass(frozen=True, slots=True)
class BanList:
    """The whole list; `long_text` gives words of column names and the length their texts may have."""

    rules: tuple[Ban, ...]
    long_text: tuple[tuple[int, tuple[str, ...]], ...]


@cache
def ban_list() -> BanList:
    """The list as shipped, read once."""
    given = yaml.load(FILE.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    long_text = tuple((int(each["limit"]), tuple(each["words"])) for each in given["long_text"])
    return BanList(tuple(_ban(each) for each in given["rules"]), long_text)


def _ban(given: dict[str, Any]) -> Ban:
    columns = given["columns"]
    return Ban(
        id=given["id"],
        topic=Label(**given["topic"]),
        instead=Label(**given["instead"]),
        zh=tuple(_squeezed(word) for word in columns.get("zh", ())),
        spared=tuple(_squeezed(word) for word in columns.get("except", ())),
        en=tuple(columns.get("en", ())),
        code_lists=frozenset(given.get("code_lists", ())),
        values=tuple(_value(each) for each in given.get("values", ())),
    )


def _value(given: dict[str, Any]) -> BannedValue:
    return BannedValue(
        id=given["id"],
        pattern=given["pattern"],
        cell=given["cell"],
        test=given.get("test"),
        excuse=given.get("except"),
        personal_only=given.get("among") == "personal",
        keys=given.get("keys", True),
    )


def banned_columns(headers: Sequence[str]) -> list[tuple[str, str]]:
    """The headers that are banned, each with the id of the first rule that says so; in the order given."""
    found = ((header, banned_name(header)) for header in headers)
    return [(header, rule) for header, rule in found if rule]


def banned_name(header: str) -> str | None:
    """The rule that bans a column of this name. Width, case, blanks and separators make no difference."""
    squeezed, spaced = _squeezed(header), f" {_words(header)} {_words(header, plural=False)} "
    return next((rule.id for rule in ban_list().rules if _says(rule, squeezed, spaced)), None)


def _says(rule: Ban, squeezed: str, spaced: str) -> bool:
    """Chinese words are looked for inside the name once what the rule spares is taken out; English ones as whole words."""
    for word in rule.spared:
        squeezed = squeezed.replace(word, " ")
    return any(word in squeezed for word in rule.zh) or any(f" {words} " in spaced for words in rule.en)


def _squeezed(text: str) -> str:
    """Lower case, NFKC, only letters and digits; CamelCase and separators are gone, so that `民 族` is 民族."""
    return "".join(char for char in unicodedata.normalize("NFKC", text).lower() if char.isalnum())


def _words(text: str, plural: bool = True) -> str:
    """The Latin words of a name, lower case, parted by one blank: `HealthStatus`, `health-status` and `health_status` are the same. Without plural, a last s is taken off."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", unicodedata.normalize("NFKC", text))
    words = re.findall(r"[a-z0-9]+", parted.lower())
    return " ".join(words if plural else (word.removesuffix("s") for word in words))


def banned_code_list(name: str) -> str | None:
    """The rule that bans a code list of this name."""
    return next((rule.id for rule in ban_list().rules if name.lower() in rule.code_lists), None)


def banned_value_sql(column: Column, feed: Feed) -> list[tuple[str, str]]:
    """Per rule that applies to a column: its id and SQL over the row, true where the cell is banned, never null.

    Cells free to hold anything are asked every rule and may not be long. Of others only words and pictures are asked: `A01` may be an industry code, and one
    long number in ten passes Luhn, but no code is 精神病 or a face. Where only some rows of a column hold identifiers, the others are asked everything.
    """
    cell, words = f'"{column.name}"', {value.id for value in _worded()}
    found = [(value.id, value_sql(value, cell)) for value in _asked(column, feed)]
    if not scanned(column):
        return [(rule, sql if rule in words else f"coalesce(strlen({cell}) > {LONGEST_CODE} AND {sql}, false)") for rule, sql in found]
    found.append((FREE_TEXT, f"coalesce(length({cell}) > {text_limit(column, feed)}, false)"))
    return [(rule, f"({sql} AND ({column.identifier_when}) IS NOT TRUE)" if column.identifier_when and rule not in words else sql) for rule, sql in found]


def screen_sql(feed: Feed) -> str:
    """One cheap test for a row: true where one of the value rules of any column may hold; never null.

    Rows for which it is false need no `banned_value_sql`. All words are looked for at once in the cells that declare what they are, if those have
    more bytes than characters: nearly all are plain ASCII, and every word needs a Chinese character.
    """
    tests = [_screen_sql(column, feed) for column in feed.columns if scanned(column)]
    worded = [column for column in feed.columns if not scanned(column)]
    if worded:
        patterns = "|".join(f"(?:{value.pattern})" for value in _worded())
        cells = ", ".join(f'"{column.name}"' for column in worded)
        row = f"concat_ws(chr(31), {cells})"
        tests.append(f"CASE WHEN strlen({row}) > length({row}) THEN regexp_matches({row}, {_text(patterns)}) END")
        tests += [f'strlen("{column.name}") > {LONGEST_CODE}' for column in worded]
    return " OR ".join(f"coalesce({test}, false)" for test in tests) or "false"


def _screen_sql(column: Column, feed: Feed) -> str:
    patterns = "|".join(f"(?:{_anchored(value)})" for value in _asked(column, feed))
    cell = f'"{column.name}"'
    return f"(length({cell}) > {text_limit(column, feed)} OR regexp_matches({cell}, {_text(patterns)}))"


def scanned(column: Column) -> bool:
    """Whether cells of a column are free to hold anything, at least in some rows, so that every rule about values is asked."""
    return column.type == "text" and column.code_list is None and (column.identifier is None or column.identifier_when is not None)


def _asked(column: Column, feed: Feed) -> Iterable[BannedValue]:
    return _values(column, feed) if scanned(column) else (*_worded(), *_pictures())


@cache
def _worded() -> tuple[BannedValue, ...]:
    """The rules that look for Chinese words or the letters of a plate."""
    return tuple(value for rule in ban_list().rules for value in rule.values if re.search("[\u4e00-\u9fff]", value.pattern))


@cache
def _pictures() -> tuple[BannedValue, ...]:
    """The rules that look for pictures and the numbers made of them; all are far longer than any code."""
    return tuple(value for rule in ban_list().rules if rule.id == "biometrics" for value in rule.values)


def text_limit(column: Column, feed: Feed) -> int:
    """The characters a cell may have before it counts as free text."""
    names = f"{column.name} {column.header}".lower()
    return next((limit for limit, words in ban_list().long_text if any(word in names for word in words)), feed.free_text_limit)


def _values(column: Column, feed: Feed) -> Iterable[BannedValue]:
    personal, key = column.classification == Classification.PERSONAL, _makes_key(column, feed)
    everything = (value for rule in ban_list().rules for value in rule.values)
    return (value for value in everything if (personal or not value.personal_only) and (value.keys or not key))


def _makes_key(column: Column, feed: Feed) -> bool:
    """Whether a column is part of a record key or an entity id: such numbers are long and one in ten passes any check digit."""
    expressions = [feed.record, *(each for mapping in feed.mappings for each in (mapping.entity, mapping.record))]
    return any(re.search(rf"\b{re.escape(column.name)}\b", each) for each in expressions if each)


def value_sql(value: BannedValue, cell: str) -> str:
    """One value rule as SQL over `cell`: true or false, never null."""
    matched = _matched_sql(value, cell)
    if value.excuse:
        matched = f"{matched} AND NOT regexp_matches({cell}, {_text(value.excuse)})"
    if value.test == "over-4-kb":
        matched = f"length({cell}) > 4096 AND {matched}"
    if value.test == "luhn":
        matched = f"CASE WHEN {matched} THEN {luhn_sql(cell)} ELSE false END"
    return f"coalesce({matched}, false)"


def _matched_sql(value: BannedValue, cell: str) -> str:
    if value.cell == "whole":
        return f"regexp_full_match({cell}, {_text(value.pattern)})"
    return f"regexp_matches({cell}, {_text(_anchored(value))})"


def _anchored(value: BannedValue) -> str:
    """The pattern as it must be found anywhere in a text."""
    if value.test == "over-4-kb":
        return r"[A-Za-z0-9+/]{200}"
    return {"whole": f"^(?:{value.pattern})$", "start": f"^(?:{value.pattern})", "part": value.pattern}[value.cell]


def luhn_sql(cell: str) -> str:
    """Whether the digits of `cell` pass the Luhn check and are no plausible identity number of 15 or 18 digits (those are dealt with as identifiers)."""
    digits = f"regexp_replace({cell}, '[ -]', '', 'g')"
    doubled = f"2 * substr(reverse({digits}), i, 1)::INTEGER"
    place = f"CASE WHEN i % 2 = 1 THEN substr(reverse({digits}), i, 1)::INTEGER WHEN {doubled} > 9 THEN {doubled} - 9 ELSE {doubled} END"
    total = f"list_sum(list_transform(range(1, length({digits}) + 1), lambda i: {place}))"
    identity = r"[1-8]\d{5}(\d{2}|(18|19|20)\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\d{3,4}"
    return f"({total} % 10 = 0 AND NOT (length({digits}) IN (15, 18) AND regexp_full_match({digits}, {_text(identity)})))"


def _text(pattern: str) -> str:
    """A pattern as an SQL string."""
    return "'" + pattern.replace("'", "''") + "'"
