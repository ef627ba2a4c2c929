"""The wall clock, asked by landing and by a person's decisions only."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class BeijingClock:
    """Implements `contracts.ports.Clock`."""

    def now(self) -> datetime:
        """Beijing time without zone, in milliseconds."""
        now = datetime.now(UTC).replace(tzinfo=None) + timedelta(hours=8)
        return now.replace(microsecond=now.microsecond // 1000 * 1000)
