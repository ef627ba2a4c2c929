"""SQL makers for rows of older contract versions: cells as the newest version that says how names them.

A message keeps the rules of the version it carries: what is broken, blanked and flagged is decided before. What its rows then say is said by the newer version's
mapping, over the newer version's columns.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from contracts.model import Column, Contracts, Feed, Upcast
from contracts.normalising.slots import KEPT, quoted
from contracts.normalising.words import Form, check_fields

SQL_OF = {"string": "varchar", "bool": "boolean"}


@dataclass(frozen=True, slots=True)
class Spoken:
    """The version a message carries, and the steps to the version whose mapping speaks for its rows; none where it speaks for itself."""

    carried: Feed
    steps: tuple[tuple[Upcast, Feed], ...] = ()

    @classmethod
    def of(cls, feed: Feed, contracts: Contracts) -> Spoken:
        return cls(feed, contracts.upcast_to(feed))

    @property
    def speaker(self) -> Feed:
        return self.steps[-1][1] if self.steps else self.carried

    def steps_sql(self, source: str, form: Form) -> Iterator[tuple[str, str]]:
        """Named steps from the relation `source`, which has the cells of the carried version, to one with those of the speaker: the last one named."""
        older = self.carried
        for number, (upcast, newer) in enumerate(self.steps, 1):
            name = f"upcast_{number}"
            cells = [sql for column in newer.columns for sql in cell_sqls(column, older, upcast)]
            more = ["minors"] if form == "minors" else []
            yield name, f"select {', '.join([*KEPT, *cells, *more])} from {source}"
            source, older = name, newer


def source_of(column: Column, older: Feed, upcast: Upcast) -> Column | None:
    """The older column that a column is taken from as it is: the one named, else the one with the same id, if it identifies the same sort of thing."""
    named = upcast.columns.get(column.name)
    found = next((each for each in older.columns if (each.name == named.strip() if named is not None else each.id == column.id)), None)
    return found if found is not None and (found.identifier, found.identifier_when) == (column.identifier, column.identifier_when) else None


def cell_sqls(column: Column, older: Feed, upcast: Upcast) -> Iterator[str]:
    """A cell and what the check said beside it, over the older columns; null where neither the contract nor an id says where from."""
    taken, named = source_of(column, older, upcast), upcast.columns.get(column.name)
    sql = quoted(taken.name) if taken else f"({named})" if named is not None else "null"
    yield f"{sql}::varchar as {quoted(column.name)}"
    checks = check_fields(taken.name, taken.identifier) if taken else []
    for (name, kind), old in zip(check_fields(column.name, column.identifier), [*(quoted(each) for each, _ in checks), *["null"] * 3], strict=False):
        yield f"{old}::{SQL_OF[str(kind)]} as {quoted(name)}"
