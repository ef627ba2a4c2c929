"""What the value of a unit rests on, in one integer `<unit>__basis`: its status, whose value it is, which sources agree and which differ. Null: the unit has no value.

A golden row has some 25 units, and every cell of it is inserted, logged, sent and read again: in columns of their own the four parts cost more than all values.

bits from the lowest | part
---|---
3 | status: its place in `STATUSES`, from 1 on; 0 none
5 | speaker: 1 the visit, 2 + i source i; 0 nobody
27 | agree: bit i = source i, which counts and says the same
27 | differ: bit i = source i, which counts and says something else

Only this module knows the layout. Who reads the parts of many units by name reads `shown_sql` in place of golden rows.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from contracts.model import MOST_SOURCES, Kind

STATUSES = ("verified", "corrected", "agreed", "disputed", "single")
"""From what is surest to what is least sure."""
VERIFIED, CORRECTED, AGREED, DISPUTED, SINGLE = range(1, 1 + len(STATUSES))
VISIT = "visit"
SPEAKER_AT, AGREE_AT = 3, 8
DIFFER_AT = AGREE_AT + MOST_SOURCES
MASK = (1 << MOST_SOURCES) - 1
FIRST_SOURCE = 2


def packed_sql(status: str, winner: str, agree: str, differ: str) -> str:
    """The integer of four expressions: a status code, the number of a source or -1 for the visit, two masks; null where any is null."""
    head = f"({status} | (({winner} + {FIRST_SOURCE}) << {SPEAKER_AT}))"
    return f"({head}::bigint | ({agree}::bigint << {AGREE_AT}) | ({differ}::bigint << {DIFFER_AT}))"


def basis(unit: str) -> str:
    """The quoted name of a unit's column."""
    return f'"{unit}__basis"'


def code_sql(held: str) -> str:
    """The code of the status in `held`, a basis: the surer, the smaller."""
    return f"({held} & {(1 << SPEAKER_AT) - 1})"


def status_sql(held: str) -> str:
    """The status as a word; null where there is none."""
    return f"{list(STATUSES)}[{code_sql(held)}]"


def speaker_sql(held: str, sources: Sequence[str]) -> str:
    """Whose value it is, a feed of `sources` or `visit`; null where nobody's. A list plans in half the time of a case."""
    return f"{[VISIT, *sources]}[{_speaker(held)}]"


def agree_sql(held: str) -> str:
    """The mask of the sources that agree; 0 where there is no value."""
    return f"coalesce(({held} >> {AGREE_AT}) & {MASK}, 0)::integer"


def differ_sql(held: str) -> str:
    """The mask of the sources that differ; 0 where there is no value."""
    return f"coalesce({held} >> {DIFFER_AT}, 0)::integer"


def agrees_sql(held: str, number: int) -> str:
    """Whether the source of a number agrees."""
    return f"{held} & {1 << (AGREE_AT + number)} > 0"


def visited_sql(held: str) -> str:
    """Whether the visit speaks."""
    return f"{_speaker(held)} = {FIRST_SOURCE - 1}"


def shown_sql(kind: Kind, sources: Sequence[str], rows: str, only: Collection[str] = ()) -> str:
    """Golden rows with the parts in columns of their own: `<unit>__status`, `<unit>__source`, `<unit>__agree`, `<unit>__differ`, of the units in `only` or of all.

    `rows`: a relation of golden rows of `kind`; `sources`: all feeds that speak about it, in order. Planning takes a millisecond a unit: name those that are read.
    """
    shown = [unit.name for unit in kind.units if not only or unit.name in only]
    parts = ", ".join(f'{sql} as "{unit}__{part}"' for unit in shown for part, sql in _parts(basis(unit), sources).items())
    return f"(select * exclude ({', '.join(map(basis, shown))}), {parts} from {rows})"


def _parts(held: str, sources: Sequence[str]) -> dict[str, str]:
    return {"status": status_sql(held), "source": speaker_sql(held, sources), "agree": agree_sql(held), "differ": differ_sql(held)}


def _speaker(held: str) -> str:
    return f"({held} >> {SPEAKER_AT}) & {(1 << (AGREE_AT - SPEAKER_AT)) - 1}"
