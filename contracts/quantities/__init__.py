"""Quantities with bounds (余 多 近 约): what a report says, what follows from it, and what cannot be told.

Read in this order: quantity (the type, and the word of its bound), arithmetic (total, remainder, ratio, product, change), check (answers that may be
"cannot tell"), reading (texts such as 4000余人 and 近20万元), errors. Numbers are exact throughout. The macros of rules.sql say the same of columns;
tests/laws holds the two equal. Imports nothing of ours but the errors' root.
"""

from contracts.quantities.arithmetic import change, product, ratio, remainder, total
from contracts.quantities.check import Answer, at_most, equal, falling, within
from contracts.quantities.errors import MixedUnits
from contracts.quantities.quantity import Bound, Quantity, counted, given
from contracts.quantities.reading import quantity_of, timer_minutes, timer_of, unit_of

__all__ = [
    "Answer",
    "Bound",
    "MixedUnits",
    "Quantity",
    "at_most",
    "change",
    "counted",
    "equal",
    "falling",
    "given",
    "product",
    "quantity_of",
    "ratio",
    "remainder",
    "timer_minutes",
    "timer_of",
    "total",
    "unit_of",
    "within",
]
