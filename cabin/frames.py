"""Whether this process may import pandas."""

from __future__ import annotations

import sys


class WithoutPandas:
    """Makes pandas look absent to imports: pyarrow would import it with the first array made from a list (0.26 s a command), and no command but `cabin quality check` needs it."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name == "pandas":
            raise ModuleNotFoundError("left out", name=name)


def leave_out() -> None:
    """From now on pandas looks absent."""
    sys.meta_path.insert(0, WithoutPandas())


def allow() -> None:
    """From now on it can be imported again: Great Expectations needs it."""
    sys.meta_path[:] = [each for each in sys.meta_path if not isinstance(each, WithoutPandas)]
