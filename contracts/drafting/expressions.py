"""SQL of known contracts under the names of a draft's columns: an expression can be used where every column it reads has its like in the draft."""

from __future__ import annotations

import re
from dataclasses import dataclass

from contracts.drafting.model import DraftColumn
from contracts.drafting.vocabulary import Vocabulary
from contracts.model import Feed
from contracts.normalising.shared import TEXT

BESIDE = ("_check", "_sex_agrees", "_birth_agrees")
"""What stands beside an identifier in a raw row."""
PLACES = ("subject", "address", "credit", "division", "phone")
"""Roles whose columns can stand for one another: what they hold is told by values, not by the header."""


@dataclass(frozen=True, slots=True)
class Said:
    """An expression under the draft's names, the draft's columns it reads, and how sure it is that they are the ones it needs."""

    sql: str
    reads: frozenset[str]
    sure: float


@dataclass(frozen=True)
class Speaker:
    """Says known expressions in the words of one draft."""

    columns: list[DraftColumn]
    vocabulary: Vocabulary
    name: str

    def said(self, feed: Feed, sql: str | None) -> Said | None:
        """None where a column has no like in the draft."""
        if sql is None:
            return None
        names: dict[str, str] = {}
        sure = 1.0
        for column in reads(feed, sql):
            found = self.like(feed, column)
            if found is None or (checks(sql, column) and not self._checked(feed, column, found[0])):
                return None
            names[column], sure = found[0].name, min(sure, found[1])
        return Said(renamed(sql, names, feed.name, self.name), frozenset(names.values()), sure)

    def _checked(self, feed: Feed, column: str, found: DraftColumn) -> bool:
        """Whether a check stands beside the draft's column: only beside identifiers."""
        return found.classification == "identifier" or feed.column(column).identifier_when is not None

    def like(self, feed: Feed, column: str) -> tuple[DraftColumn, float] | None:
        """The draft's column that means the feed's; else the only one that holds the same by its values."""
        place = (feed.name, column)
        best = max(self.columns, key=lambda each: each.meanings.get(place, 0.0), default=None)
        if best is not None and best.meanings.get(place, 0.0) > 0.25:
            return best, best.meanings[place]
        role = self.vocabulary.roles.get(place)
        same = [each for each in self.columns if role in PLACES and each.role == role]
        return (same[0], 0.6) if len(same) == 1 else None


def reads(feed: Feed, sql: str) -> list[str]:
    """The feed's columns that an expression reads, in the feed's order."""
    bare = TEXT.sub("''", sql)
    return [column.name for column in feed.columns if re.search(rf"(?<![\w.]){re.escape(column.name)}(?:{'|'.join(BESIDE)})?(?![\w(])", bare)]


def checks(sql: str, column: str) -> bool:
    """Whether an expression reads what the check of an identifier said."""
    return any(f"{column}{beside}" in sql for beside in BESIDE)


def renamed(sql: str, names: dict[str, str], feed: str, draft: str) -> str:
    """The expression with other names for its columns; the prefix of entity ids that is the feed's name becomes the draft's. Quoted text is left alone."""
    pieces, last = [], 0
    for text in TEXT.finditer(sql):
        pieces += [_renamed(sql[last : text.start()], names), text.group().replace(f"'{feed}:", f"'{draft}:")]
        last = text.end()
    return "".join([*pieces, _renamed(sql[last:], names)])


def _renamed(sql: str, names: dict[str, str]) -> str:
    if not names:
        return sql
    words = "|".join(sorted(map(re.escape, names), key=len, reverse=True))
    return re.sub(rf"(?<![\w.])({words})((?:{'|'.join(BESIDE)})?)(?![\w(])", lambda found: names[found[1]] + found[2], sql)
