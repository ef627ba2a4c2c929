"""Correction requests of visits as marts show them: for which kinds a build compiles them, and their values masked (what they are: `contracts.golden.requests`).

name | one row per
---|---
asking | kind, entity and attribute that a visit asks to correct: the newest value found, clear and as marts show it, when, and when it was recorded
asked | asked attribute and source whose golden value it contradicts; source `*` where nobody claims anything

`asked` is compiled for chosen kinds only, as `fate` is.
"""

from __future__ import annotations

from collections.abc import Iterable

from contracts.golden import requests
from contracts.model import Contracts
from warehouse.masks import told_sql, value_sql

ASKING_READS = ("request", "verification", "closed", "switch")
ASKED_SQL = "select distinct asked_kind from asking order by asked_kind"
"""The kinds of which a visit asks to correct anything."""
REACHED_ASKED_SQL = "select distinct asked_kind from asking semi join reached on kind = asked_kind and entity = asked_entity order by asked_kind"
"""The kinds of which a visit asks to correct anything about a reached entity."""


def asking_sql(contracts: Contracts) -> str:
    """With `asked_shown`, the value as marts show it."""
    told = " ".join(f"when '{kind.name}' then {told_sql(kind, 'asked_attribute', 'asked_value')}" for kind in contracts.kinds.values())
    return f"select *, case asked_kind {told} else asked_value end as asked_shown from ({requests.asking_sql(contracts)})"


def asked_sql(contracts: Contracts, kinds: Iterable[str]) -> str:
    return requests.asked_sql(contracts, kinds, value_sql)


def asked_reads(contracts: Contracts) -> tuple[str, ...]:
    return ("asking", *(f"golden_{kind}" for kind in contracts.kinds))
