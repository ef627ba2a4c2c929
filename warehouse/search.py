"""Finding by part of a name: persons' names are never in a snapshot, only keyed digests of their neighbouring pairs of characters.

`name_part(kind, entity, parts)` holds, for names that marts mask, the digest of each pair under a secret that lies outside the snapshot:
who has only the file cannot read or try names. What marts show in clear (addresses, venues, businesses) is searched in the wide tables themselves.
"""

from __future__ import annotations

from collections.abc import Collection

from contracts.model import Attribute, Contracts, Kind
from warehouse.masks import OPEN_UNLESS, masked
from warehouse.wide import wide_name

TABLE = "name_part"


def search_sql(contracts: Contracts, key: str, *, whole: bool) -> list[str]:
    """The statements that fill `name_part` in `snap`, for all entities or for those in `reached`."""
    statements = [f"create or replace table snap.{TABLE} (kind varchar, entity varchar, parts ubigint[])"] if whole else []
    if not whole:
        statements.append(f"delete from snap.{TABLE} where (kind, entity) in (select kind, entity from reached)")
    for kind in contracts.kinds.values():
        title = title_of(kind)
        if title and masked(title):
            statements.append(f"insert into snap.{TABLE} {_parts_sql(kind, title, key, whole)}")
    return statements


def clear_sql(contracts: Contracts, firsts: Collection[str] = ()) -> str:
    """`kind, entity, label, area, haystack` of what may be searched in clear: titles that are shown whole, and addresses.

    `firsts`: named parameters, single characters without case, of which each must be somewhere in a row: making the haystack of every row costs more than all the rest.
    """
    return "\nunion all\n".join(_clear_sql(kind, firsts) for kind in contracts.kinds.values() if kind.name != "residency" and not _hidden(kind))


def title_of(kind: Kind) -> Attribute | None:
    return next((each for each in kind.attributes if each.name == kind.title), None)


def part_sql(key: str, pair: str) -> str:
    """The digest of a pair of characters under the key."""
    return f"md5_number_lower('{key}' || {pair} || '{key}')"


def _hidden(kind: Kind) -> bool:
    title = title_of(kind)
    return title is not None and masked(title) and (kind.name, title.name) not in OPEN_UNLESS


def _parts_sql(kind: Kind, title: Attribute, key: str, whole: bool) -> str:
    condition = OPEN_UNLESS.get((kind.name, title.name))
    wanted = ["alive", f'length("{title.name}") > 1'] + ([condition] if condition else [])
    if not whole:
        wanted.append(f"entity in (select entity from reached where kind = '{kind.name}')")
    pairs = f'list_transform(range(1, length("{title.name}")), lambda i: {part_sql(key, f"""substr("{title.name}", i, 2)""")})'
    return f"select '{kind.name}', entity, {pairs} from golden_{kind.name} where {' and '.join(wanted)}"


def _clear_sql(kind: Kind, firsts: Collection[str]) -> str:
    texts = ["entity", "label", *(f'"{each.name}"' for each in kind.attributes if each.type == "address")]
    there = " and ".join(f"({' or '.join(f'contains({text}, ${name})' for text in texts)})" for name in firsts)
    made = f"select '{kind.name}' as kind, entity, label, area, lower(concat_ws(' ', {', '.join(texts)})) as haystack from {wide_name(kind.name)}"
    return f"{made} where {there}" if there else made
