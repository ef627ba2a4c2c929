"""What known contracts call things: headers to columns of feeds, labels to attributes of kinds; derived from the contracts, kept nowhere else."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from contracts.drafting.model import Likeness
from contracts.model import Contracts, Feed
from contracts.normalising.shared import TEXT, words_of

NEAR = 0.6
NAME = 0.95
"""From here on a header is known, not only near."""
READERS = {"address_key": "address", "credit_code": "credit", "division_code": "division", "industry_code": "industry", "dwelling_key": "address"}
"""What it says of a column when a contract reads it with such a macro."""
_READ = re.compile(rf"\b({'|'.join(READERS)})\((?:left\()?(\w+)")
_BLANK = re.compile(r"[\s\u200b-\u200f\u2060\ufeff]+")

Place = tuple[str, str]
"""A feed and one of its columns, or a kind and one of its attributes."""


def cleaned(header: str) -> str:
    """A header as it is compared, here and at landing: NFKC, without blanks and invisible characters, lower case."""
    return _BLANK.sub("", unicodedata.normalize("NFKC", header)).lower()


def likeness(one: str, other: str) -> float:
    """How like two headers are, 0 to 1: half by their characters, half by the characters they end with alike, because the noun stands last."""
    if not one or not other:
        return 0.0
    common = 2 * len(set(one) & set(other)) / (len(set(one)) + len(set(other)))
    ending = 0
    while ending < min(len(one), len(other)) and one[-1 - ending] == other[-1 - ending]:
        ending += 1
    return (common + ending / max(len(one), len(other))) / 2


@dataclass(frozen=True)
class Vocabulary:
    """The words of a release."""

    contracts: Contracts

    @cached_property
    def headers(self) -> Mapping[str, tuple[Place, ...]]:
        """Every header of every feed, cleaned."""
        found: dict[str, list[Place]] = {}
        for feed in self.contracts.feeds.values():
            for column in feed.columns:
                for word in dict.fromkeys(map(cleaned, (column.header, *column.other_headers))):
                    found.setdefault(word, []).append((feed.name, column.name))
        return {word: tuple(places) for word, places in found.items()}

    @cached_property
    def names(self) -> Mapping[str, tuple[Place, ...]]:
        """The names of all columns, which landing takes for headers too."""
        found: dict[str, list[Place]] = {}
        for feed in self.contracts.feeds.values():
            for column in feed.columns:
                found.setdefault(column.name, []).append((feed.name, column.name))
        return {word: tuple(places) for word, places in found.items()}

    @cached_property
    def labels(self) -> Mapping[str, tuple[Place, ...]]:
        """The labels of all attributes of kinds."""
        found: dict[str, list[Place]] = {}
        for kind in self.contracts.kinds.values():
            for attribute in kind.attributes:
                found.setdefault(cleaned(attribute.label.zh), []).append((kind.name, attribute.name))
        return {word: tuple(places) for word, places in found.items()}

    def knows(self, header: str) -> bool:
        word = cleaned(header)
        return word in self.headers or word in self.names or word in self.labels

    def meanings(self, header: str) -> dict[Place, float]:
        """The columns of known feeds that a header may mean, each with its likeness."""
        return _best(cleaned(header), self.headers, self.names)

    def attributes(self, header: str) -> dict[Place, float]:
        """The attributes of kinds that a header may mean, each with its likeness."""
        return _best(cleaned(header), self.labels, {})

    def like(self, headers: Sequence[str]) -> list[Likeness]:
        """The known feeds whose headers the file has, most alike first."""
        words = {cleaned(header) for header in headers}
        found = [Likeness(feed.name, _shared(feed, words), len(feed.columns), len(words)) for feed in self.contracts.feeds.values()]
        return sorted((each for each in found if each.shared), key=lambda each: (-each.share, each.feed))

    @cached_property
    def roles(self) -> Mapping[Place, str]:
        """What columns are read as: `subject`, `phone`, `address`, `credit`, `division`, `industry`, `date`; absent where nothing says it."""
        return {place: role for feed in self.contracts.feeds.values() for place, role in _roles(feed)}

    @cached_property
    def dated(self) -> frozenset[Place]:
        """The columns by which known feeds date their rows."""
        return frozenset(
            (feed.name, column.name)
            for feed in self.contracts.feeds.values()
            for column in feed.columns
            if any(column.name in words_of(sql) for sql in feed.observed_at)
        )

    def usual(self, role: str | None) -> str | None:
        """What known contracts call a column of this role most often; the shorter name where two are as frequent."""
        names = Counter(column for (_, column), each in self.roles.items() if each == role and role not in ("date", "division"))
        return min(names, key=lambda name: (-names[name], len(name), name), default=None)

    def spoken(self, place: Place) -> frozenset[str]:
        """The words that a feed's contract knows as values of a column, without leading zeros; empty where it knows none."""
        feed, column = self.contracts.feeds[place[0]], self.contracts.feeds[place[0]].column(place[1])
        words = {word for sql in expressions(feed) if column.name in sql for word in _compared(sql, column.name)}
        if column.code_list and column.code_list in self.contracts.code_lists:
            labels = self.contracts.code_lists[column.code_list].labels
            words |= {*labels, *(label.zh for label in labels.values())}
        return frozenset(word.lstrip("0") for word in words)


def expressions(feed: Feed) -> tuple[str, ...]:
    """Every piece of SQL of a feed's contract."""
    given = [*feed.observed_at, feed.area, feed.rank, feed.operation, feed.record, *(rule.holds for rule in feed.rules)]
    for mapping in feed.mappings:
        given += [mapping.entity, mapping.record, mapping.where, *(column.sql for column in mapping.columns)]
    return tuple(each for each in given if each)


def _best(word: str, *known: Mapping[str, tuple[Place, ...]]) -> dict[Place, float]:
    """Those of the very word; else of its own name; else of the nearest words."""
    for score, words in zip((1.0, NAME), known, strict=True):
        if word in words:
            return dict.fromkeys(words[word], score)
    found: dict[Place, float] = {}
    for other, places in known[0].items():
        score = likeness(word, other)
        if score >= NEAR:
            found |= {place: max(score * 0.9, found.get(place, 0.0)) for place in places}
    return found


def _shared(feed: Feed, words: set[str]) -> int:
    return sum(bool(words & set(map(cleaned, (column.name, column.header, *column.other_headers)))) for column in feed.columns)


def _roles(feed: Feed) -> Iterator[tuple[Place, str]]:
    """What the feed's own expressions say of its columns."""
    read = {column: READERS[macro] for sql in expressions(feed) for macro, column in _READ.findall(TEXT.sub("''", sql))}
    for column in feed.columns:
        role = (
            column.identifier if column.identifier and not column.identifier_when else "date" if column.type in ("date", "timestamp") else read.get(column.name)
        )
        if role:
            yield (feed.name, column.name), role


def _compared(sql: str, name: str) -> list[str]:
    """The quoted words that stand as values of a column: `case x when '...'`, `x in ('...')`, `code_of(x, ['...'])`, `x = '...'`."""
    word = re.escape(name)
    found = [each for part in re.findall(rf"\bcase {word}((?: when '[^']*' then (?:'[^']*'|\w+))+)", sql) for each in re.findall(r"when '([^']*)'", part)]
    lists = re.findall(rf"\b{word} (?:not )?in \(([^)]*)\)|\bcode_of\({word}, \[([^\]]*)\]", sql)
    found += [each for pair in lists for part in pair for each in re.findall(r"'([^']*)'", part)]
    return found + re.findall(rf"\b{word} = '([^']*)'", sql)
