"""What of contracts is in force since when: each release as rows of `RELEASE`, one a text, on a topic of its own. A release holds what golden records and marts are a function of besides raw messages:
feeds, kinds and marts, code lists and rules, the SQL of marts, and the version of the address alias table. Pure.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import pyarrow as pa

from contracts.aliases import Aliases
from contracts.facts import RELEASE
from contracts.model import Contracts
from contracts.read import Texts, of_texts

DOCUMENT, OLDER, CODES, OTHER, MART_SQL, ALIASES = "document", "older", "codes", "other", "mart_sql", "aliases"
"""The parts of a release: a contract, an older version of a feed, a code list, `rules.sql` or `ban.yaml`, a mart's SQL, the version of the alias table."""


class Released(NamedTuple):
    """One text of a release; `name` is that of the file, for code lists and marts without its ending, for the alias table its version."""

    part: str
    name: str
    text: str

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


def parts_of(texts: Texts, marts: Mapping[str, str], aliases: Aliases) -> list[Released]:
    """The texts of a release in their order; `marts`: the SQL of each. Of the alias table only its version: its pairs lie on the raw topic where it was released."""
    return [
        *(Released(part, *each) for part, told in ((DOCUMENT, texts.documents), (OLDER, texts.older)) for each in told),
        *(Released(part, *each) for part, found in ((CODES, texts.codes), (OTHER, texts.others), (MART_SQL, marts)) for each in sorted(found.items())),
        Released(ALIASES, str(aliases.version), ""),
    ]


def name_of(parts: Iterable[Released]) -> str:
    """What names a release: a digest of all its texts, whatever their order."""
    return hashlib.sha256("\n".join(sorted(f"{each.part} {each.name} {each.digest}" for each in parts)).encode()).hexdigest()[:20]


def release_table(parts: Iterable[Released], recorded_at: datetime, known: frozenset[str]) -> pa.Table:
    """A release as rows of `RELEASE`; texts whose digests are `known` from earlier releases are not told again."""
    found = list(parts)
    name = name_of(found)
    rows = [
        {
            "release": name,
            "place": place,
            "part": each.part,
            "name": each.name,
            "digest": each.digest,
            "text": None if each.digest in known else each.text,
            "recorded_at": recorded_at,
        }
        for place, each in enumerate(found)
    ]
    return pa.Table.from_pylist(rows, RELEASE)


def contracts_of(parts: Iterable[Released]) -> Contracts:
    """The contracts of a release. Raises: `InvalidContract` where they are such as nobody reads any more."""
    return of_texts(texts_in(parts))


def texts_in(parts: Iterable[Released]) -> Texts:
    """The texts of a release's contracts."""
    found = list(parts)

    def of(part: str) -> Iterator[tuple[str, str]]:
        return ((each.name, each.text) for each in found if each.part == part)

    return Texts(tuple(of(DOCUMENT)), dict(of(CODES)), dict(of(OTHER)), tuple(of(OLDER)))


def marts_of(parts: Iterable[Released]) -> dict[str, str]:
    """The SQL of each mart of a release."""
    return {each.name: each.text for each in parts if each.part == MART_SQL}


def parts_in(rows: Iterable[Mapping[str, Any]], texts: Mapping[str, str]) -> list[Released]:
    """The parts of one release, given its rows and all texts by digest."""
    return [Released(row["part"], row["name"], texts[row["digest"]]) for row in sorted(rows, key=lambda row: int(row["place"]))]
