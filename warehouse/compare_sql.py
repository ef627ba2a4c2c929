"""The statements of comparing one mart of two snapshots attached as `a` and `b`; pure makers of SQL text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Compared:
    """A mart as both snapshots have it: its key, the other columns both have, and those of either whose types differ, which are compared as texts."""

    mart: str
    key: tuple[str, ...]
    others: tuple[str, ...]
    as_texts: frozenset[str]

    @classmethod
    def of(cls, mart: str, grain: Sequence[str], a: Mapping[str, str], b: Mapping[str, str]) -> Compared:
        """From the columns with types of both. Where either lacks a part of the grain, rows are told apart by all that both have."""
        both = [name for name in b if name in a]
        key = tuple(grain) if set(grain) <= set(both) else tuple(both)
        return cls(mart, key, tuple(name for name in both if name not in key), frozenset(name for name in both if a[name] != b[name]))

    def cell(self, side: str, column: str) -> str:
        return f'{side}."{column}"{"::varchar" if column in self.as_texts else ""}'


def columns_sql(side: str) -> str:
    return f"select table_name, column_name, data_type from duckdb_columns() where database_name = '{side}' and not internal order by table_name, column_index"


def repeated_sql(mart: Compared, side: str) -> str:
    """One row where a key stands twice."""
    return f'select 1 from {side}.main."{mart.mart}" group by {_listed(mart.key)} having count(*) > 1 limit 1'


def unlike_sql(mart: Compared, repeated: bool) -> str:
    """`unlike`: the keys of rows that only one has (`side` a or b) or that differ (`side` null). Where keys are `repeated`, rows are compared as wholes, by how often each stands there.

    Rows are compared by a 64-bit hash of all their cells, because joining the cells of a district's widest table takes gigabytes.
    """
    keys = [(f"key_{number}", name) for number, name in enumerate(mart.key)]
    on = [f"l.{key} is not distinct from r.{key}" for key, _ in keys]
    on += ["l.print = r.print", "l.nth = r.nth"] if repeated else []
    return f"""create or replace temp table unlike as
with l as ({_prints(mart, "a", keys, repeated)}), r as ({_prints(mart, "b", keys, repeated)})
select {", ".join(f"coalesce(l.{key}, r.{key}) as {key}" for key, _ in keys)}, case when r.print is null then 'a' when l.print is null then 'b' end as side
from l full join r on {" and ".join(on)} where l.print is distinct from r.print"""


def counts_sql() -> str:
    return "select count(*) filter (side = 'a'), count(*) filter (side = 'b'), count(*) filter (side is null) from unlike"


def changed_sql(mart: Compared) -> str:
    """One row: of how many rows that both have each of the other columns differs."""
    counts = ", ".join(f"count(*) filter ({_differs(mart, column)})" for column in mart.others)
    return f"select {counts} from {_met(mart, 'unlike')}"


def chosen_sql(mart: Compared, rows: int) -> str:
    """`chosen`: the first of `unlike` in key order."""
    return f"create or replace temp table chosen as from unlike order by {_keys(mart)}, side limit {rows}"


def lonely_sql(mart: Compared) -> str:
    """Keys and side of the chosen rows that only one has."""
    return f"select [{_texts(mart)}], side from chosen where side is not null order by {_keys(mart)}, side"


def cells_sql(mart: Compared) -> str:
    """Keys of the chosen rows that both have, with a list of (column, in a, in b) for the cells that differ."""
    cells = ", ".join(
        f"case when {_differs(mart, column)} then {{'column': '{column}', a: a.\"{column}\"::varchar, b: b.\"{column}\"::varchar}} end"
        for column in mart.others
    )
    return f"select [{_texts(mart)}], list_filter([{cells}], lambda cell: cell is not null) from {_met(mart, 'chosen')} order by {_keys(mart)}"


def _prints(mart: Compared, side: str, keys: Iterable[tuple[str, str]], repeated: bool) -> str:
    named = ", ".join(f"{mart.cell('own', name)} as {key}" for key, name in keys)
    cells = ", ".join(mart.cell("own", name) for name in (*mart.key, *mart.others))
    rows = f'select {named}, hash({cells}) as print from {side}.main."{mart.mart}" as own'
    return f"select *, row_number() over (partition by {_keys(mart)}, print) as nth from ({rows})" if repeated else rows


def _met(mart: Compared, wanted: str) -> str:
    """The rows of both sides that stand behind the keys both have."""

    def on(side: str) -> str:
        return " and ".join(f"{mart.cell(side, name)} is not distinct from wanted.key_{number}" for number, name in enumerate(mart.key))

    return f"""(from {wanted} where side is null) as wanted join a.main."{mart.mart}" as a on {on("a")} join b.main."{mart.mart}" as b on {on("b")}"""


def _differs(mart: Compared, column: str) -> str:
    return f"{mart.cell('a', column)} is distinct from {mart.cell('b', column)}"


def _keys(mart: Compared) -> str:
    return ", ".join(f"key_{number}" for number in range(len(mart.key)))


def _texts(mart: Compared) -> str:
    return ", ".join(f"key_{number}::varchar" for number in range(len(mart.key)))


def _listed(columns: Iterable[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)
