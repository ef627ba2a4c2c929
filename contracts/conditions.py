"""What each check means, as SQL over one row: pure. The rules themselves are the macros of rules.sql; none is written a second time here.

A `Condition` says of a row whether the check is about it, and whether it breaks it. What concerns several rows (a key that stands twice, a dwelling with too many people)
asks for the value among those that do, so that every check is a count of rows with keys.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from contracts.checks import ROWS_HOLD
from contracts.model import CodeList

Kwargs = Mapping[str, Any]
SOUND_VERDICTS = ("valid", "legacy15", "minor")
"""What the check of an identity number says of one that is well formed (contracts/codes/doc_check.csv)."""


class Condition(NamedTuple):
    """`about`: the rows that the check is about; `broken`: those of them that break it. Both are SQL that is true or false, never null.

    `alone`: what no two rows share where nothing breaks the check, a number of 64 bits. It is counted first, because looking for keys that stand twice costs three times as much;
    two that are the same by chance only make it look.
    """

    about: str
    broken: str
    alone: str | None = None


def condition(check: str, kwargs: Kwargs, relation: str) -> Condition:
    """Of a check over rows of `relation`. Raises: KeyError for a check that is about no rows (`ROWS`)."""
    return ROWS[check](kwargs, relation)


def spelled_out(arguments: Kwargs, code_lists: Mapping[str, CodeList]) -> dict[str, Any]:
    """What a contract asks a check with; a code list is written out, so that whoever reads it sees what a change of the list does."""
    found = dict(arguments)
    if "code_list" in found:
        found["value_set"] = list(code_lists[str(found.pop("code_list"))].labels)
    return found


def q(name: str) -> str:
    """A column's name in SQL."""
    return '"' + name.replace('"', '""') + '"'


def text(value: Any) -> str:
    """A number as it is, anything else as a text in SQL."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else "'" + str(value).replace("'", "''") + "'"


def _not_null(kwargs: Kwargs, relation: str) -> Condition:
    return Condition("true", f"{q(kwargs['column'])} is null")


def _where(kwargs: Kwargs, holds: str) -> Condition:
    """A column's value that must hold where there is one."""
    column = q(kwargs["column"])
    return Condition(f"{column} is not null", f"{column} is not null and not coalesce({holds.format(column=column)}, false)")


def _in_set(kwargs: Kwargs, relation: str) -> Condition:
    return _where(kwargs, f"{{column}}::varchar in ({', '.join(text(str(each)) for each in sorted(kwargs['value_set']))})")


def _between(kwargs: Kwargs, relation: str) -> Condition:
    ends = [f"{{column}} {sign} {text(kwargs[name])}" for name, sign in (("min_value", ">="), ("max_value", "<=")) if kwargs.get(name) is not None]
    return _where(kwargs, " and ".join(ends) or "true")


def _unique(columns: Sequence[str], relation: str) -> Condition:
    """A key of which a part is null is another check's business."""
    listed = ", ".join(q(name) for name in columns)
    filled = " and ".join(f"{q(name)} is not null" for name in columns)
    twice = f"select {listed} from {relation} where {filled} group by all having count(*) > 1"
    return Condition(filled, f"{filled} and ({listed}) in ({twice})", f"hash({listed})")


def _identity(kwargs: Kwargs, relation: str) -> Condition:
    return _where(kwargs, f"{{column}} in ({', '.join(text(each) for each in SOUND_VERDICTS)})")


def _credit(kwargs: Kwargs, relation: str) -> Condition:
    return _where(kwargs, "credit_sound({column})")


def _division(kwargs: Kwargs, relation: str) -> Condition:
    """Of the table of divisions; `-` is what marts by area call the rows that no division is known of."""
    return _where(kwargs, "{column} = '-' or {column} in (select code from divisions)")


def _grid(kwargs: Kwargs, relation: str) -> Condition:
    """A grid is a village and three digits; where a mart has rows by grid, an area without grids stands under its division."""
    return _where(
        kwargs,
        "{column} = '-' or case when length({column}) = 15 then left({column}, 12) else {column} end in (select code from divisions) and regexp_full_match({column}, '[0-9]+')",
    )


def _one_dwelling(kwargs: Kwargs, relation: str) -> Condition:
    column, dwelling = q(kwargs["column"]), q(kwargs["dwelling"])
    several = f"select {column} from {relation} where {column} is not null group by all having count(distinct {dwelling}) > 1"
    return Condition(f"{column} is not null", f"{column} is not null and {column} in ({several})")


