"""Golden rows of every shipped kind with values that hypothesis draws from the contract: what is told of them must not depend on what they are."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
from hypothesis import strategies as st

from contracts.model import Attribute, Contracts, Kind
from tests.golden_rows import golden_table

TEXTS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), min_size=1, max_size=6)
BY_TYPE: dict[str, st.SearchStrategy[Any]] = {
    "text": TEXTS,
    "address": TEXTS,
    "date": st.dates(date(1990, 1, 1), date(2030, 1, 1)),
    "timestamp": st.datetimes(datetime(1990, 1, 1), datetime(2030, 1, 1)).map(lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000)),
    "integer": st.integers(-(2**40), 2**40),
    "decimal": st.integers(-(10**11), 10**11).map(lambda number: Decimal(number).scaleb(-6)),
    "boolean": st.booleans(),
}


def values(attribute: Attribute, known: Contracts) -> st.SearchStrategy[Any]:
    """What an attribute may hold."""
    return st.sampled_from(sorted(known.code_lists[attribute.code_list].labels)) if attribute.code_list else BY_TYPE[attribute.type.replace("code", "text")]


@st.composite
def golden_rows(draw: st.DrawFn, kind: Kind, known: Contracts) -> dict[str, Any]:
    """One golden row: of each unit a value or none; of a group at least one member."""
    row: dict[str, Any] = {"entity": draw(TEXTS), "alive": True, "area": draw(st.none() | st.just("330302")), "version": draw(st.integers(0, 9))}
    row["observed_at"] = draw(BY_TYPE["timestamp"])
    if kind.name == "residency":
        row |= {"person": draw(TEXTS), "dwelling": draw(TEXTS), "main": draw(st.booleans())}
    for unit in kind.units:
        held = {member.name: draw(st.none() | values(member, known)) for member in unit.members}
        row |= held
        if any(value is not None for value in held.values()):
            row |= {f"{unit.name}__status": draw(st.sampled_from(["single", "agreed"])), f"{unit.name}__source": known.sources(kind.name)[0]}
            row |= {f"{unit.name}__finding": draw(st.none() | TEXTS)} if unit.visit else {}
    return row


def table(kind: Kind, known: Contracts, rows: list[dict[str, Any]]) -> pa.Table:
    """Golden rows as an Arrow table; what a row leaves out is null."""
    return golden_table(kind, known.sources(kind.name), [{"differs": [], **row} for row in rows])
