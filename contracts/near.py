"""Names like one that was spelt wrong; pure."""

from __future__ import annotations

from collections.abc import Iterable

NEAR_DISTANCE = 0.55
"""From here on a name is like another (`difflib`: 1 is the same)."""


def near(name: str, known: Iterable[str]) -> str:
    """At most three of the known names, the nearest first, as a fact goes on with them: ` (unidentified?)`; empty where none is near."""
    import difflib  # only where a name is wrong

    found = difflib.get_close_matches(name, list(known), n=3, cutoff=NEAR_DISTANCE)
    return f" ({', '.join(found)}?)" if found else ""
