"""A site to look at: of all shipped contracts and a made-up feed whose texts are traps, with results of three runs; and what a reader of its files needs."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from html.parser import HTMLParser
from pathlib import Path

from cabin.site.given import Card, Given, Published
from cabin.site.monitors import Alarm, Monitored, Watched
from cabin.site.results import results_in
from cabin.site.whole import files
from contracts.model import Contracts, Label, Upcast
from contracts.pages.charts import Span, bars
from contracts.pages.page import Charts, Heading, Tiles, Words
from contracts.pages.page import Page as Sent
from contracts.read import load
from quality.promises.checks import Suite
from quality.promises.from_contracts import suites
from quality.promises.outcomes import Outcome, Status
from quality.promises.results import Run, keep, mark
from warehouse.catalogue import mart_files

SAMPLE = Path(__file__).parents[2] / "contracts" / "samples" / "hostel_guest.yaml"
TRAP = "<script>alert(1)</script>\"'&amp;]]>"
"""Text that would be markup where it is not escaped."""
AT = datetime(2026, 3, 1, 8, 0)
SECRET = "PERSONAL-VALUE-4711"
"""Stands in the keys of failing rows, which no page may show."""
VOID = frozenset({"meta", "link", "input", "br", "hr"})
LANGUAGES = ("zh", "en")


def contracts_with_trap(folder: Path) -> Contracts:
    """The shipped contracts, and a feed whose label, department, header, descriptions and rule are traps; it has an older version, too."""
    text = SAMPLE.read_text(encoding="utf-8")
    for given in ("宿舍住宿登记", "Hostel guests", "某公司", "A company", "The hostel's own number.", "有房号无区划", "身份证号"):
        assert given in text
        text = text.replace(f"{given}", f"__{given}__")
    for given in ("宿舍住宿登记", "Hostel guests", "某公司", "A company", "有房号无区划", "身份证号"):
        text = text.replace(f"__{given}__", _yaml(given + TRAP))
    text = text.replace("__The hostel's own number.__", _yaml("The hostel's own number." + TRAP))
    file = folder / "hostel_guest.yaml"
    file.write_text(text, encoding="utf-8")
    made = load(extra=(file,))
    feed = made.feeds["hostel_guest"]
    newer = replace(feed, version=2, version_text="2.0.0", upcasts=(Upcast(1, {"room": "upper(room)"}),))
    return replace(made, feeds={**made.feeds, feed.name: newer}, older={feed.name: (feed,)})


def _yaml(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def given(folder: Path) -> Given:
    """Of three runs: everything kept but three checks; of those one failed, one warned, one could not be judged."""
    made = contracts_with_trap(folder)
    listed = suites(made)
    for run in range(3):
        kept = Run(AT - timedelta(hours=3 - run), f"00000{run + 1}", tuple(outcomes(listed, run)))
        keep(folder / "quality", kept)
        mark(folder / "quality", kept, made.fingerprint if run else "of another release")
    cards = (Card("police-station_2026-02", Label("公安派出所", "police station"), "2026-02", {lang: sent(lang) for lang in LANGUAGES}),)
    published = Published("000003", "2026-03-01T07:00:00.000")
    return Given(made, mart_files(), AT, 2, published, results_in(folder / "quality"), cards, monitored())


def monitored() -> Monitored:
    """Of one feed three series on its newest day: one out of bounds, one that is so and explained by it, one that nobody can judge yet."""
    many = Watched("hostel_guest", "increment", "", "volume", "", AT.date(), 300.0, 90.0, 110.0, 14, (100.0,) * 14, beyond=True)
    other = replace(many, field="room", monitor="distinct", value=280.0)
    young = Watched("hostel_guest", "increment", "room", "share", TRAP, AT.date(), 0.25, None, None, 3, (0.2, 0.3, 0.25))
    alarm = Alarm(many, Label("当日行数 300，通常为 90 至 110", "300 rows on the day, usually 90 to 110"))
    return Monitored(AT, (alarm,), {"hostel_guest": (many, other, young)}, (Label("已判断：数据源 1 个", "judged: 1 feeds"),))


def sent(lang: str) -> Sent:
    """The page of a scorecard with a trap in its words."""
    title = {"zh": "数据质量记分卡 公安派出所 2026-02", "en": "Quality scorecard police station 2026-02"}[lang]
    parts = (Tiles((("rows", 12),)), Charts((bars(Span("rows", "2026-01", "2026-02"), [3, 12]),)), Heading(TRAP), Words(TRAP))
    return Sent(lang, title, f"line {TRAP}", parts, f"foot {TRAP}")


FAILED, WARNED, ERRED = ("marts/household", 1), ("feeds/ps_resident", 0), ("entities/person", 2)
"""Suites and the numbers of those checks in them."""


def outcomes(listed: tuple[Suite, ...], run: int) -> Iterator[Outcome]:
    for suite in listed:
        for number, check in enumerate(suite.checks):
            if (suite.name, number) in (FAILED, WARNED) and run:
                yield Outcome(suite, check, Status.FAILED, 1000, 17 * run, ({"key": SECRET},))
            elif (suite.name, number) == ERRED:
                yield Outcome(suite, check, Status.ERROR, None, None, fault="Binder Error")
            else:
                yield Outcome(suite, check, Status.PASSED, 1000, 0)


@dataclass
class Read(HTMLParser):
    """One page as a browser takes it: elements that do not close as they opened are told in `faults`."""

    text: str
    ids: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    loaded: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    classes: list[str] = field(default_factory=list)
    attributes: set[str] = field(default_factory=set)
    lang: str = ""

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[str] = []
        self.feed(self.text)
        self.close()
        self.faults += [f"<{each}> is not closed" for each in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_startendtag(tag, attrs)
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.faults += [f"<{tag}> has an attribute twice"] if len(given) < len(attrs) else []
        self.attributes |= set(given)
        self.ids += [given["id"] or ""] if "id" in given else []
        self.classes += (given.get("class") or "").split()
        if tag == "html":
            self.lang = given.get("lang") or ""
        if tag == "a":
            self.links.append(given.get("href") or "")
        elif tag == "link" or "src" in given:
            self.loaded.append(given.get("href") or given.get("src") or "")

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.faults.append(f"</{tag}> closes nothing")

    def handle_data(self, data: str) -> None:
        self.said.append(data)

    @property
    def words(self) -> str:
        return " ".join(" ".join(self.said).split())


@dataclass
class Site:
    """All files by path, and its pages as they read."""

    made_of: Given
    files: Mapping[str, bytes]

    @cached_property
    def pages(self) -> Mapping[str, Read]:
        return {path: Read(content.decode()) for path, content in self.files.items() if path.endswith(".html")}

    def target(self, path: str, link: str) -> tuple[str, str]:
        """The file that a link of a page names, and the anchor in it."""
        name, _, anchor = link.partition("#")
        return (posixpath.normpath(posixpath.join(posixpath.dirname(path), name)) if name else path), anchor

    def write(self, folder: Path) -> Path:
        for path, content in self.files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        return folder


def site_in(folder: Path) -> Site:
    made_of = given(folder)
    return Site(made_of, dict(files(made_of)))
