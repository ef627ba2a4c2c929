"""A part of the data dictionary: that of one feed, kind or mart, or the fields that speak of something. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from contracts.dictionary import PARTS, Entry, entries, owner_words
from contracts.model import CodeList, Contracts


def named(contracts: Contracts, name: str) -> list[Entry]:
    """The fields of every feed, kind and mart of this name, in dictionary order; empty where there is none."""
    return [entry for entry in entries(contracts) if entry.owner == name]


def coded(contracts: Contracts, name: str) -> CodeList | None:
    """The code list of this name."""
    return contracts.code_lists.get(name)


def found(contracts: Contracts, text: str, among: Sequence[Entry] | None = None) -> list[Entry]:
    """The fields whose names, labels, meanings, code lists or owners hold every word of `text`, in either language; widths and capitals do not matter."""
    words = plain(text).split()
    return [entry for entry in (entries(contracts) if among is None else among) if all(word in spoken(contracts, entry) for word in words)]


def spoken(contracts: Contracts, entry: Entry) -> str:
    """All that is said about a field, in both languages, without capitals and widths: what `found` looks into."""
    codes = contracts.code_lists.get(entry.codes)
    listed = [text for label in codes.labels.values() for text in (label.zh, label.en)] if codes and len(codes.labels) <= FEW else []
    labels = (PARTS[entry.part], owner_words(contracts, entry.part, entry.owner), entry.label, entry.about, entry.notes)
    texts = [entry.owner, entry.name, entry.codes, entry.unit, *(text for label in labels for text in (label.zh, label.en)), *listed]
    return plain("\n".join(texts))


FEW = 200
"""A longer list of codes is a table of its own, such as that of divisions, and no word about a field."""


def plain(text: str) -> str:
    """A text as a search compares it: without widths and capitals."""
    return unicodedata.normalize("NFKC", text).casefold()
