"""The dictionary with a search field: every field under its owner. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from contracts.dictionary import PARTS, Entry, entries, owner_about, owner_words
from contracts.model import Contracts, Label
from contracts.site import place
from contracts.site.fields import searched_table
from contracts.site.markup import Html, bullets, code, joined, tag
from contracts.site.place import Here
from contracts.site.search import search_field
from contracts.site.shell import Page

TITLE = Label("数据字典", "Data dictionary")
HINT = Label("字段、标签、含义、代码，中英文均可", "field, label, meaning or code, in either language")
COUNT = Label("个字段", "fields")


def page(contracts: Contracts) -> Page:
    """All feeds, kinds and marts."""
    return Page(place.DICTIONARY, TITLE, place.DICTIONARY, lambda here: _body(contracts, here))


def _body(contracts: Contracts, here: Here) -> Html:
    listed = entries(contracts)
    owned: dict[tuple[str, str], list[Entry]] = {}
    for entry in listed:
        owned.setdefault((entry.part, entry.owner), []).append(entry)
    sections = (_section(contracts, part, owner, found, here) for (part, owner), found in owned.items())
    return joined([search_field(here, HINT, COUNT, len(listed)), bullets(_contents(contracts, owned, here), "columns"), *sections], "\n")


def _contents(contracts: Contracts, owned: dict[tuple[str, str], list[Entry]], here: Here) -> Iterator[Html]:
    for part, owner in owned:
        label = owner_words(contracts, part, owner)
        yield joined([PARTS[part].get(here.lang), " · ", here.link(place.DICTIONARY, here.say(label), place.dictionary_anchor(part, owner))])


def _section(contracts: Contracts, part: str, owner: str, found: list[Entry], here: Here) -> Html:
    label, about = owner_words(contracts, part, owner), owner_about(contracts, part, owner)
    head = tag("h2", here.link(place.contract_path(part, owner), here.say(label)), " ", code(owner), id_=place.dictionary_anchor(part, owner))
    return tag("section", head, tag("p", here.say(about)) if about.en else "", searched_table(contracts, found, here), data_section=True)
