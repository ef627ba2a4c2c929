"""Which quarantined rows a step is about: one row, or all open rows of a feed that were set aside for one reason; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from quality.desk.errors import PatternTooWide

FIELDS = ("delivery", "row", "feed", "reason", "column", "shape")


@dataclass(frozen=True, slots=True)
class Pattern:
    """What is given must agree; None where nothing is said."""

    delivery: str | None = None
    row: int | None = None
    feed: str | None = None
    reason: str | None = None
    column: str | None = None
    shape: str | None = None

    def decided(self) -> Pattern:
        """This pattern, if people may decide over its rows at once.

        Raises: `PatternTooWide` where it names neither one row nor a feed and a reason.
        """
        if (self.delivery is None or self.row is None) and (self.feed is None or self.reason is None):
            raise PatternTooWide()
        return self

    def sql(self) -> tuple[str, list[Any]]:
        """A condition over `line`, and its parameters."""
        names = {"delivery": "delivery", "row": '"row"', "feed": "source", "reason": "reason", "column": '"column"', "shape": "shape"}
        given = [(sql, getattr(self, name)) for name, sql in names.items() if getattr(self, name) is not None]
        return " and ".join(f"{sql} = ?" for sql, _ in given) or "true", [value for _, value in given]

    def document(self) -> Mapping[str, Any]:
        return {name: getattr(self, name) for name in FIELDS if getattr(self, name) is not None}
