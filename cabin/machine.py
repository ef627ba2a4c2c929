"""Faults of the machine that any command can meet while it writes, in words for people; every other error that is not expected is a bug and shows itself."""

from __future__ import annotations

import errno
import os

from cabin.errors import DiskFull
from contracts.errors import CabinError

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
ENGINES = {("_duckdb", "IOException"), ("_duckdb", "FatalException"), ("sqlite3", "OperationalError")}
"""Classes by which engines tell what the operating system said; by name, because asking for help imports no engine."""
FULL_OF_SQLITE = "database or disk is full"


def told_of_machine(error: BaseException) -> CabinError | None:
    """What a person is told of an error that means a full disk; None: it means something else."""
    if isinstance(error, OSError):
        return DiskFull() if error.errno in FULL else None
    named = {(each.__module__, each.__name__) for each in type(error).__mro__}
    words = [*(os.strerror(number) for number in FULL), FULL_OF_SQLITE]
    return DiskFull() if named & ENGINES and any(word in str(error) for word in words) else None