def _people(kwargs: Kwargs, relation: str) -> Condition:
    """Told once per row of a dwelling that has more rows than people may live there."""
    column = q(kwargs["column"])
    crowded = f"select {column} from {relation} where {column} is not null group by all having count(*) > {text(kwargs['max_people'])}"
    return Condition(f"{column} is not null", f"{column} is not null and {column} in ({crowded})")


def _points(kwargs: Kwargs, relation: str) -> Condition:
    """Inside the box around the district's places, with a margin; a half point and one without system are outside. Where no place has a point nothing can be said."""
    lon, lat, crs = (q(name) for name in kwargs["column_list"])
    margin, given = text(kwargs["margin_deg"]), f"coalesce({lon}, {lat}) is not null"
    point = f"point_of({lat}, {lon}, {crs})"
    box = f"select min(lon) - {margin} as west, max(lon) + {margin} as east, min(lat) - {margin} as south, max(lat) + {margin} as north from place_current where crs = 'CGCS2000'"
    inside = f"(select west is null or ({point}.lon between west and east and {point}.lat between south and north) from ({box}))"
    return Condition(given, f"{given} and ({lon} is null or {lat} is null or {crs} is null or not coalesce({inside}, false))")


def _bounded(kwargs: Kwargs, relation: str) -> Condition:
    """A number has a bound and a bound has a number; its ends include it, the lower is not above the upper, and an exact number is both."""
    value, bound, *ends = (q(name) for name in kwargs["column_list"])
    kept = [f"({value} is null) = ({bound} is null)", f"({bound} is null or {bound} in (select code from code_quantity_bound))"]
    if ends:
        least, most = ends
        kept += [f"coalesce({least} <= {most}, true)", f"coalesce({least} <= {value}, true)", f"coalesce({value} <= {most}, true)"]
        kept += [f"coalesce({bound} <> 'eq' or ({least} is not distinct from {value} and {most} is not distinct from {value}), true)"]
        kept += [f"({value} is null or {least} is not null)"]
    return Condition(f"coalesce({value}::varchar, {bound}) is not null", f"not ({' and '.join(kept)})")


def _rows_hold(kwargs: Kwargs, relation: str) -> Condition:
    return Condition("true", f"coalesce(({kwargs['condition']}) is false, false)")


ROWS: Mapping[str, Callable[[Kwargs, str], Condition]] = {
    "expect_column_values_to_not_be_null": _not_null,
    "expect_column_values_to_be_unique": lambda kwargs, relation: _unique([kwargs["column"]], relation),
    "expect_compound_columns_to_be_unique": lambda kwargs, relation: _unique(kwargs["column_list"], relation),
    "expect_column_values_to_be_in_set": _in_set,
    "expect_column_values_to_be_between": _between,
    "expect_identity_verdicts_to_be_sound": _identity,
    "expect_credit_codes_to_be_sound": _credit,
    "expect_division_codes_to_be_known": _division,
    "expect_grid_codes_to_be_known": _grid,
    "expect_one_dwelling_per_address": _one_dwelling,
    "expect_people_per_dwelling": _people,
    "expect_points_inside_district": _points,
    "expect_bounded_quantities": _bounded,
    "expect_rows_to_hold": _rows_hold,
}
"""Every check over rows and its meaning."""
BY_ROW = frozenset(
    {
        "expect_column_values_to_not_be_null",
        "expect_column_values_to_be_in_set",
        "expect_column_values_to_be_between",
        "expect_identity_verdicts_to_be_sound",
        "expect_credit_codes_to_be_sound",
        "expect_division_codes_to_be_known",
        "expect_grid_codes_to_be_known",
        "expect_bounded_quantities",
    }
)
"""The checks that say the same of a row whatever other rows there are."""
LOOKS_AROUND = re.compile(r"\b(over|select|from)\b", re.IGNORECASE)


def by_row(check: str, kwargs: Kwargs) -> bool:
    """Whether what a check says of a row rests on that row and the released tables alone, so that a row which stays as it is keeps what it kept."""
    return check in BY_ROW or (check == ROWS_HOLD and LOOKS_AROUND.search(str(kwargs["condition"])) is None)


def reads(check: str, kwargs: Kwargs) -> frozenset[str] | None:
    """The columns of a row that a check of `BY_ROW` rests on; None where they are not known: a condition is SQL."""
    return frozenset([str(kwargs["column"])] if "column" in kwargs else map(str, kwargs["column_list"])) if check in BY_ROW else None
