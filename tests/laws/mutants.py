"""Seven ways to get reconciling wrong, each around the real state or statement: what the laws must notice (section 8 of the rules)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from streams.reconcile import State
from tests.laws.shapes import Claim, Finding, Roster, Verification

Facts = list[Any]


class NamesOnly(State):
    """Recomputes only the entities that the batch names."""

    def _touch(self, arrived: set[str]) -> set[str]:
        for kind in self.contracts.kinds:
            for fact in ("finding", "presence", "verification"):
                self._con.execute(f"insert into touched_{kind} select entity from new_{fact} where kind = '{kind}' and entity is not null")
        self._con.execute("insert into touched_residency select person || '@' || dwelling from new_roster where person is not null")
        return set()


class Forgetful(State):
    """Forgets something after every settle."""

    def settle(self, *facts: Any, **more: Any) -> None:
        super().settle(*facts, **more)
        self.drop()

    def drop(self) -> None:
        raise NotImplementedError


class NewestClaimOnly(Forgetful):
    """Keeps the newest claim of each entity and source."""

    def drop(self) -> None:
        for kind in self.contracts.kinds:
            self._con.execute(
                f"""delete from claim_{kind} where (entity, source, observed_at) not in
                (select (entity, source, max(observed_at)) from claim_{kind} group by entity, source)"""
            )


class NewestFindingOnly(Forgetful):
    """Keeps the newest finding of each entity and attribute."""

    def drop(self) -> None:
        newest = "select (kind, entity, attribute, max(observed_at)) from finding group by kind, entity, attribute"
        self._con.execute(f"delete from finding where (kind, entity, attribute, observed_at) not in ({newest})")


class NoRosters(Forgetful):
    """Forgets rosters once they were applied."""

    def drop(self) -> None:
        self._con.execute("delete from roster")


def past_high_water(batches: Sequence[Facts]) -> list[Facts]:
    """Skips, per delivery, what lies at or below the highest row seen in an earlier batch."""
    highest: dict[str, int] = {}
    kept: list[Facts] = []
    for batch in batches:
        kept.append([fact for fact in batch if not isinstance(fact, Claim) or fact.row > highest.get(fact.delivery, 0)])
        for fact in batch:
            if isinstance(fact, Claim):
                highest[fact.delivery] = max(highest.get(fact.delivery, 0), fact.row)
    return kept


def merged_content(batches: Sequence[Facts]) -> list[Facts]:
    """Keeps of claims with equal content about one entity only the one of the smallest origin."""
    smallest: dict[tuple[Any, ...], Claim] = {}
    for fact in [fact for batch in batches for fact in batch if isinstance(fact, Claim)]:
        key = said(fact)
        smallest[key] = min(smallest.get(key, fact), fact, key=lambda claim: claim.origin)
    return [[fact for fact in batch if not isinstance(fact, Claim) or smallest[said(fact)].origin == fact.origin] for batch in batches]


def said(claim: Claim) -> tuple[Any, ...]:
    return (claim.kind, claim.entity, claim.source, claim.record, claim.observed_at, claim.content)


def keyed_by_visit(batches: Sequence[Facts]) -> list[Facts]:
    """Lets a verification judge every finding and roster of the visit."""
    facts = [fact for batch in batches for fact in batch]
    found = {fact.finding: (fact.kind, fact.entity, fact.attribute) for fact in facts if isinstance(fact, Finding)}
    found |= {fact.roster: ("dwelling", fact.dwelling, "roster") for fact in facts if isinstance(fact, Roster)}
    return [[other for fact in batch for other in ([fact, *widened(fact, found)] if isinstance(fact, Verification) else [fact])] for batch in batches]


def widened(verification: Verification, found: dict[str, tuple[str, str, str]]) -> list[Verification]:
    visit = verification.version.split(":")[0]
    return [
        replace(verification, version=version, kind=kind, entity=entity, attribute=attribute, delivery=f"{verification.delivery[:-1]}{number}")
        for number, (version, (kind, entity, attribute)) in enumerate(sorted(found.items()))
        if version.split(":")[0] == visit and version != verification.version
    ]


STATES: list[type[State]] = [NamesOnly, NewestClaimOnly, NewestFindingOnly, NoRosters]
ALTERED: list[Callable[[Sequence[Facts]], list[Facts]]] = [past_high_water, merged_content, keyed_by_visit]
