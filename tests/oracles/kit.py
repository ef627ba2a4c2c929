"""The figures of the reports as quantities, and how a number of theirs is shown."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import yaml

from contracts.quantities import Quantity, quantity_of

HERE = Path(__file__).parent
REPORTS: dict[str, Any] = yaml.safe_load((HERE / "reports.yaml").read_text(encoding="utf-8"))
CONFLICTS: dict[str, Any] = yaml.safe_load((HERE / "conflicts.yaml").read_text(encoding="utf-8"))


def read(text: str) -> Quantity:
    """The quantity that a report's text says."""
    found = quantity_of(text)
    assert found is not None, text
    return found


def told(quantity: Quantity | None, places: int = 2) -> str:
    """The bound and the number, rounded half up as reports round."""
    assert quantity is not None
    return f"{quantity.bound} {rounded(quantity.value, places)}"


def rounded(value: Fraction, places: int) -> str:
    number = (Decimal(value.numerator) / Decimal(value.denominator)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return f"{number.normalize():f}"
