"""What a rule of evolution is: one kind of difference between two versions of a contract, who can no longer read what because of it, and which version bump tells so."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Literal

from contracts.model import Label

Flavour = Literal["feed", "kind", "mart", "codes"]
Party = Literal["producer", "log", "consumer", "mart"]
"""Who breaks: the department that delivers as before, the raw messages that are on the log already, subscribers and readers, other marts."""
Direction = Literal["backward", "forward", "both", "none"]
PARTIES: dict[Party, Label] = {
    "producer": Label("数据提供部门", "the department"),
    "log": Label("已在日志中的消息", "messages on the log"),
    "consumer": Label("订阅方与读者", "subscribers and readers"),
    "mart": Label("数据集市", "marts"),
}
DIRECTIONS: dict[Direction, Label] = {
    "backward": Label("向后：新版本读不了旧的", "backward: the new version cannot read what is old"),
    "forward": Label("向前：旧的读者读不了新的", "forward: readers of the old version cannot read what is new"),
    "both": Label("双向", "both"),
    "none": Label("兼容", "none"),
}


class Bump(IntEnum):
    """The version bump a change needs; `NEVER`: no bump makes it right."""

    NONE = 0
    PATCH = 1
    MINOR = 2
    MAJOR = 3
    NEVER = 4

    @property
    def word(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Found:
    """One place where a rule holds: the part of the contract (a column, an attribute, ...; empty: the contract as a whole), what stood there and what stands there now."""

    part: str = ""
    old: str = ""
    new: str = ""


Finds = Callable[[Any], Iterable[Found]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `fact` and `meaning` are told with `{part}`, `{old}`, `{new}` filled in; `refold`: what was derived from old messages changes with the next rebuild.

    `finds` gives every place of a pair of versions where the rule holds.
    """

    code: str
    flavour: Flavour
    bump: Bump
    breaks: tuple[Party, ...]
    fact: Label
    meaning: Label
    finds: Finds
    refold: bool = False

    @property
    def direction(self) -> Direction:
        """`backward` where what was delivered under the old version is not read under the new one, `forward` where what is made under the new one is not read by who knows the old."""
        backward, forward = bool({"producer", "log"} & set(self.breaks)), bool({"consumer", "mart"} & set(self.breaks))
        return "both" if backward and forward else "backward" if backward else "forward" if forward else "none"


@dataclass(frozen=True, slots=True)
class Change:
    """A rule at one place of one contract; `owner` is the name of the feed, kind, mart or code list."""

    rule: Rule
    owner: str
    found: Found

    @property
    def fact(self) -> Label:
        return self._told(self.rule.fact)

    @property
    def meaning(self) -> Label:
        return self._told(self.rule.meaning)

    def _told(self, text: Label) -> Label:
        values = {"part": self.found.part, "old": self.found.old, "new": self.found.new}
        return Label(text.zh.format(**values), text.en.format(**values))


def rule(flavour: Flavour, code: str, bump: Bump, breaks: str, fact: tuple[str, str], meaning: tuple[str, str], finds: Finds, refold: bool = False) -> Rule:
    """A rule from plain words: `breaks` names parties with blanks between, texts are (Chinese, English)."""
    parties = tuple(party for party in PARTIES if party in breaks.split())
    return Rule(code, flavour, bump, parties, Label(*fact), Label(*meaning), finds, refold)
