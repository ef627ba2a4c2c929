"""All rules of evolution, in the order they are documented."""

from __future__ import annotations

from contracts.evolution.codes import CODE_RULES
from contracts.evolution.feed_columns import COLUMN_RULES
from contracts.evolution.feed_rows import ROW_RULES
from contracts.evolution.kinds import KIND_RULES
from contracts.evolution.marts import MART_RULES
from contracts.evolution.rule import Rule
from contracts.evolution.wholes import WHOLE_RULES

FEED_RULES = (*COLUMN_RULES, *ROW_RULES)
RULES: tuple[Rule, ...] = (*FEED_RULES, *KIND_RULES, *MART_RULES, *CODE_RULES, *WHOLE_RULES)
