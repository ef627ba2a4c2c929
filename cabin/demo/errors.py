"""What can go wrong when the demo district is made."""

from __future__ import annotations

from contracts.errors import UsageError


class TooFewPeople(UsageError):
    """The district was asked for with fewer people than its villages need."""

    code = "too-few-people"
    fact = {"en": "{people} people are too few for the demo district; it needs {fewest}", "zh": "演示城区人口 {people} 太少,至少需要 {fewest}"}
    hint = {"en": "Choose --people {fewest} or more.", "zh": "请使用 --people {fewest} 或更多。"}
