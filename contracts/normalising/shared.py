"""Calls of macros that several expressions of a feed make: each is evaluated once a row, under a column name.

DuckDB finds repeated expressions within one select only, and none inside a CASE; reading an address costs more than all the rest of a row.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from types import MappingProxyType

MACRO = re.compile(r"\bmacro\s+(?:if\s+not\s+exists\s+)?(\w+)\s*\(", re.IGNORECASE)
TEXT = re.compile(r"'(?:[^']|'')*'")
WORD = re.compile(r"[A-Za-z_]\w*")
SQL_WORDS = frozenset(
    [
        "case",
        "when",
        "then",
        "else",
        "end",
        "and",
        "or",
        "not",
        "is",
        "null",
        "in",
        "like",
        "true",
        "false",
        "as",
        "between",
        "varchar",
        "integer",
        "bigint",
        "double",
        "decimal",
        "date",
        "timestamp",
        "boolean",
    ]
)
NOTHING_OF_NOTHING = {
    **dict.fromkeys(
        ["address_key", "amount_of", "bound_of", "code_of", "date_of", "division_code", "industry_code", "number_of", "sex_of", "timer_minutes"], (0,)
    ),
    **dict.fromkeys(["timestamp_of", "visit_close", "visit_reason", "whole_of", "year_of"], (0,)),
    "point_of": (2,),
    "visit_key": (1,),
    "visit_value": (1, 2),
    "visit_asked": (1, 2),
}
"""Macros that give null where their arguments at these places are null, whatever the others are."""
NO_CALLS: Mapping[str, str] = MappingProxyType({})
GUARDED = re.compile(r"case when (\w+) = '(?:[^']|'')*' then (\w+) end")
PARAMETER = re.compile(r"\blambda\b|->")


@dataclass(frozen=True, slots=True)
class Shared:
    """Layers of calls and the names of their columns; a layer may use the columns of those before it."""

    layers: tuple[dict[str, str], ...] = ()

    @classmethod
    def of(cls, texts: Iterable[str], macros: frozenset[str], columns: frozenset[str], prefix: str) -> Shared:
        """The calls that occur at least twice in `texts`, or in another call, and read nothing but `columns`."""
        rest, known = list(dict.fromkeys(texts)), columns
        layers: list[dict[str, str]] = []
        while True:
            names = {call: f"{prefix}{len(layers)}_{number}" for number, call in enumerate(_repeated(rest, macros, known))}
            if not names:
                return cls(tuple(layers))
            layers.append(names)
            known |= frozenset(names.values())
            rest = [_rewritten(text, names) for text in rest]

    @property
    def columns(self) -> frozenset[str]:
        return frozenset(name for names in self.layers for name in names.values())

    def rewritten(self, sql: str) -> str:
        """The expression over the columns instead of the calls."""
        for names in self.layers:
            sql = _rewritten(sql, names)
        return sql

    def blank_with(self, cells: Collection[str]) -> dict[str, str]:
        """By shared column the one of `cells` with which it is blank: its call gives nothing where that cell is nothing, and reads no other of them."""
        found: dict[str, str] = {}
        moved = set(cells)
        for names in self.layers:
            for call, name in names.items():
                touched = words_of(call) & moved
                behind = {found.get(word, word) for word in touched}
                if len(behind) == 1 and behind <= set(cells) and _nothing(call, touched):
                    found[name] = behind.pop()
            moved.update(name for call, name in names.items() if words_of(call) & moved)
        return found

    def without(self, cells: Collection[str]) -> Shared:
        """Only the calls that read none of `cells`, directly or through another call, and those that are blank with one."""
        moved, blank = set(cells), self.blank_with(cells)
        layers: list[dict[str, str]] = []
        for names in self.layers:
            layers.append({call: name for call, name in names.items() if name in blank or moved.isdisjoint(words_of(call))})
            moved.update(name for call, name in names.items() if words_of(call) & moved)
        return Shared(tuple(layers))

    def expanded(self, sql: str) -> str:
        """The expression over the calls instead of the columns."""
        for names in reversed(self.layers):
            sql = _put(sql, {column: call for call, column in names.items()})
        return sql

    def steps_sql(self, source: str, name: str, instead: Mapping[str, str] = NO_CALLS) -> Iterator[tuple[str, str]]:
        """Named steps from the relation `source` to the relation `name`, which has the columns besides; `instead`: by call what is asked in its place."""
        for number, names in enumerate(self.layers, 1):
            target = name if number == len(self.layers) else f"{name}_{number}"
            yield target, f"select *, {', '.join(f'{instead.get(call, call)} as {column}' for call, column in names.items())} from {source}"
            source = target
        if not self.layers:
            yield name, f"select * from {source}"


def _nothing(call: str, blank: Collection[str]) -> bool:
    """Whether a call is known to give nothing where the columns `blank` are all nothing: an argument that is one of them, or said only where one of them is some text."""
    macro, _, inside = call.partition("(")
    plain = TEXT.sub(lambda found: "'" * len(found[0]), inside[:-1])
    depths = list(accumulate((char in "([{") - (char in ")]}") for char in plain))
    cuts = [place for place, char in enumerate(plain) if char == "," and depths[place] == 0]
    arguments = [inside[start:end].strip() for start, end in zip([0, *(cut + 1 for cut in cuts)], [*cuts, len(plain)], strict=True)]
    needed = [arguments[place] for place in NOTHING_OF_NOTHING.get(macro, ()) if place < len(arguments)]
    return bool(needed) and all(not {argument, *_guard(argument)}.isdisjoint(blank) for argument in needed)


def _guard(argument: str) -> tuple[str, ...]:
    """Of `case when column = 'text' then other end` the two columns: it gives nothing where either is nothing."""
    found = GUARDED.fullmatch(argument)
    return found.groups() if found else ()


def macro_names(rules_sql: str) -> frozenset[str]:
    """The macros a file of rules defines."""
    return frozenset(MACRO.findall(rules_sql))


def calls_in(sql: str, macros: frozenset[str]) -> Iterator[str]:
    """Every call of one of `macros` with its arguments, nested ones too; not those inside quoted text."""
    quoted = [found.span() for found in TEXT.finditer(sql)]
    for found in re.finditer(r"\b(\w+)\(", sql):
        if found[1] in macros and not any(start <= found.start() < end for start, end in quoted):
            end = _closing(sql, found.end(), quoted)
            if end:
                yield sql[found.start() : end]


def _closing(sql: str, start: int, quoted: Sequence[tuple[int, int]]) -> int | None:
    """The place after the bracket that closes the one before `start`."""
    depth = 1
    for place in range(start, len(sql)):
        if sql[place] in "()" and not any(first <= place < end for first, end in quoted):
            depth += 1 if sql[place] == "(" else -1
            if depth == 0:
                return place + 1
    return None


def _repeated(texts: Iterable[str], macros: frozenset[str], columns: frozenset[str]) -> list[str]:
    """Calls that stand twice, or in the argument of another call, which its macro may say several times. Shortest first and none that holds another: those come in a later layer."""
    counts = Counter(call for text in texts for call in calls_in(text, macros))
    inner = {call for outer in counts for call in calls_in(outer.partition("(")[2], macros)}
    chosen: list[str] = []
    for call in sorted(
        (call for call, count in counts.items() if (count > 1 or call in inner) and _reads_only(call, columns)), key=lambda call: (len(call), call)
    ):
        if not any(inner in call for inner in chosen):
            chosen.append(call)
    return chosen


def _reads_only(call: str, columns: frozenset[str]) -> bool:
    return PARAMETER.search(call) is None and words_of(call) <= columns | SQL_WORDS


def words_of(sql: str) -> set[str]:
    """The words of an expression that are no function names and no quoted text: the columns it reads, among others."""
    bare = TEXT.sub("''", sql)
    return {found[0] for found in WORD.finditer(bare) if not bare[found.end() :].lstrip().startswith("(")}


def _put(sql: str, calls: Mapping[str, str]) -> str:
    return WORD.sub(lambda found: calls.get(found[0], found[0]), sql)


def _rewritten(sql: str, names: dict[str, str]) -> str:
    for call, name in sorted(names.items(), key=lambda item: -len(item[0])):
        sql = re.sub(rf"(?<!\w){re.escape(call)}", name, sql)
    return sql
