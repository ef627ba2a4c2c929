"""What a snapshot holds for finding entities by part of a name or an address, so that no question looks at every row.

`name_part(part, kind, entity, label, area)`: for names that marts mask, the digest of each pair of neighbouring characters under a secret that lies outside the snapshot:
who has only the file cannot read or try names. Sorted by `part`, so that a look reads a few blocks of the file.
`search_text(block, kind, entity, label, area, text)`: what marts show in clear (addresses, venues, businesses), `BLOCK_ROWS` neighbours a block;
`search_block(block, kind, low)`: the first entity of each kind in a block; `search_part(part, block)`: the `PART_CHARACTERS` characters at every place of a block's texts
without their separators, fewer at an end. Sorted by `part`. Which blocks can hold a word is told by its parts, which rows do by their texts: `warehouse.find`.
Rows that are made anew get blocks of their own at the end; what is told of their old blocks may be too much and is never too little.
"""

from __future__ import annotations

from collections.abc import Collection

from contracts.model import Attribute, Contracts, Kind
from warehouse.masks import OPEN_UNLESS, masked
from warehouse.wide import wide_name

NAMES, TEXTS, BLOCKS, PARTS = "name_part", "search_text", "search_block", "search_part"
LAYOUT = "4"
"""Of these tables, of the order of rows in others, and of what a snapshot was judged by; one of another layout is built anew."""
BLOCK_ROWS = 128
PART_CHARACTERS = 5
"""Fewer say too little of house numbers, which are many and alike; more say hardly more."""


def search_sql(contracts: Contracts, key: str, kinds: Collection[str] | None = None) -> list[str]:
    """The statements that fill the tables in `snap`: for all entities, or for those in `reached`, which are of these kinds."""
    whole = kinds is None
    statements = list(_empty_sql()) if kinds is None else [f"delete from snap.{name} where (kind, entity) in (from reached)" for name in (NAMES, TEXTS)]
    chosen = [kind for kind in contracts.kinds.values() if kinds is None or kind.name in kinds]
    for kind in chosen:
        title = title_of(kind)
        if title and masked(title):
            statements.append(f"insert into snap.{NAMES} {_names_sql(kind, title, key, whole)}")
    clear = clear_sql(chosen)
    if clear:
        statements += _texts_sql(clear if whole else f"{clear}\nwhere (kind, entity) in (from reached)")
    return statements


def clear_sql(kinds: Collection[Kind]) -> str:
    """`kind, entity, label, area, text` of what may be searched in clear: titles that are shown whole, and addresses; empty where these kinds have none."""
    made = "\nunion all\n".join(_clear_sql(kind) for kind in kinds if kind.name != "residency" and not _hidden(kind))
    return f"select * from (\n{made}\n)" if made else ""


def title_of(kind: Kind) -> Attribute | None:
    return next((each for each in kind.attributes if each.name == kind.title), None)


def part_sql(key: str, pair: str) -> str:
    """The digest of a pair of characters under the key."""
    return f"md5_number_lower('{key}' || {pair} || '{key}')"


def _hidden(kind: Kind) -> bool:
    title = title_of(kind)
    return title is not None and masked(title) and (kind.name, title.name) not in OPEN_UNLESS


def _empty_sql() -> tuple[str, ...]:
    return (
        f"create or replace table snap.{NAMES} (part ubigint, kind varchar, entity varchar, label varchar, area varchar)",
        f"create or replace table snap.{TEXTS} (block integer, kind varchar, entity varchar, label varchar, area varchar, text varchar)",
        f"create or replace table snap.{BLOCKS} (block integer, kind varchar, low varchar)",
        f"create or replace table snap.{PARTS} (part varchar, block integer)",
    )


def _names_sql(kind: Kind, title: Attribute, key: str, whole: bool) -> str:
    """A pair that many names have is digested once."""
    condition = OPEN_UNLESS.get((kind.name, title.name))
    wanted = ["alive", f'length("{title.name}") > 1'] + ([condition] if condition else [])
    if not whole:
        wanted.append(f"entity in (select entity from reached where kind = '{kind.name}')")
    pairs = f'list_distinct(list_transform(range(1, length("{title.name}")), lambda i: substr("{title.name}", i, 2)))'
    return f"""with named as (select entity, unnest({pairs}) as pair from golden_{kind.name} where {" and ".join(wanted)}),
digested as (select pair, {part_sql(key, "pair")} as part from (select distinct pair from named))
select part, '{kind.name}', entity, shown.label, shown.area from named join digested using (pair) join {wide_name(kind.name)} as shown using (entity) order by part"""


def _texts_sql(clear: str) -> list[str]:
    """New blocks of these rows after all that ever were, and what is told of the new blocks."""
    ever = f"(select coalesce(max(block) + 1, 0) from (select block from snap.{TEXTS} union all select block from snap.{BLOCKS}))"
    new = f"block > (select coalesce(max(block), -1) from snap.{BLOCKS})"
    places = f"list_transform(range(1, length(bare) + 1), lambda i: substr(bare, i, {PART_CHARACTERS}))"
    bare = f"select block, replace(text, '/', '') as bare from snap.{TEXTS} where {new}"
    return [
        f"insert into snap.{TEXTS} select {ever} + (row_number() over (order by kind, entity) - 1) // {BLOCK_ROWS}, * from ({clear})",
        f"insert into snap.{PARTS} select distinct unnest({places}) as part, block from ({bare}) order by part, block",
        f"insert into snap.{BLOCKS} select block, kind, min(entity) from snap.{TEXTS} where {new} group by block, kind order by block, kind",
    ]


def _clear_sql(kind: Kind) -> str:
    """A text of several is held once; words are looked for between blanks."""
    texts = ["entity", "label", *(f'"{each.name}"' for each in kind.attributes if each.type == "address")]
    return f"select '{kind.name}' as kind, entity, label, area, array_to_string(list_distinct([{', '.join(f'lower({text})' for text in texts)}]), ' ') as text from {wide_name(kind.name)}"
