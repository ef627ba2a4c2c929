"""Find entities by part of a name, an address or a business's name; what comes back is masked as in marts.

Words in clear are looked for in few rows: those of the blocks of texts that have every part of each word (`warehouse.search`), some blocks at a time, in the order in which rows are told.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import duckdb

from warehouse.engine import run
from warehouse.errors import SnapshotOutdated
from warehouse.publish import pointed
from warehouse.query import opened
from warehouse.search import BLOCKS, NAMES, PART_CHARACTERS, PARTS, TEXTS, part_sql
from warehouse.wide import wide_name

LIMIT = 20
SUFFIXES = re.compile(r"号楼|[号幢栋座室]|单元")
MOST_PARTS = 4
"""So many parts of a word are looked up: more leave out hardly any block."""
FIRST_BLOCKS, TIMES_MORE = 8, 8
"""So many blocks of each kind are read first, and so many times more whenever they did not suffice."""
MOST_RUNS = 64
"""So many runs of neighbouring blocks are read by themselves; to read all is faster than to plan for more."""
LAST = "\U0010ffff"
"""After every character."""

Row = tuple[str, str, str | None, str | None]


@dataclass(frozen=True, slots=True)
class Found:
    """One entity that matches; `label` as marts show it."""

    kind: str
    entity: str
    label: str | None
    area: str | None


def find(folder: Path, text: str, *, name_key: str, limit: int = LIMIT) -> list[Found]:
    """As `find_in`, in the published snapshot. Raises: `NoSnapshot`; `SnapshotOutdated` where an earlier release published it."""
    with opened(folder) as snapshot:
        try:
            return find_in(snapshot, text, name_key=name_key, limit=limit)
        except duckdb.CatalogException as fault:  # it lacks a table
            raise SnapshotOutdated(snapshot=pointed(folder) or folder.name) from fault


def find_in(snapshot: duckdb.DuckDBPyConnection, text: str, *, name_key: str, limit: int = LIMIT) -> list[Found]:
    """Entities whose name or address contains every word of `text`, by kind and id; at most `limit` of each kind.

    Words are separated by blanks. A part of a masked name needs two characters or more; one character finds it as the beginning.
    """
    words = [word for word in unicodedata.normalize("NFKC", text).lower().split() if word]
    if not words:
        return []
    rows = _in_clear(snapshot, words, limit) + _in_names(snapshot, words, name_key, limit)
    return [Found(*row) for row in dict.fromkeys(rows)]


def _in_clear(snapshot: duckdb.DuckDBPyConnection, words: list[str], limit: int) -> list[Row]:
    """Each word is in the text as it stands, or in it without its separators (`解放街12号` finds `解放街/12`)."""
    bare = [SUFFIXES.sub("", word) or word for word in words]
    values = {f"{name}{n}": word for name, said in (("word", words), ("bare", bare)) for n, word in enumerate(said)}
    conditions = " and ".join(f"(contains(text, $word{n}) or contains(replace(text, '/', ''), $bare{n}))" for n in range(len(words)))
    waiting = _blocks(snapshot, words, bare)
    found: dict[str, set[Row]] = {kind: set() for kind in waiting}
    count = FIRST_BLOCKS
    while waiting:
        chosen = {block for blocks in waiting.values() for block, _ in blocks[:count]}
        query = f"with near as materialized ({_texts_sql(sorted(chosen))}) select kind, entity, label, area from near where {conditions}"
        for row in snapshot.execute(query, values).fetchall():
            found[row[0]].add(row)
        left = {kind: blocks[count:] for kind, blocks in waiting.items()}
        waiting = {kind: blocks for kind, blocks in left.items() if blocks and not _suffices(found[kind], limit, blocks[0][1])}
        count *= TIMES_MORE
    return [row for kind in sorted(found) for row in sorted(found[kind], key=_entity)[:limit]]


def _texts_sql(blocks: list[int]) -> str:
    """The rows of these blocks. Every run of neighbours is a scan of its own: the engine then reads only what holds it, which it does not for a list.
    They are asked for in a step of its own: conditions on texts would be tried on every row."""
    runs: list[list[int]] = []
    for block in blocks:
        if runs and block == runs[-1][1] + 1:
            runs[-1][1] = block
        else:
            runs.append([block, block])
    if len(runs) > MOST_RUNS:
        return f"select * from {TEXTS} where block in ({', '.join(map(str, blocks))})"
    return " union all ".join(f"select * from {TEXTS} where block between {first} and {last}" for first, last in runs)


def _suffices(rows: set[Row], limit: int, low: str) -> bool:
    """Whether the first `limit` rows are before whatever a block holds whose first entity is `low`."""
    return len(rows) >= limit and sorted(map(_entity, rows))[limit - 1] < low


def _entity(row: Row) -> str:
    return row[1]


def _blocks(snapshot: duckdb.DuckDBPyConnection, words: list[str], bare: list[str]) -> dict[str, list[tuple[int, str]]]:
    """Per kind the blocks that can hold all words, each with the first entity that it can hold, in the order of these."""
    ways = [_ways(word, short) for word, short in zip(words, bare, strict=True)]
    numbers = {part: n for n, part in enumerate(dict.fromkeys(part for each in ways for way in each for part in way))}
    within, values = "", {f"part{n}": part for part, n in numbers.items()}
    if numbers:
        looked = " union all ".join(f"select {n} as number, block from {PARTS} where {_held(part, n)}" for part, n in numbers.items())
        needed = " and ".join(f"({' or '.join(_all_held(way, numbers) for way in each)})" for each in ways if each)
        within = f"where block in (select block from ({looked}) group by block having {needed})"
    found: dict[str, list[tuple[int, str]]] = {}
    for kind, block, low in snapshot.execute(f"select kind, block, low from {BLOCKS} {within} order by kind, low, block", values or None).fetchall():
        found.setdefault(kind, []).append((block, low))
    return found


def _ways(word: str, bare: str) -> list[list[str]]:
    """The parts of which a text without separators has all in which the word is, and those of one in which its bare form is; none where any text may hold it."""
    plain = word.replace("/", "")
    if not plain:
        return []
    return [_parts(way) for way in dict.fromkeys((plain, plain if "/" in bare else bare))]


def _parts(word: str) -> list[str]:
    """Some parts of whatever holds the word, all where they are few; of a short word itself, with which a part begins."""
    last = max(0, len(word) - PART_CHARACTERS)
    steps = min(last, MOST_PARTS - 1)
    return [word[at : at + PART_CHARACTERS] for at in sorted({step * last // max(1, steps) for step in range(steps + 1)})]


def _held(part: str, number: int) -> str:
    return f"part = $part{number}" if len(part) == PART_CHARACTERS else f"part between $part{number} and $part{number} || '{LAST}'"


def _all_held(way: list[str], numbers: dict[str, int]) -> str:
    return " and ".join(f"bool_or(number = {numbers[part]})" for part in way)


def _in_names(snapshot: duckdb.DuckDBPyConnection, words: list[str], key: str, limit: int) -> list[Row]:
    """Names that have every pair of characters of every word; a single character finds persons whose names begin with it."""
    pairs = list(dict.fromkeys(word[at : at + 2] for word in words for at in range(len(word) - 1)))
    if not pairs:
        query = f"select 'person' as kind, entity, label, area from {wide_name('person')} where starts_with(label, ?) order by entity limit {limit}"
        return run(snapshot, query, [words[0]])
    parts = run(snapshot, f"select {part_sql(key, 'pair')} from (select unnest(?::varchar[]) as pair)", [pairs])
    looked = " union all ".join(f"select kind, entity, label, area from {NAMES} where part = {part}" for (part,) in parts)
    had = f"select kind, entity, any_value(label) as label, any_value(area) as area from ({looked}) group by kind, entity having count(*) = {len(parts)}"
    first = f"qualify row_number() over (partition by kind order by entity) <= {limit}"
    return run(snapshot, f"{had} {first} order by kind, entity")
