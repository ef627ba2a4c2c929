"""The page of a feed, a kind or a mart: what it is for, whose it is, its fields, what is promised of them, its versions, and the ways on. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from contracts.dictionary import entries, owner_about, owner_words
from contracts.dictionary_parts import MAPPING, RULES, facts, mapped, rules
from contracts.model import Contracts, Feed, Kind, Label, Mart, Promise
from contracts.site import place, words
from contracts.site.fields import fields_table
from contracts.site.markup import NONE, Html, bullets, code, joined, pairs, table, tag
from contracts.site.place import Here
from contracts.site.shell import Page
from contracts.topics import ENTITY, INBOX, RAW, pushed

FIELDS, PROMISES, RULED, BECOMES = Label("字段", "Fields"), Label("质量承诺", "Promises"), Label("规则", "Rules"), Label("映射", "Mapping")
VERSIONS, ON = Label("版本", "Versions"), Label("另见", "See also")
NOTHING_ASKED = Label("契约没有另外的承诺；检查套件由字段得出。", "The contract promises nothing besides; its suite follows from the fields.")
NO_LEVEL = Label("契约没有承诺服务水平。", "The contract promises no service level.")
LEVEL = Label("服务水平", "Service level")
PURPOSE, BASIS, STATUS = Label("目的", "Purpose"), Label("法律依据", "Legal basis"), Label("状态", "Status")
OWNER, CONSUMERS, SUPPLIED = Label("责任部门", "Owner"), Label("读者", "Consumers"), Label("提供者", "Supplied by")
PERSONAL = Label("个人字段", "Personal fields")
PURPOSES, BASES = "purpose", "legal_basis"


def pages(contracts: Contracts) -> list[Page]:
    """One for every feed, kind and mart, in the order of the dictionary; `contracts` holds the tables of kinds among the marts where those are to be told too."""
    named = [("feed", name) for name in sorted(contracts.feeds)] + [("kind", name) for name in sorted(contracts.kinds)]
    return [_page(contracts, part, name) for part, name in (*named, *(("mart", name) for name in sorted(contracts.marts)))]


def suite_for(contracts: Contracts, part: str, name: str) -> str:
    """The suite that looks at it: the table of a kind is looked at by the kind's."""
    kind = name.removesuffix("_current")
    return place.suite_of("kind", kind) if part == "mart" and kind in contracts.kinds else place.suite_of(part, name)


def _page(contracts: Contracts, part: str, name: str) -> Page:
    label = owner_words(contracts, part, name)
    title = Label(f"{words.PARTS[part].zh}：{label.zh}", f"{words.PARTS[part].en}: {label.en}")
    return Page(place.contract_path(part, name), title, place.CONTRACTS, lambda here: _body(contracts, part, name, here))


def _body(contracts: Contracts, part: str, name: str, here: Here) -> Html:
    about = owner_about(contracts, part, name)
    found = [entry for entry in entries_of(contracts, part, name)]
    parts = [
        tag("p", code(name), " ", here.say(about)),
        pairs([*_head(contracts, part, name, here), *facts(contracts, part, name, here.lang)]),
        tag("h2", here.say(ON)),
        bullets(_ways(contracts, part, name, here), "links"),
        tag("h2", here.say(FIELDS), id_="fields"),
        fields_table(contracts, found, here),
        *_promised(contracts, part, name, here),
        tag("h2", here.say(VERSIONS), id_="versions"),
        _versions(contracts, part, name, here),
    ]
    return joined(parts, "\n")


def entries_of(contracts: Contracts, part: str, name: str):  # type: ignore[no-untyped-def]
    return [entry for entry in entries(contracts) if (entry.part, entry.owner) == (part, name)]
