"""Small-cell suppression of marts by area: counts of persons, households, disputes and calls. Pure functions over Arrow tables.

Read `rule` (what is small), `head` (how a mart file says it), `tree` (one table of villages, townships and counties and what was released of it before), `hide` (which rows to
hide, and why that is enough), `turns` (which of overlapping periods), `counted` and `table` (a mart's rows in, the rows to publish out). `released` remembers what was published.
Knows no files but that one, no clock, no engine.
"""

from warehouse.suppress.released import Released
from warehouse.suppress.rule import Suppression
from warehouse.suppress.table import Shape, suppressed

__all__ = ["Released", "Shape", "Suppression", "suppressed"]
