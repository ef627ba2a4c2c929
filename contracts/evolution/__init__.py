"""How contracts change: two releases side by side, every difference under a rule that says who can no longer read what, and which version bump tells so.

Reading order: `rule` (what a rule is), `pairs` (what belongs together), `feed_columns`, `feed_rows`, `kinds`, `marts`, `codes`, `wholes`, `macros` (the rules), `registry`,
`compare` (changes and verdicts), `sides` (texts to verdicts), `page` (docs/evolution.md). Pure: no file is read here.
"""

from contracts.evolution.compare import Verdict, changes, verdicts
from contracts.evolution.registry import RULES
from contracts.evolution.rule import Bump, Change, Rule
from contracts.evolution.sides import Side, compared

__all__ = ["RULES", "Bump", "Change", "Rule", "Side", "Verdict", "changes", "compared", "verdicts"]
