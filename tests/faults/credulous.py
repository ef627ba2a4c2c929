"""The control's double: a worker that believes it is handed everything, as consumers with committed offsets do. It compares no position, fills no gap and looks nowhere itself.

Run in the place of `cabin`: `python -m tests.faults.credulous worker ...`; nothing outside this file knows of it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from cabin import supervisor
from cabin.__main__ import main
from streams.raw import RawFollower
from streams.reconcile import Folded, Follower

CREDULOUS = (sys.executable, "-m", "tests.faults.credulous")


def blindfold() -> None:
    """Takes the position checks away, in this process and in the workers it starts."""
    RawFollower._between = lambda *_: iter(())  # type: ignore[method-assign]
    RawFollower.behind = lambda *_: []  # type: ignore[method-assign]
    Follower._read = lambda *_: 0  # type: ignore[method-assign]
    Follower.read_on = lambda *_: Folded(0, 0)  # type: ignore[method-assign]
    supervisor.worker_command = command


def command(index: int, pulse: int) -> Sequence[str]:
    """The command line of one child."""
    return [*CREDULOUS, "worker", "--child", str(index), "--pulse", str(pulse)]


if __name__ == "__main__":
    blindfold()
    main()
