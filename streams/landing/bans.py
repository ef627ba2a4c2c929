"""What is refused at landing: banned columns (the delivery) and banned values (the row). The rules are the contracts'; here they are only asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from contracts.ban import FREE_TEXT, banned_value_sql, screen_sql
from contracts.model import Feed
from streams.landing.blocks import LONG_TEXT


@dataclass(frozen=True, slots=True)
class Ban:
    """SQL over the row that is true where a banned value stands in `column` (None: in a column nobody declared)."""

    rule: str
    column: str | None
    sql: str


def bans_of(feed: Feed) -> tuple[Ban, ...]:
    """The bans on values of this feed, in the order in which they are asked."""
    declared = (Ban(rule, column.name, sql) for column in feed.columns for rule, sql in banned_value_sql(column, feed))
    return (Ban(FREE_TEXT, None, LONG_TEXT), *declared)


def screen(feed: Feed) -> str:
    """One cheap test per row, true where some ban may hold: nearly all rows are innocent, and asking every ban of them would cost more than all else."""
    return f"{LONG_TEXT} or {screen_sql(feed)}"


def ban_sql(bans: Sequence[Ban], readable: str, keys: Sequence[str]) -> str:
    """Over the relation `suspects`: `ban`, the number of the first ban that holds, counted from 1 (0: none); per column of `keys` in `<name>__banned` whether any
    ban holds for it; and `readable`, whether the row without such cells still names its key."""
    asked = " ".join(f"when {ban.sql} then {number}" for number, ban in enumerate(bans, 1))
    holds = {name: " or ".join(ban.sql for ban in bans if ban.column == name) or "false" for name in keys}
    flags = "".join(f', ({sql}) as "{name}__banned"' for name, sql in holds.items())
    blanked = ", ".join(f'case when not "{name}__banned" then "{name}" end as "{name}"' for name in keys)
    named = "".join(f', "{name}__banned"' for name in keys)
    return f"""with asked as (select *, (case {asked} else 0 end)::integer as ban{flags} from suspects),
blanked as (select *{f" replace ({blanked})" if keys else ""} from asked)
select ban, ({readable}) as readable{named} from blanked"""
