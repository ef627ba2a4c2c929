"""Releasing the address alias table: what the address feeds would give now against what is released, and the fact that releases it."""

from __future__ import annotations

from dataclasses import dataclass

from cabin.clock import BeijingClock
from cabin.ledger import switched_off
from cabin.session import Session
from contracts.aliases import Aliases, Pair, Proposal
from contracts.partition import partition_of
from streams.aliases import RELEASED, proposal_of, released, released_message, topic_of


@dataclass(frozen=True, slots=True)
class Difference:
    """The released version, and what the next one would be made of."""

    held: Aliases
    given: Proposal

    @property
    def added(self) -> list[Pair]:
        """Pairs the address feeds give that are not released."""
        return sorted({*self.given.pairs} - {*self.held.pairs})

    @property
    def removed(self) -> list[Pair]:
        """Released pairs the address feeds no longer support: their dwellings are separate again in the next version."""
        return sorted({*self.held.pairs} - {*self.given.pairs})

    @property
    def next(self) -> Aliases | None:
        """The version to release; None where nothing changed."""
        return Aliases(self.held.version + 1, self.given.pairs) if self.added or self.removed else None


def difference(session: Session) -> Difference:
    """What `cabin alias release` would release now."""
    held = released(session.log, session.contracts.address_feeds)
    return Difference(held, proposal_of(session.log, session.contracts, session.vault, frozenset(switched_off(session.log))))


def release(session: Session, aliases: Aliases, reason: str) -> None:
    """Puts a version on the log, on the raw topic of the first address feed: kept for ever, and copied by every rebuild."""
    feed, now = session.contracts.address_feeds[0], BeijingClock().now().isoformat(timespec="milliseconds")
    fact = {"version": aliases.version, "pairs": aliases.pairs, "actor": session.settings.actor, "reason": reason, "recorded_at": now}
    session.log.append(topic_of(feed), partition_of(RELEASED, session.log.partitions), [released_message(fact, now, feed)])
