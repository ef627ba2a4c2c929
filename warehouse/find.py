"""Find entities by part of a name, an address or a business's name; what comes back is masked as in marts."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import duckdb

from contracts.model import Contracts
from warehouse.engine import run
from warehouse.query import opened
from warehouse.search import TABLE, clear_sql, part_sql
from warehouse.wide import wide_name

LIMIT = 20
SUFFIXES = re.compile(r"号楼|[号幢栋座室]|单元")


CASELESS = "\u2e80"
"""The first of the characters that are no letters with capitals: those of Chinese and its punctuation."""


@dataclass(frozen=True, slots=True)
class Found:
    """One entity that matches; `label` as marts show it."""

    kind: str
    entity: str
    label: str | None
    area: str | None


def find(folder: Path, contracts: Contracts, text: str, *, name_key: str, limit: int = LIMIT) -> list[Found]:
    """As `find_in`, in the published snapshot. Raises: `NoSnapshot`."""
    with opened(folder) as snapshot:
        return find_in(snapshot, contracts, text, name_key=name_key, limit=limit)


def find_in(snapshot: duckdb.DuckDBPyConnection, contracts: Contracts, text: str, *, name_key: str, limit: int = LIMIT) -> list[Found]:
    """Entities whose name or address contains every word of `text`, by kind and id; at most `limit` of each kind.

    Words are separated by blanks. A part of a masked name needs two characters or more; one character finds it as the beginning.
    """
    words = [word for word in unicodedata.normalize("NFKC", text).lower().split() if word]
    if not words:
        return []
    rows = _in_clear(snapshot, contracts, words, limit) + _in_names(snapshot, words, name_key, limit)
    return [Found(*row) for row in dict.fromkeys(rows)]


def _in_clear(snapshot: duckdb.DuckDBPyConnection, contracts: Contracts, words: list[str], limit: int) -> list[tuple[str, str, str | None, str | None]]:
    """Each word is in the text as it stands, or in it without its separators (`解放街12号` finds `解放街/12`)."""
    bare = [SUFFIXES.sub("", word) or word for word in words]
    firsts = {f"first{n}": word[0] for n, word in enumerate(words) if word[0] == bare[n][0] and (word[0].isdecimal() or word[0] >= CASELESS)}
    values = {f"{name}{n}": word for name, said in (("word", words), ("bare", bare)) for n, word in enumerate(said)} | firsts
    conditions = " and ".join(f"(contains(haystack, $word{n}) or contains(replace(haystack, '/', ''), $bare{n}))" for n in range(len(words)))
    query = f"select kind, entity, label, area from ({clear_sql(contracts, firsts)}) where {conditions} {_few(limit)}"
    return snapshot.execute(query, values).fetchall()


def _in_names(snapshot: duckdb.DuckDBPyConnection, words: list[str], key: str, limit: int) -> list[tuple[str, str, str | None, str | None]]:
    """Names whose parts hold every pair of characters of every word; labels are read of the kinds found only: planning `entity_current` takes longer than the search."""
    pairs = [word[at : at + 2] for word in words for at in range(len(word) - 1)]
    if not pairs:
        query = f"select 'person' as kind, entity, label, area from {wide_name('person')} where starts_with(label, ?) order by entity limit {limit}"
        return run(snapshot, query, [words[0]])
    conditions = " and ".join(f"list_contains(parts, {part_sql(key, '?')})" for _ in pairs)
    found: dict[str, list[str]] = {}
    for kind, entity in run(snapshot, f"select kind, entity from {TABLE} where {conditions} {_few(limit)}", pairs):
        found.setdefault(kind, []).append(entity)
    shown = "select '{kind}', entity, label, area from {wide} where entity in (select unnest(?)) order by entity"
    return [row for kind, entities in found.items() for row in run(snapshot, shown.format(kind=kind, wide=wide_name(kind)), [entities])]


def _few(limit: int) -> str:
    return f"qualify row_number() over (partition by kind order by entity) <= {limit} order by kind, entity"
