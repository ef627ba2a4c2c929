"""Where pages of the site lie, and how one page names another. Pure.

A *path* is that of a page within a language, as `feed/ps_resident.html`; both languages have the same ones. Links are relative, so that the site works from any folder.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass

from contracts.model import Label
from contracts.site.markup import Html, tag

LANGUAGES = ("zh", "en")
START, CONTRACTS, DICTIONARY, SUITES, RESULTS = "index.html", "contracts.html", "dictionary.html", "suites.html", "results.html"
MONITORS, SCORECARDS, LINEAGE, TOPICS = "monitors.html", "scorecards.html", "lineage.html", "topics.html"
ASYNCAPI = "asyncapi.json"
DIVISIONS = "division"
"""Under this name the table of divisions has its page among the code lists."""


def contract_path(part: str, name: str) -> str:
    """The page of a feed, a kind or a mart (`part`)."""
    return f"{part}/{name}.html"


def code_path(name: str) -> str:
    return f"codes/{name}.html"


def table_path(name: str) -> str:
    """A released table that is no code list, or one that the cabin keeps besides marts."""
    return f"table/{name}.html"


def suite_path(suite: str) -> str:
    """By the suite's name, `marts/household`."""
    return f"suite/{suite}.html"


def suite_of(part: str, name: str) -> str:
    """The name of the suite that a contract gives."""
    return f"{ {'feed': 'feeds', 'kind': 'entities', 'mart': 'marts'}[part] }/{name}"


def lineage_path(part: str, name: str) -> str:
    """The graph of a feed (what rests on it) or of a mart (what it is made from)."""
    return f"lineage/{part}/{name}.html"


def monitor_path(feed: str) -> str:
    """What monitors watch of a feed."""
    return f"monitor/{feed}.html"


def topic_path(topic: str) -> str:
    return f"topic/{topic}.html"


def column_anchor(name: str) -> str:
    return f"column-{name}"


def check_anchor(name: str) -> str:
    return f"check-{name}"


def dictionary_anchor(part: str, owner: str) -> str:
    return f"{part}-{owner}"


@dataclass(frozen=True, slots=True)
class Here:
    """The page that is being written, in one language."""

    path: str
    lang: str

    def say(self, label: Label) -> str:
        return label.get(self.lang)

    def words(self, zh: str, en: str) -> str:
        return zh if self.lang == "zh" else en

    def href(self, path: str, anchor: str = "") -> str:
        """Another page of the same language, as this one names it."""
        end = f"#{anchor}" if anchor else ""
        return end if path == self.path and anchor else f"{posixpath.relpath(path, posixpath.dirname(self.path) or '.')}{end}"

    def link(self, path: str, shown: str, anchor: str = "") -> Html:
        return tag("a", shown, href=self.href(path, anchor))

    @property
    def twin(self) -> Here:
        """The same page in the other language."""
        return Here(self.path, "en" if self.lang == "zh" else "zh")

    @property
    def root(self) -> str:
        """The way up to what both languages share, with a slash at its end."""
        return "../" * (self.path.count("/") + 1)
