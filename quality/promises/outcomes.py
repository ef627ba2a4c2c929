"""What a run found: `Outcome`, one per check, and what all of them come to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from contracts.model import Severity
from quality.promises.checks import Check, Suite


class Status(StrEnum):
    """`error`: the check could not be judged, which says nothing about the data, neither good nor bad."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of the rows that the check is about so many broke it; `keys` are the first of them, never more than `quality.promises.evidence.MOST_KEYS`, and hold no personal value.

    Of a check that could not be judged `rows` and `broken` are None, and `fault` says why, without any value. `delivery` names what landed rows were looked at; blank: the run's snapshot was.
    """

    suite: Suite
    check: Check
    status: Status
    rows: int | None
    broken: int | None
    keys: tuple[Mapping[str, Any], ...] = ()
    fault: str | None = None
    delivery: str = ""

    @property
    def share(self) -> float | None:
        """Of the rows that the check is about those that broke it; None where there are none."""
        return self.broken / self.rows if self.rows and self.broken is not None else None

    @property
    def allowed(self) -> str:
        """The limit in the words of the contract: `0`, `25 rows`, `1 %`."""
        limit = self.check.limit
        if limit.share is not None:
            return f"{limit.share * 100:g} %"
        return f"{limit.rows} rows" if limit.rows else "0"


@dataclass(frozen=True, slots=True)
class Tally:
    """How many checks were kept, how many were broken by the severity their contract gives them, how many could not be judged."""

    passed: int
    failed: int
    warned: int
    errors: int

    @classmethod
    def of(cls, outcomes: Iterable[Outcome]) -> Tally:
        listed = list(outcomes)
        failed = [each for each in listed if each.status is Status.FAILED]
        hard = sum(each.check.severity is Severity.ERROR for each in failed)
        passed = sum(each.status is Status.PASSED for each in listed)
        return cls(passed, hard, len(failed) - hard, len(listed) - passed - len(failed))

    @property
    def exit_code(self) -> int:
        """3 where a check could not be judged, since then nobody knows; 1 where a check of severity `error` failed; a warning that failed is told only."""
        return 3 if self.errors else 1 if self.failed else 0
