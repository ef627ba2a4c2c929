"""The one way to open DuckDB: without what it gets wrong. And long statements of which each is parsed once."""

from __future__ import annotations

import atexit
from collections import OrderedDict
from collections.abc import Mapping
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

UNSOUND = "common_subplan"
"""An optimizer of DuckDB 2.0.0 after which statistics of one column count for another: of a common table expression read twice a sum above nothing was taken for nothing,
and a case of a mart came out null (tests/contracts/test_database.py has the statement). Nothing of ours is slower without it."""


def connect(
    database: str = ":memory:", *, read_only: bool = False, config: Mapping[str, str | bool | int | float | list[str]] | None = None
) -> duckdb.DuckDBPyConnection:
    """A connection to the file `database`, or to one in memory, to be closed. Whoever sets `disabled_optimizers` later names `UNSOUND`, too."""
    import duckdb

    return duckdb.connect(database, read_only=read_only, config={"disabled_optimizers": UNSOUND, **(config or {})})


LONG = 1_000
"""Shorter texts are parsed every time: it takes DuckDB 2.0.0 seven tenths of a millisecond a thousand characters, and whose text differs each time is short."""
HELD = 4_000_000
"""So many characters of statements are held, which is some 80 MB parsed; who was not asked for longest goes first."""


class Statements:
    """Parsed statements by their text, for all connections and threads of a process, of `most` characters together."""

    def __init__(self, most: int = HELD) -> None:
        self._most = most
        self._held: OrderedDict[str, duckdb.Statement] = OrderedDict()
        self._characters = 0
        self._alone = Lock()

    def parsed(self, con: duckdb.DuckDBPyConnection, text: str) -> str | duckdb.Statement:
        """What `con.execute` takes in place of `text`, and then needs not parse; the text itself where it is short or holds several statements.

        Only the parsing is saved: what names mean is asked anew at every execution. Raises: `duckdb.ParserException`.
        """
        if len(text) < LONG:
            return text
        with self._alone:
            if text in self._held:
                self._held.move_to_end(text)
                return self._held[text]
        found = con.extract_statements(text)
        if len(found) != 1:
            return text
        with self._alone:
            self._characters += 0 if text in self._held else len(text)
            self._held[text] = found[0]
            while self._characters > self._most:
                self._characters -= len(self._held.popitem(last=False)[0])
        return found[0]

    def clear(self) -> None:
        with self._alone:
            self._held.clear()
            self._characters = 0

    def __len__(self) -> int:
        return len(self._held)


_STATEMENTS = Statements()
atexit.register(_STATEMENTS.clear)  # DuckDB 2.0.0 complains on standard error of what is held when the interpreter ends
parsed = _STATEMENTS.parsed
"""Of this process: statements compiled from contracts come again and again, and a fifth of the time of one over few rows was parsing it."""
