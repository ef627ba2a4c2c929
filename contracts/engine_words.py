"""What an engine's error says without any value of a row: engines quote the values they fail on, and rows hold personal ones."""

from __future__ import annotations

import re

import duckdb

ABOUT_TEXT = (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException, duckdb.SyntaxException)
"""Told before a row is read: they quote the statement only."""
ABOUT_VALUES = (duckdb.ConversionException, duckdb.OutOfRangeException, duckdb.TypeMismatchException)
"""The values in them stand in quotes, or are numbers."""
ABOUT_MACHINE = (duckdb.IOException, duckdb.FatalException, duckdb.InternalException, duckdb.OutOfMemoryException, duckdb.InterruptException)
"""Of nobody's making who wrote the statement."""
HIDDEN = "…"
QUOTED = re.compile(r"['\"].*['\"]|['\"].*", re.DOTALL)
NUMBER = re.compile(r"(?<![A-Za-z\d])-?\d[\d.:-]*")


def without_values(fault: duckdb.Error) -> str:
    """One line: all of what is said about a statement, of values what became of them and never the value, of anything else only its class."""
    said = str(fault)
    if isinstance(fault, ABOUT_TEXT):
        return said.splitlines()[0]
    if not isinstance(fault, ABOUT_VALUES):
        return said.partition(":")[0]
    head = QUOTED.sub(HIDDEN, said.partition("\n\nLINE ")[0])
    return NUMBER.sub(HIDDEN, " ".join(head.split())).encode("ascii", "replace").decode().replace("?", HIDDEN)
