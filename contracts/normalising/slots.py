"""Every distinct expression of a feed's contract, and what is made of them: entities, records, conditions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from contracts.facts import LINK
from contracts.model import Feed, Mapping
from contracts.normalising.keys import Keys

KEYS = {"finding": "entity", "request": "entity", "roster": "dwelling", "verification": "version", "visit": "visit"}
"""Facts a mapping may make, and the column without which there is none."""
NO_KEYS = Keys()
KEPT = ("__delivery", "__chunk", "__row", "__repair", "__recorded", "__moment", "__mode", "__area_header", "__fault", "__rule", "__flagged")
"""What of a judged row goes on beside its cells."""


@dataclass(frozen=True, slots=True)
class Slots:
    """Every distinct expression of a feed under one column name, so that each is evaluated once a row.

    Expressions that hold a dwelling key among `keys` have a second column, made of its present name.
    """

    names: dict[str, str]
    keys: Keys
    mappings: tuple[Mapping, ...]
    record: str | None

    @classmethod
    def of(cls, feed: Feed, mappings: tuple[Mapping, ...], keys: Keys = NO_KEYS, also: Iterable[str] = ()) -> Slots:
        """The expressions of the feed and of some of its mappings, and `also` others."""
        texts: list[str | None] = [own_time_sql(feed), feed.area, feed.rank, feed.operation, feed.record, *also]
        if feed.subject is not None:
            texts += [quoted(feed.subject), feed.column(feed.subject).identifier_when]
        for mapping in mappings:
            texts += [mapping.entity, mapping.record, mapping.where, *(column.sql for column in mapping.columns)]
        names = {text: f"__e{number}" for number, text in enumerate(dict.fromkeys(text for text in texts if text))}
        return cls(names, keys, mappings, feed.record)

    def value(self, sql: str | None) -> str:
        """The value as delivered."""
        return "null" if sql is None else self.names[sql]

    def key(self, sql: str | None) -> str:
        """The value over the present names of dwellings."""
        return "null" if sql is None else self.names[sql].replace("__e", "__k") if self.keys.renamed(sql) != sql else self.names[sql]

    def valued_sql(self, source: str, rewritten: Callable[[str], str]) -> str:
        given = [f"({rewritten(sql)}) as {name}" for sql, name in self.names.items()]
        present = [f"({rewritten(self.keys.renamed(sql))}) as {self.key(sql)}" for sql in self.names if self.keys.renamed(sql) != sql]
        return f"select {', '.join([*KEPT, *self.keys.names_kept(self.mappings), *given, *present])} from {source}"

    def entity(self, mapping: Mapping) -> str:
        """SQL of the entity; for other facts than claims, of the column without which there is no fact."""
        if mapping.target == "residency":
            person, dwelling = (column_of(mapping, name) for name, _ in LINK)
            return f"({self.value(person)} || '@' || {self.key(dwelling)})"
        name = KEYS.get(mapping.target, "entity")
        sql = mapping.entity if mapping.entity and name == "entity" else column_of(mapping, name) or mapping.entity
        return f"{self.key(sql)}::varchar"

    def record_of(self, mapping: Mapping) -> str | None:
        sql = mapping.record or self.record
        return f"{self.key(sql)}::varchar" if sql else None

    def where(self, mapping: Mapping) -> str:
        return f"coalesce({self.value(mapping.where)}, false)" if mapping.where else "true"

    def applies(self, column: str) -> list[tuple[str, bool]]:
        """Per mapping: where it applies, and whether its key is made of `column`."""
        word = re.compile(rf"\b{re.escape(column)}\b")
        return [(self.where(mapping), any(word.search(sql) for sql in _key_texts(mapping))) for mapping in self.mappings]


def own_time_sql(feed: Feed) -> str | None:
    """The row's own update time: the first of the contract's times that can be read."""
    times = [f"try_cast(({sql}) as timestamp_ms)" for sql in feed.observed_at]
    return f"coalesce({', '.join(times)})" if times else None


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def column_of(mapping: Mapping, name: str) -> str | None:
    return next((column.sql for column in mapping.columns if column.name == name), None)


def keyed_sql(slots: Slots) -> tuple[str, str]:
    """Two conditions: no mapping applies or one of those that do has its entity; some entity or record is readable."""
    entities = [f"({slots.where(mapping)} and {slots.entity(mapping)} is not null)" for mapping in slots.mappings]
    none = " and ".join(f"not {slots.where(mapping)}" for mapping in slots.mappings) or "true"
    records = [f"{record} is not null" for record in dict.fromkeys(slots.record_of(mapping) for mapping in slots.mappings) if record]
    return f"({' or '.join([*entities, f'({none})'])})", f"({' or '.join([*entities, *records]) or 'false'})"


def _key_texts(mapping: Mapping) -> list[str]:
    ends = (
        [column_of(mapping, name) for name, _ in LINK]
        if mapping.target == "residency"
        else [mapping.entity, column_of(mapping, KEYS.get(mapping.target, "entity"))]
    )
    return [sql for sql in ends if sql]
