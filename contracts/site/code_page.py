"""A code list with its codes and the fields that use it; the table of divisions likewise. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from contracts.dictionary import Entry, entries, owner_words
from contracts.model import Contracts, Label
from contracts.site import place, words
from contracts.site.markup import NONE, Html, code, joined, table, tag
from contracts.site.place import Here
from contracts.site.search import said, search_field
from contracts.site.shell import Page

CODE, ZH, EN = Label("代码", "Code"), Label("中文", "Chinese"), Label("英文", "English")
USED, UNUSED = Label("使用该表的字段", "Fields that use it"), Label("没有字段直接引用该表。", "No field refers to it.")
DIVISIONS = Label("行政区划", "Divisions")
HINT, COUNT = Label("代码或名称", "code or name"), Label("个代码", "codes")
MANY = 40
"""Longer lists have a search field."""


def pages(contracts: Contracts) -> list[Page]:
    """One for each code list, and one for the divisions."""
    used: dict[str, list[Entry]] = {}
    for entry in entries(contracts):
        used.setdefault(entry.codes, []).append(entry)
    lists = [_page(contracts, name, Label(name, name), codes.labels, used.get(name, [])) for name, codes in sorted(contracts.code_lists.items())]
    return [*lists, _page(contracts, place.DIVISIONS, DIVISIONS, contracts.divisions, [])] if contracts.divisions else lists


def _page(contracts: Contracts, name: str, title: Label, codes: Mapping[str, Label], used: Sequence[Entry]) -> Page:
    shown = Label(f"{words.PARTS['codes'].zh} {title.zh}", f"{words.PARTS['codes'].en} {title.en}")
    return Page(place.code_path(name), shown, place.CONTRACTS, lambda here: _body(contracts, codes, used, here))


def _body(contracts: Contracts, codes: Mapping[str, Label], used: Sequence[Entry], here: Here) -> Html:
    rows = [[code(key), label.zh, label.en] for key, label in codes.items()]
    spoken = [said(key, label.zh, label.en) for key, label in codes.items()]
    listed = tag("section", table([here.say(each) for each in (CODE, ZH, EN)], rows, spoken), data_section=True)
    return joined(
        [search_field(here, HINT, COUNT, len(rows)) if len(rows) > MANY else NONE, listed, tag("h2", here.say(USED)), _used(contracts, used, here)], "\n"
    )


def _used(contracts: Contracts, used: Sequence[Entry], here: Here) -> Html:
    if not used:
        return tag("p", here.say(UNUSED))
    links = [
        tag(
            "li",
            here.say(owner_words(contracts, each.part, each.owner)),
            " · ",
            here.link(place.contract_path(each.part, each.owner), here.say(each.label), place.column_anchor(each.name)),
        )
        for each in used
    ]
    return tag("ul", *links, class_="columns")
