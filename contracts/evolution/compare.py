"""Two releases of contracts compared: every change with its rule, and per contract whether its version tells enough. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from contracts.evolution.codes import CODE_RULES, CodesPair
from contracts.evolution.kinds import KIND_RULES
from contracts.evolution.macros import calling, changed_macros
from contracts.evolution.marts import MART_RULES
from contracts.evolution.pairs import FeedPair, KindPair, MartPair
from contracts.evolution.registry import FEED_RULES
from contracts.evolution.rule import Bump, Change, Flavour, Found, Rule
from contracts.evolution.wholes import ADDED, KEPT_CHANGED, KEPT_MISSING, MACRO_CHANGED, REMOVED
from contracts.model import Contracts, Feed

SHARED: tuple[tuple[Flavour, str, tuple[Rule, ...], Callable[[Any, Any], Any]], ...] = (
    ("feed", "feeds", FEED_RULES, FeedPair),
    ("kind", "kinds", KIND_RULES, KindPair),
    ("mart", "marts", MART_RULES, MartPair),
    ("codes", "code_lists", CODE_RULES, CodesPair),
)
"""Per flavour: where its contracts lie, its rules, what two versions are put into."""
ANNOUNCED = frozenset({"deprecated", "retired"})
"""The states of a contract that may be removed in the next version."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Of one contract: its version before and after (empty where there is none), the bump its changes need, the changes, and whether the version tells enough."""

    flavour: Flavour
    name: str
    before: str
    after: str
    needed: Bump
    changes: tuple[Change, ...]
    enough: bool

    @property
    def least(self) -> str:
        """The least version that would tell enough; empty where none would."""
        return "" if self.needed is Bump.NEVER or not self.after else raised(self.before, self.needed)


def changes(old: Contracts, new: Contracts) -> list[Change]:
    """Every change from `old` to `new`: feeds, kinds, marts, code lists; each in name order, of one contract in the order of its rules."""
    found: list[Change] = []
    for flavour, place, rules, pair in SHARED:
        before, after = getattr(old, place), getattr(new, place)
        for name in sorted({*before, *after}):
            found += _whole(flavour, name, before, after) or _within(rules, name, pair(before[name], after[name]))
        if flavour == "feed":
            found += _kept(old, new)
            found += [Change(MACRO_CHANGED, name, Found(new=", ".join(called))) for name, called in calling(new, changed_macros(old, new)) if name in before]
    return found


def verdicts(old: Contracts, new: Contracts) -> list[Verdict]:
    """Per contract that changed, or that uses a code list that did, whether its own version was bumped enough; flavours and names in order."""
    by_owner: dict[tuple[Flavour, str], list[Change]] = {}
    for change in changes(old, new):
        for owner in _bumped(change, old, new):
            by_owner.setdefault(owner, []).append(change)
    order = [flavour for flavour, *_ in SHARED]
    return [_verdict(*owner, by_owner[owner], old, new) for owner in sorted(by_owner, key=lambda owner: (order.index(owner[0]), owner[1]))]


def given_bump(before: str, after: str) -> Bump:
    """What a step from one version text to the other tells; `NONE` also where it goes back."""
    old, new = numbers(before), numbers(after)
    if new <= old:
        return Bump.NONE
    return next(bump for place, bump in enumerate((Bump.MAJOR, Bump.MINOR, Bump.PATCH)) if new[place] != old[place])


def numbers(version: str) -> tuple[int, int, int]:
    """Major, minor and patch of a version text; parts that are absent or no numbers count as 0."""
    parts = [int(part) if part.isdecimal() else 0 for part in version.split(".")]
    major, minor, patch = (*parts, 0, 0, 0)[:3]
    return major, minor, patch


def raised(version: str, bump: Bump) -> str:
    """The version text one bump further."""
    major, minor, patch = numbers(version)
    steps = {Bump.MAJOR: (major + 1, 0, 0), Bump.MINOR: (major, minor + 1, 0), Bump.PATCH: (major, minor, patch + 1)}
    return ".".join(map(str, steps.get(bump, (major, minor, patch))))


def _whole(flavour: Flavour, name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    if name in before and name in after:
        return []
    return [Change((REMOVED if name in before else ADDED)[flavour], name, Found())]


def _within(rules: Iterable[Rule], name: str, pair: Any) -> list[Change]:
    return [] if pair.old == pair.new else [Change(rule, name, found) for rule in rules for found in rule.finds(pair)]


def _kept(old: Contracts, new: Contracts) -> Iterator[Change]:
    """Versions of feeds that messages on logs carry: they stay, as they were."""
    for name, feed in sorted(new.feeds.items()):
        if name in old.feeds:
            known = {each.version: each for each in (*old.older.get(name, ()), old.feeds[name])}
            for version in sorted(known):
                yield from _kept_version(name, known[version], feed.version, new.version_of(name, version))


def _kept_version(name: str, known: Feed, newest: int, kept: Feed | None) -> Iterator[Change]:
    if kept is None:
        yield Change(KEPT_MISSING, name, Found(name, str(known.version), str(newest)))
    elif known.version < newest:
        touched = [change for change in _within(FEED_RULES, name, FeedPair(known, kept)) if change.rule.bump > Bump.PATCH]
        if touched:
            yield Change(KEPT_CHANGED, name, Found(name, str(known.version), ", ".join(dict.fromkeys(change.rule.code for change in touched))))


def _bumped(change: Change, old: Contracts, new: Contracts) -> list[tuple[Flavour, str]]:
    """Whose version has to tell of a change: the contract's own, of a code list everybody's who uses it in either version."""
    if change.rule.flavour != "codes":
        return [(change.rule.flavour, change.owner)]
    return sorted({user for contracts in (old, new) for user in users(contracts, change.owner)}) or [("codes", change.owner)]


def users(contracts: Contracts, code_list: str) -> Iterator[tuple[Flavour, str]]:
    """The feeds and kinds that name a code list."""
    for name, feed in contracts.feeds.items():
        if any(column.code_list == code_list for column in feed.columns):
            yield "feed", name
    for name, kind in contracts.kinds.items():
        if any(attribute.code_list == code_list for attribute in kind.attributes):
            yield "kind", name


def _verdict(flavour: Flavour, name: str, found: list[Change], old: Contracts, new: Contracts) -> Verdict:
    place = {each: where for each, where, *_ in SHARED}[flavour]
    before, after = (getattr(contracts, place).get(name) for contracts in (old, new))
    needed = max(change.rule.bump for change in found)
    was, now = (str(getattr(each, "version_text", "")) for each in (before, after))
    if after is None:
        enough = flavour == "codes" or (before is not None and before.status in ANNOUNCED)
    else:
        enough = before is None or flavour == "codes" or (needed is not Bump.NEVER and given_bump(was, now) >= needed)
    return Verdict(flavour, name, was, now, needed, tuple(found), enough)
