"""What a site is made of: values only, so that the same ones give the same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from cabin.site.monitors import Monitored
from cabin.site.results import Results
from contracts.asyncapi import document
from contracts.model import Contracts, Label
from contracts.pages.page import Page as Sent
from contracts.site.place import LANGUAGES
from contracts.site.topic_pages import Documents
from quality.promises.checks import Suite
from quality.promises.from_contracts import suites
from warehouse.catalogue import MartFile
from warehouse.lineage import Graph
from warehouse.promises import with_wide


@dataclass(frozen=True, slots=True)
class Published:
    """A snapshot's name and the moment it knows."""

    snapshot: str
    moment: str


@dataclass(frozen=True, slots=True)
class Card:
    """One scorecard: the name of its file below `scorecard/`, whose it is, its month as `2026-03`, and the page that is sent to the department, by language."""

    name: str
    department: Label
    month: str
    pages: Mapping[str, Sent]


@dataclass(frozen=True)
class Given:
    """`released`: the contracts without the tables of kinds; `partitions`: of every topic; `published` None: nothing is; `monitored` None: there is no log."""

    released: Contracts
    marts: Mapping[str, MartFile]
    at: datetime
    partitions: int
    published: Published | None = None
    results: Results = field(default_factory=Results)
    cards: tuple[Card, ...] = ()
    monitored: Monitored | None = None

    @cached_property
    def contracts(self) -> Contracts:
        """With the tables of kinds among the marts."""
        return with_wide(self.released)

    @cached_property
    def suites(self) -> tuple[Suite, ...]:
        return suites(self.released)

    @cached_property
    def graph(self) -> Graph:
        return Graph(self.released, self.marts)

    @cached_property
    def documents(self) -> Documents:
        return {lang: document(self.released, self.partitions, lang) for lang in LANGUAGES}

    @property
    def about(self) -> Label:
        """One line for the foot of every page."""
        when, digest = self.at.isoformat(sep=" ", timespec="minutes"), self.released.fingerprint[:12]
        zh, en = (
            (f"快照 {self.published.snapshot}", f"snapshot {self.published.snapshot}") if self.published else ("没有已发布的快照", "no snapshot is published")
        )
        return Label(f"生成于 {when}（北京时间）；契约摘要 {digest}；{zh}", f"Built {when} (Beijing time); contracts {digest}; {en}")
