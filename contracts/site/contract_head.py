"""What a contract is for, who reads it, and its versions. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from contracts.dictionary import CLASSES, Entry
from contracts.model import Contracts, Feed, Kind, Label, Mart, ServiceLevel
from contracts.site import place, words
from contracts.site.markup import Html, code, joined, table, tag
from contracts.site.place import Here

VERSION, STATUS, CONSUMERS = Label("版本", "Version"), Label("状态", "Status"), Label("读者", "Consumers")
SUPPLIED, BECOMES, CLASS = Label("提供者", "Supplied by"), Label("转换为", "Becomes"), Label("字段分类", "Classes of fields")
PURPOSE, BASIS, LEVEL = Label("目的", "Purpose"), Label("法律依据", "Legal basis"), Label("服务水平", "Service level")
NO_LEVEL = Label("未承诺", "none promised")
STATUSES = {"active": Label("有效", "active")}
KEPT = Label("仍读取的旧版本", "Older versions that are still read")
SINCE = Label("现行版本", "The version in force")
UPCAST = Label("其余字段按相同编号沿用。", "Other fields are taken over by their id.")
OLD = {"version": VERSION, "columns": Label("列数", "Columns"), "upcast": Label("如何转为新版本", "How its rows become newer ones")}


def head(contracts: Contracts, part: str, name: str, found: Sequence[Entry], here: Here) -> list[tuple[str, str]]:
    """Names and what they are; `found`: the fields of it. What the dictionary tells of it besides is `contracts.dictionary_parts.facts`."""
    return [(here.say(label), text) for label, text in _head(contracts, part, name, found, here)]


def _head(contracts: Contracts, part: str, name: str, found: Sequence[Entry], here: Here) -> Iterator[tuple[Label, str]]:
    given = _contract(contracts, part, name)
    yield VERSION, given.version_text
    yield STATUS, STATUSES.get(given.status, Label(given.status, given.status)).get(here.lang)
    purposes = [contracts.marts[name].purpose] if part == "mart" else [each.purpose for each in found]
    yield PURPOSE, _coded(contracts, "purpose", purposes, here)
    if part != "mart":
        yield BASIS, _coded(contracts, "legal_basis", [each.legal_basis for each in found], here)
    yield (
        CLASS,
        here.words("、", ", ").join(f"{CLASSES[each].get(here.lang)} {count}" for each, count in _counted(entry.classification for entry in found).items()),
    )
    if part == "feed":
        feed = contracts.feeds[name]
        yield BECOMES, joined((_target(contracts, each, here) for each in dict.fromkeys(mapping.target for mapping in feed.mappings)), here.words("、", ", "))
        if feed.service_level in (None, ServiceLevel()):
            yield LEVEL, here.say(NO_LEVEL)
    elif part == "kind":
        links = (here.link(place.contract_path("feed", each), here.say(contracts.feeds[each].label)) for each in contracts.sources(name))
        yield SUPPLIED, joined(links, here.words("、", ", "))
    else:
        yield CONSUMERS, consumers(contracts, name, here)


def consumers(contracts: Contracts, mart: str, here: Here) -> str:
    """Who reads a mart, in words."""
    return here.words("、", ", ").join(here.say(each) for each in contracts.consumers(mart))


def _contract(contracts: Contracts, part: str, name: str) -> Feed | Kind | Mart:
    if part == "feed":
        return contracts.feeds[name]
    return contracts.kinds[name] if part == "kind" else contracts.marts[name]


def _counted(given: Iterable[str]) -> dict[str, int]:
    listed = list(given)
    return {each: listed.count(each) for each in CLASSES if each in listed}


def _coded(contracts: Contracts, codes: str, given: Iterable[str], here: Here) -> str:
    return here.words("、", ", ").join(here.say(words.coded(contracts, codes, each)) for each in dict.fromkeys(each for each in given if each))


def _target(contracts: Contracts, target: str, here: Here) -> Html:
    """A kind by its page; a fact has none."""
    return here.link(place.contract_path("kind", target), here.say(contracts.kinds[target].label)) if target in contracts.kinds else code(target)


def versions(contracts: Contracts, part: str, name: str, here: Here) -> Html:
    """The version in force, and of a feed those of which messages are still read."""
    now = tag("p", here.say(SINCE), here.words("：", ": "), tag("b", _contract(contracts, part, name).version_text))
    older = contracts.older.get(name, ()) if part == "feed" else ()
    rows = [[each.version_text, str(len(each.columns)), _upcast(contracts, each, here)] for each in older]
    return joined([now, *([tag("h3", here.say(KEPT)), table([here.say(each) for each in OLD.values()], rows)] if rows else [])])


def _upcast(contracts: Contracts, old: Feed, here: Here) -> str:
    steps = [
        joined([f"{newer.version_text}: ", joined((joined([code(column), " = ", code(sql)]) for column, sql in sorted(step.columns.items())), "; ")])
        for step, newer in contracts.upcast_to(old)
    ]
    return joined([*steps, " ", here.say(UPCAST)]) if steps else here.words("按其自己的规则和映射处理。", "They are read by its own rules and mapping.")
