"""The fields of a feed, a kind or a mart as a table: what the dictionary says of each, whether it may be null, and links to code lists. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.dictionary import HEADINGS, Entry, cells
from contracts.dictionary_find import spoken
from contracts.model import Contracts
from contracts.site import words
from contracts.site.markup import Html, code, table
from contracts.site.place import Here, code_path, column_anchor
from contracts.site.search import said

TYPE = 2
"""The column after which is told whether a field may be null."""
CODES = 4


def fields_table(contracts: Contracts, found: Sequence[Entry], here: Here) -> Html:
    """With an anchor for every field: for a page about one owner."""
    return _table(contracts, found, here, [{"id": column_anchor(entry.name)} for entry in found])


def searched_table(contracts: Contracts, found: Sequence[Entry], here: Here) -> Html:
    """With what a search looks into: for a page about many owners."""
    return _table(contracts, found, here, [said(spoken(contracts, entry)) for entry in found])


def _table(contracts: Contracts, found: Sequence[Entry], here: Here, of_rows: Sequence[dict[str, str]]) -> Html:
    heads = list(HEADINGS[here.lang])
    heads.insert(TYPE + 1, here.say(words.NULL))
    return table(heads, (_row(contracts, entry, here) for entry in found), of_rows)


def _row(contracts: Contracts, entry: Entry, here: Here) -> list[str]:
    told: list[str] = list(cells(entry, here.lang, contracts))
    told[0] = code(entry.name)
    told[TYPE] = code(entry.type)
    if entry.codes in contracts.code_lists:
        told[CODES] = here.link(code_path(entry.codes), entry.codes)
    told.insert(TYPE + 1, here.say(words.MAY_BE_NULL if may_be_null(contracts, entry) else words.NOT_NULL))
    return told


def may_be_null(contracts: Contracts, entry: Entry) -> bool:
    """Whether the contract permits it: of a feed what is not required, of a kind every attribute, of a mart what is no key."""
    if entry.part == "feed":
        return not contracts.feeds[entry.owner].column(entry.name).required
    return entry.part == "kind" or entry.name not in contracts.marts[entry.owner].grain
