"""Which partition an entity belongs to: one rule, as SQL and as Python.

The first 8 hexadecimal digits of the md5 of the entity id, modulo the number of partitions, which is fixed per installation.
A residency goes by its person, so that one partition sees all links of a person.
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple


class Share(NamedTuple):
    """One partition of so many: which entities lie in it follows from both."""

    partition: int
    partitions: int


def partition_of(entity: str, partitions: int) -> int:
    """The partition of an entity id (for a residency: of its person's token)."""
    return int(hashlib.md5(entity.encode(), usedforsecurity=False).hexdigest()[:8], 16) % partitions


def partition_sql(entity: str, partitions: int) -> str:
    """The same as SQL over the expression `entity`; INTEGER, null for null."""
    return f"(('0x' || md5({entity})[1:8])::UBIGINT % {partitions})::INTEGER"


def partition_key(kind: str) -> str:
    """The claim column that decides: `person` for residencies, `entity` otherwise."""
    return "person" if kind == "residency" else "entity"
