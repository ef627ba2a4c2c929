"""What one question may take."""

from __future__ import annotations

from dataclasses import dataclass

ROWS = 1000
SECONDS = 3.0
GRACE_SECONDS = 0.4
"""How long the engine has to stop by itself; then its process is killed."""
BEGIN_SECONDS = 15.0
"""How long the child may need to open the snapshot, before it is asked anything: a fraction of a second unless the machine is very busy."""
MEMORY_MB = 1000
CHARACTERS = 100_000
"""The longest statement: what is longer was not typed by anybody."""


@dataclass(frozen=True, slots=True)
class Limits:
    """`seconds` of running; `memory_mb` of the engine, and as much again for the answer. A question is answered, refused or dead `deadline_seconds` after the child was asked."""

    seconds: float = SECONDS
    memory_mb: int = MEMORY_MB
    threads: int = 2

    @property
    def deadline_seconds(self) -> float:
        return self.seconds + GRACE_SECONDS
