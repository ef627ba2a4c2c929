"""A scorecard: what it holds, in the words of its page. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from contracts.model import Feed, Label


@dataclass(frozen=True, slots=True)
class Month:
    """What a department's feeds delivered in one month of recording, in rows: `delivered` is `refused` (banned content) + `reduced` (persons under 14, kept as a count) + `layout` + `landed`.
    Of the landed ones `quarantined` were set aside; `marked` adds up rows that were marked or put right, rule by rule; `wrong_totals` counts stated totals that the rows do not add up to."""

    month: date
    deliveries: int = 0
    delivered: int = 0
    refused: int = 0
    reduced: int = 0
    layout: int = 0
    landed: int = 0
    wrong_totals: int = 0
    quarantined: int = 0
    marked: int = 0


@dataclass(frozen=True, slots=True)
class Example:
    """A row to look at: `row` is `delivery/row`; `shape` what the cell at fault looks like, `verdict` the check of an identity number; null where that is not known: of rows that were only marked nothing is kept aside."""

    row: str
    shape: str | None
    verdict: str | None


@dataclass(frozen=True, slots=True)
class Fault:
    """What broke one rule in one field. `field` `*`: the row as a whole, or counted by rule only; `messages` were set aside whole in the card's month.
    `parts`: rows set aside (those of whole messages among them) and rows marked, month by month, the card's month last; `delivered`: rows that its feed delivered in these months."""

    feed: str
    field: str
    rule: str
    messages: int
    parts: tuple[tuple[int, int], ...]
    delivered: tuple[int, ...]
    examples: tuple[Example, ...] = ()

    @property
    def quarantined(self) -> int:
        return self.parts[-1][0]

    @property
    def marked(self) -> int:
        return self.parts[-1][1]

    @property
    def trend(self) -> tuple[int, ...]:
        """Rows set aside or marked, month by month."""
        return tuple(map(sum, self.parts))


@dataclass(frozen=True, slots=True)
class Difference:
    """Values that are not the surviving ones now, for one reason; `since_month`: those that came up in the card's month.
    `examples`: (the department's own row key, its value, the surviving one); values of persons are shapes; rows without a key of their own, or with one that would name a person, are none."""

    why: str
    count: int
    since_month: int
    examples: tuple[tuple[str, Label, Label], ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """How many values visits checked, and how many of them they confirmed."""

    checked: int = 0
    confirmed: int = 0

    @property
    def accuracy(self) -> float | None:
        return self.confirmed / self.checked if self.checked else None


@dataclass(frozen=True, slots=True)
class Field:
    """One attribute (or group) that a feed speaks about: values claimed and late in the month, checks by month, and what stands now.
    `reliable`: mean, lower and upper end at 95 % over all checks; null where none was checked. `fresh`: share of its values inside their freshness; null where none is in force."""

    feed: str
    kind: str
    attribute: str
    label: Label
    claims: int
    late: int
    checks: tuple[Checked, ...]
    reliable: tuple[float, float, float] | None
    fresh: float | None
    differences: tuple[Difference, ...]

    @property
    def differing(self) -> int:
        return sum(each.count for each in self.differences)


@dataclass(frozen=True, slots=True)
class Scorecard:
    """One department's card for one month, the last of `months`; `moment` is that of the snapshot. Faults: most rows first; of earlier months only, `gone`."""

    department: Label
    feeds: tuple[Feed, ...]
    months: tuple[Month, ...]
    moment: datetime
    faults: tuple[Fault, ...]
    gone: tuple[Fault, ...]
    fields: tuple[Field, ...]

    @property
    def month(self) -> Month:
        return self.months[-1]
