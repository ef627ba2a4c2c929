"""SQL that people type, answered by a process of its own that nothing a statement does can outlive or harm.

Read `limits` and `wire` (what goes over and comes back), `gate` (which statements are questions to the snapshot), `child` (the process), then `asker` (who begins, waits and kills).
The child imports DuckDB, Arrow and this folder's three small modules, nothing else of the project, so that it begins quickly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from warehouse.ask.asker import Answer, Asker
    from warehouse.ask.limits import Limits

__all__ = ["Answer", "Asker", "Limits"]


def __getattr__(name: str) -> object:
    """The public names, imported where they are first used: the child, which imports this folder too, needs none of them."""
    if name == "Limits":
        from warehouse.ask.limits import Limits

        return Limits
    if name in __all__:
        from warehouse.ask import asker

        return getattr(asker, name)
    raise AttributeError(name)
