"""The accounts: every delivery and every raw message once, added up by feed, whatever order they are told in and however often."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from streams.normalise import known_key

CLOSED = ("delivered", "refused", "reduced", "layout", "landed")
COUNTS = {"rows", "accepted"}
PLACE = ("raw_topic", "raw_partition", "raw_offset")
"""The headers of an outcome that say of which raw message it tells."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows of one feed, from delivery to quarantine, and raw rows not normalised yet; `copies`: rows of messages that came again; `reasons` counts quarantined rows, `flags` accepted rows by soft rule or mending, those that landing made itself of reduced rows left out.
    Rows that were redriven from the quarantine were landed once: they are `repaired` where they were accepted then, and count nowhere else."""

    feed: str
    deliveries: int = 0
    delivered: int = 0
    refused: int = 0
    reduced: int = 0
    layout: int = 0
    landed: int = 0
    normalised: int = 0
    copies: int = 0
    accepted: int = 0
    quarantined: int = 0
    repaired: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)
    flags: Mapping[str, int] = field(default_factory=dict)

    @property
    def behind(self) -> int:
        return self.landed - self.normalised


class Accounts:
    """Told of closings and outcomes, in any order; a fact told again changes nothing, as a worker that crashed repeats what it did last."""

    def __init__(self) -> None:
        self._closed: dict[str, Mapping[str, Any]] = {}
        self._outcomes: dict[str, Mapping[str, Any]] = {}
        self._copies: dict[tuple[str | None, ...], Mapping[str, Any]] = {}

    def closed(self, name: str, fact: Mapping[str, Any] | None) -> None:
        """A `delivery.closed` and its id; None where it is none."""
        if fact is not None:
            self._closed.setdefault(name, fact)

    def outcome(self, headers: Mapping[str, str], outcome: Mapping[str, Any]) -> None:
        """What became of a raw message. A copy's own outcome, `duplicate`, counts for no account; one that does not say what it must counts for nothing."""
        if not _sound(outcome):
            return
        if outcome["outcome"] == "duplicate":
            self._copies.setdefault(tuple(headers.get(name) for name in PLACE), outcome)
        else:
            self._outcomes.setdefault(known_key(headers), outcome)

    def counts(self) -> list[Counts]:
        """By feed, in name order."""
        sums: dict[str, dict[str, int]] = {}
        reasons: dict[str, dict[str, int]] = {}
        flags: dict[str, dict[str, int]] = {}
        for closed in self._closed.values():
            _add(sums.setdefault(closed["source"], {}), {"deliveries": 1, **{name: closed[name] for name in CLOSED}})
        for copy in self._copies.values():
            _add(sums.setdefault(copy["feed"], {}), {"copies": copy["rows"]})
        for outcome in self._outcomes.values():
            feed = outcome["feed"]
            if outcome["type"] == "raw.rows" and outcome.get("flags"):
                _add(flags.setdefault(feed, {}), outcome["flags"])
            if outcome["type"] == "raw.rows" and _repair(outcome):
                _add(sums.setdefault(feed, {}), {"repaired": outcome["accepted"]})
            elif outcome["type"] == "raw.rows":
                quarantined = sum(outcome["quarantined"].values())
                _add(sums.setdefault(feed, {}), {"normalised": outcome["rows"], "accepted": outcome["accepted"], "quarantined": quarantined})
                _add(reasons.setdefault(feed, {}), outcome["quarantined"])
        return [Counts(feed, **of_feed, reasons=reasons.get(feed, {}), flags=flags.get(feed, {})) for feed, of_feed in sorted(sums.items())]

    def broken(self) -> list[str]:
        """Deliveries that do not satisfy: delivered = refused + reduced + layout + landed, and, once normalised, landed = accepted + quarantined."""
        settled: dict[str, list[int]] = {}
        for outcome in self._outcomes.values():
            if outcome["type"] == "raw.rows" and not _repair(outcome):
                sums = settled.setdefault(outcome["delivery"], [0, 0])
                sums[0] += outcome["rows"]
                sums[1] += outcome["accepted"] + sum(outcome["quarantined"].values())
        broken = {delivery for delivery, (rows, found) in settled.items() if rows != found}
        for closed in self._closed.values():
            rows = settled.get(closed["delivery"], [closed["landed"]])[0]
            if closed["delivered"] != sum(closed[name] for name in CLOSED[1:]) or rows > closed["landed"]:
                broken.add(closed["delivery"])
        return sorted(broken)


def _repair(outcome: Mapping[str, Any]) -> bool:
    """Whether an outcome tells of rows that were landed before, in another message."""
    return str(outcome.get("repair") or "0") != "0"


def _sound(outcome: Any) -> bool:
    """Whether a stranger could not have written it: names where names belong, numbers where numbers do."""
    if not isinstance(outcome, Mapping) or not all(isinstance(outcome.get(name), str) for name in ("feed", "type", "outcome")):
        return False
    counts = [outcome.get("quarantined"), outcome.get("flags") or {}]
    if not all(isinstance(each, Mapping) and all(isinstance(rows, int) for rows in each.values()) for each in counts):
        return False
    return outcome["type"] != "raw.rows" or (isinstance(outcome.get("delivery"), str) and all(isinstance(outcome.get(name), int) for name in COUNTS))


def _add(sums: dict[str, int], more: Mapping[str, int]) -> None:
    for name, value in more.items():
        sums[name] = sums.get(name, 0) + value
