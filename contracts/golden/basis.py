"""What the value of a unit rests on, in one integer `<unit>__basis`: its status, whose value it is, which sources agree and which differ. Null: the unit has no value.

A golden row has some 25 units, and every cell of it is inserted, logged, sent and read again: in columns of their own the four parts cost more than all values.

bits from the lowest | part
---|---
3 | status: its place in `STATUSES`, from 1 on; 0 none
5 | speaker: 1 the visit, 2 + i source i; 0 nobody
27 | agree: bit i = source i, which counts and says the same
27 | differ: bit i = source i, which counts and says something else

Only this module knows the layout. Who reads the parts by name reads `shown_sql` in place of golden rows.
"""

from __future__ import annotations

from collections.abc import Sequence

from contracts.model import Kind

STATUSES = ("verified", "corrected", "agreed", "disputed", "single")
"""From what is surest to what is least sure."""
VERIFIED, CORRECTED, AGREED, DISPUTED, SINGLE = range(1, 1 + len(STATUSES))
VISIT = "visit"
MOST_SOURCES = 27
"""How many feeds may speak about one kind."""
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


def code_sql(unit: str) -> str:
    """The code of a unit's status, the surest first."""
    return f"({basis(unit)} & {(1 << SPEAKER_AT) - 1})"


def shown_sql(kind: Kind, sources: Sequence[str], rows: str) -> str:
    """Golden rows with the parts in columns of their own: `<unit>__status` and `<unit>__source` as words, null where there is no value, `<unit>__agree` and `<unit>__differ`.

    `rows`: a relation of golden rows of `kind`; `sources`: all feeds that speak about it, in order.
    """
    parts = ", ".join(f'{sql} as "{unit.name}__{part}"' for unit in kind.units for part, sql in _parts(unit.name, sources).items())
    return f"(select * exclude ({', '.join(basis(unit.name) for unit in kind.units)}), {parts} from {rows})"


def _parts(unit: str, sources: Sequence[str]) -> dict[str, str]:
    statuses = " ".join(f"when {code} then '{status}'" for code, status in enumerate(STATUSES, 1))
    speakers = " ".join(f"when {code} then '{source}'" for code, source in enumerate((VISIT, *sources), FIRST_SOURCE - 1))
    held = basis(unit)
    return {
        "status": f"case {code_sql(unit)} {statuses} end",
        "source": f"case ({held} >> {SPEAKER_AT}) & {(1 << (AGREE_AT - SPEAKER_AT)) - 1} {speakers} end",
        "agree": f"coalesce(({held} >> {AGREE_AT}) & {MASK}, 0)::integer",
        "differ": f"coalesce({held} >> {DIFFER_AT}, 0)::integer",
    }
