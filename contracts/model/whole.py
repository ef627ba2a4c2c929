"""All contracts of one release: `Contracts`."""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field

from contracts.model.feed import Feed, Mapping, Upcast
from contracts.model.kind import Kind
from contracts.model.mart import Mart
from contracts.model.words import CodeList, Label

MOST_SOURCES = 27
"""How many feeds may speak about one kind: so many fit beside each other into one integer (see `golden.basis`)."""


CONSUMERS = "consumer"
"""The code list of who reads marts and saved queries; their contracts and heads name the codes."""


@dataclass(frozen=True, slots=True)
class Contracts:
    """All contracts of one release. `tables` are the parameters that marts read (`contracts.codes_read.TABLES`). `fingerprint` is the SHA-256 of every file they were read from, rules.sql and code lists included."""

    feeds: MappingOf[str, Feed]
    kinds: MappingOf[str, Kind]
    marts: MappingOf[str, Mart]
    code_lists: MappingOf[str, CodeList]
    rules_sql: str
    fingerprint: str
    divisions: MappingOf[str, Label] = field(default_factory=dict)
    tables: MappingOf[str, tuple[tuple[str | None, ...], ...]] = field(default_factory=dict)
    older: MappingOf[str, tuple[Feed, ...]] = field(default_factory=dict)
    """Older major versions of feeds, by feed, the oldest first: messages on the log carry them."""
    _sources: MappingOf[str, tuple[str, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        named = sorted((mapping.target, name) for name in self.feeds for mapping in self._mappings(name))
        found: dict[str, dict[str, None]] = {}
        for target, name in named:
            found.setdefault(target, {})[name] = None
        object.__setattr__(self, "_sources", {target: tuple(names) for target, names in found.items()})

    @property
    def address_feeds(self) -> tuple[Feed, ...]:
        """The feeds that say under which key a dwelling is known at present, in name order: the address alias table is made from them."""
        return tuple(feed for _, feed in sorted(self.feeds.items()) if any(mapping.merged_into for mapping in feed.mappings))

    def worded(self, codes: str, code: str) -> Label:
        """A code in words; itself where its list does not know it, or there is no such list."""
        known = self.code_lists.get(codes)
        return known.labels.get(code, Label(code, code)) if known else Label(code, code)

    def consumers(self, mart: str) -> tuple[Label, ...]:
        """Who reads a mart, in words, in the order of its contract."""
        return tuple(self.worded(CONSUMERS, each) for each in self.marts[mart].consumers)

    def version_of(self, feed: str, version: int) -> Feed | None:
        """A feed as one of its major versions describes it; None where that version is not known here."""
        return next((each for each in (self.feeds.get(feed), *self.older.get(feed, ())) if each is not None and each.version == version), None)

    def upcast_to(self, feed: Feed) -> tuple[tuple[Upcast, Feed], ...]:
        """The steps by which rows of an older version become newer ones, as far as newer versions say how; none for a version that nobody upcasts."""
        steps: list[tuple[Upcast, Feed]] = []
        newer = [each for each in (*self.older.get(feed.name, ()), self.feeds.get(feed.name)) if each is not None]
        while found := next(((step, each) for each in newer[::-1] for step in each.upcasts if step.version == feed.version < each.version), None):
            steps.append(found)
            feed = found[1]
        return tuple(steps)

    def _mappings(self, feed: str) -> list[Mapping]:
        """The mappings by which rows of some version of a feed make claims."""
        kept = [each for each in self.older.get(feed, ()) if not self.upcast_to(each)]
        return [mapping for each in (self.feeds[feed], *kept) for mapping in each.mappings]

    def says(self, feed: str, kind: str) -> frozenset[str]:
        """The attributes of a kind that a feed can say anything about: those some version of it maps a column to, and that something is present."""
        return frozenset({"present", *(column.name for mapping in self._mappings(feed) if mapping.target == kind for column in mapping.columns)})

    def sources(self, kind: str) -> tuple[str, ...]:
        """The feeds with a mapping into `kind`, in name order: the order of every source bitmask."""
        return self._sources.get(kind, ())
