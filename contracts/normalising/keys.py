"""Where a feed's expressions hold dwelling keys, and how those pass through the alias table: the one place that knows it.

An expression that holds a dwelling key is evaluated again with the key's present name in its place, so that what is made of a key (a link's entity, a
building) follows it. Findings keep the names they were given from the key as delivered; what refers to one is told under every name of the dwelling.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass

from contracts.model import Kind, Mapping
from contracts.normalising.shared import TEXT

ALIASES = "address_alias"
"""The relation `address_alias(from_dwelling, to_dwelling, names)`; see `contracts.aliases`."""

KEYS = {
    "dwelling": ("entity",),
    "residency": ("dwelling",),
    "event": ("object_id",),
    "finding": ("entity", "value"),
    "request": ("entity", "value"),
    "roster": ("dwelling",),
    "verification": ("entity",),
    "visit": ("dwelling",),
}
"""The columns that may hold dwelling keys, by target; those of kinds also where their type is address. Other values pass through the alias table
unchanged: none of them is in it."""

REFERENCES = {"finding": "seen", "roster": "seen", "verification": "version"}
"""The column that names findings, by target."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The expressions of a feed that hold a dwelling key, shortest first; none where the alias table has no rows."""

    texts: tuple[str, ...] = ()

    @classmethod
    def of(cls, mappings: Iterable[Mapping], kinds: MappingOf[str, Kind]) -> Keys:
        found = {sql for mapping in mappings for sql in _held(mapping, kinds)}
        return cls(tuple(sorted(found, key=lambda sql: (len(sql), sql))))

    def renamed(self, sql: str) -> str:
        """The expression over present keys; the same text where it holds none."""
        for number in reversed(range(len(self.texts))):
            sql = _replaced(sql, self.texts[number], f"__d{number}")
        return sql

    def steps_sql(self, source: str, rewritten: Callable[[str], str]) -> dict[str, str]:
        """From the relation `source` to the relation `named`, which for each key has besides: `__g` as delivered, `__d` at present, `__n` all its names."""
        if not self.texts:
            return {"named": f"select * from {source}"}
        given = ", ".join(f"({rewritten(sql)})::varchar as __g{number}" for number, sql in enumerate(self.texts))
        present = ", ".join(
            f"coalesce(a{number}.to_dwelling, {self._inner(number, rewritten)}) as __d{number}, a{number}.names as __n{number}"
            for number in range(len(self.texts))
        )
        joins = " ".join(f"left join {ALIASES} as a{number} on a{number}.from_dwelling = given.__g{number}" for number in range(len(self.texts)))
        return {"given": f"select *, {given} from {source}", "named": f"select given.*, {present} from given {joins}"}

    def _inner(self, number: int, rewritten: Callable[[str], str]) -> str:
        """The key over the present names of the keys it holds: a link's entity holds that of its dwelling."""
        inner = Keys(self.texts[:number]).renamed(self.texts[number])
        return f"given.__g{number}" if inner == self.texts[number] else f"({rewritten(inner)})::varchar"

    def names_kept(self, mappings: Iterable[Mapping]) -> list[str]:
        """The columns that `every_name_sql` reads, where one of `mappings` refers to findings."""
        refers = any(mapping.target in REFERENCES for mapping in mappings)
        return [f"__{letter}{number}" for number in range(len(self.texts)) for letter in "gn"] if refers else []

    def every_name_sql(self, ids: str, holder: str) -> str:
        """A list of ids of findings about the entity `holder`, each under every name its dwelling ever had: which one it was given is not known here."""
        for number, sql in enumerate(self.texts):
            if _replaced(holder, sql, "") != holder:
                again = f"lambda n: list_transform({ids}, lambda t: replace(t, __g{number} || ':', n || ':'))"
                ids = f"case when __n{number} is null then {ids} else list_sort(list_distinct(flatten(list_transform(__n{number}, {again})))) end"
        return ids


def _held(mapping: Mapping, kinds: MappingOf[str, Kind]) -> list[str]:
    given = {column.name: column.sql for column in mapping.columns}
    names = set(KEYS.get(mapping.target, ()))
    if mapping.target in kinds:
        names |= {attribute.name for attribute in kinds[mapping.target].attributes if attribute.type == "address"}
    held = [given.get(name) or (mapping.entity if name == "entity" else None) for name in sorted(names)]
    return [sql for sql in held if sql and sql != "null"]


def _replaced(sql: str, key: str, column: str) -> str:
    """`sql` with `column` wherever `key` stands as an expression, not inside a quoted text or a longer word."""
    quoted = [found.span() for found in TEXT.finditer(sql)]

    def put(found: re.Match[str]) -> str:
        return found[0] if any(start < found.start() < end for start, end in quoted) else column

    return re.sub(rf"(?<![\w.\"]){re.escape(key)}(?!\w)", put, sql)
