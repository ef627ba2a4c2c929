"""The page of a feed, a kind or a mart: what it is for, whose it is, its fields, what is promised of them, its versions, and the ways on. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from contracts.dictionary import Entry, entries, owner_about, owner_words
from contracts.dictionary_parts import facts
from contracts.model import Contracts, Label
from contracts.site import place, words
from contracts.site.contract_head import head, versions
from contracts.site.contract_promises import promised
from contracts.site.fields import fields_table
from contracts.site.markup import Html, bullets, code, joined, pairs, tag
from contracts.site.place import Here
from contracts.site.shell import Page
from contracts.topics import ENTITY, INBOX, RAW, pushed

FIELDS, VERSIONS, ON = Label("字段", "Fields"), Label("版本", "Versions"), Label("另见", "See also")


def pages(contracts: Contracts) -> list[Page]:
    """One for every feed, kind and mart, in the order of the dictionary; `contracts` holds the tables of kinds among the marts where those are to be told too."""
    owned: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries(contracts):
        owned.setdefault((entry.part, entry.owner), []).append(entry)
    return [_page(contracts, part, name, found) for (part, name), found in owned.items()]


def suite_for(contracts: Contracts, part: str, name: str) -> str:
    """The suite that looks at it: at the table of a kind looks the kind's."""
    kind = name.removesuffix("_current")
    return place.suite_of("kind", kind) if part == "mart" and kind in contracts.kinds else place.suite_of(part, name)


def _page(contracts: Contracts, part: str, name: str, found: Sequence[Entry]) -> Page:
    label = owner_words(contracts, part, name)
    title = Label(f"{words.PARTS[part].zh}：{label.zh}", f"{words.PARTS[part].en}: {label.en}")
    return Page(place.contract_path(part, name), title, place.CONTRACTS, lambda here: _body(contracts, part, name, found, here))


def _body(contracts: Contracts, part: str, name: str, found: Sequence[Entry], here: Here) -> Html:
    parts = [
        tag("p", code(name), " ", here.say(owner_about(contracts, part, name))),
        pairs([*head(contracts, part, name, found, here), *facts(contracts, part, name, here.lang)]),
        tag("h2", here.say(ON)),
        bullets(_ways(contracts, part, name, here), "links"),
        tag("h2", here.say(FIELDS), id_="fields"),
        fields_table(contracts, found, here),
        *promised(contracts, part, name, here),
        tag("h2", here.say(VERSIONS), id_="versions"),
        versions(contracts, part, name, here),
    ]
    return joined(parts, "\n")


def _ways(contracts: Contracts, part: str, name: str, here: Here) -> Iterator[Html]:
    yield here.link(place.DICTIONARY, here.words("数据字典条目", "Dictionary entry"), place.dictionary_anchor(part, name))
    suite = suite_for(contracts, part, name)
    yield here.link(place.suite_path(suite), here.words(f"检查套件 {suite}", f"Suite {suite}"))
    if part == "kind":
        table_of = f"{name}_current"
        if table_of in contracts.marts:
            yield here.link(place.contract_path("mart", table_of), here.words(f"数据表 {table_of}", f"Table {table_of}"))
        yield here.link(place.LINEAGE, here.words("血缘", "Lineage"), f"history.claim_{name}")
    else:
        yield here.link(place.lineage_path(part, name), here.words("血缘图", "Lineage graph"))
    if part == "feed":
        yield here.link(place.monitor_path(name), here.words("监测", "Monitors"))
    for topic in _topics(contracts, part, name):
        yield here.link(place.topic_path(topic), here.words(f"主题 {topic}", f"Topic {topic}"))


def _topics(contracts: Contracts, part: str, name: str) -> list[str]:
    if part == "feed":
        return [f"{RAW}{name}", *([f"{INBOX}{name}"] if pushed(contracts.feeds[name]) else [])]
    return [f"{ENTITY}{name}"] if part == "kind" else []
