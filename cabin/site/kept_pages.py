"""Tables that the cabin keeps besides marts: the facts of history, and the results of checks. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from cabin.site.given import Given
from contracts.dictionary import CLASSES, entries, owner_about
from contracts.history_words import history_words
from contracts.model import Contracts, Label, Mart
from contracts.site import place
from contracts.site.fields import fields_table
from contracts.site.markup import Html, bullets, code, joined, table, tag
from contracts.site.place import Here
from contracts.site.shell import Page
from quality.promises.results import result_contract
from warehouse.history.layout import history_tables

HISTORY = Label("历史事实表", "Tables of history")
HISTORY_ABOUT = Label(
    "日志上的全部事实，只增不改，存于数据目录的 history；`cabin asof` 由此得出任一时刻的认识。",
    "Every fact the log ever told, append-only, in the data folder's history; `cabin asof` finds from it what was known at any moment.",
)
ATTRIBUTES = Label("每个类别一张表，另有该类别的各属性：", "One table a kind, with the kind's attributes besides:")
COLUMN, NAME, TYPE, CLASS, MEANING = Label("列", "Column"), Label("名称", "Label"), Label("类型", "Type"), Label("分类", "Class"), Label("含义", "Meaning")
CLAIM = "claim"


def pages(given: Given) -> list[Page]:
    """A page for all tables of history, and one for the table of results."""
    history = Page(place.table_path("history"), HISTORY, place.CONTRACTS, lambda here: joined(_history(given.released, here), "\n"))
    mart = result_contract()
    return [history, Page(place.table_path(mart.name), mart.label, place.CONTRACTS, lambda here: _alone(given.released, mart, here))]


def _history(contracts: Contracts, here: Here) -> Iterator[Html]:
    words, laid = history_words(), history_tables(contracts)
    yield tag("p", *(code(part) if at % 2 else part for at, part in enumerate(here.say(HISTORY_ABOUT).split("`"))))
    for name, told in words.tables.items():
        schema = laid[name if name != CLAIM else f"{CLAIM}_{min(contracts.kinds)}"].schema
        yield tag("h2", here.say(told.label), " ", code(name), id_=f"table-{name}")
        yield tag("p", here.say(told.about))
        listed = [(each, words.column(name, each.name)) for each in schema if each.name in words.columns or f"{name}.{each.name}" in words.columns]
        rows = [
            [code(each.name), here.say(said.label), code(str(each.type)), here.say(CLASSES[said.classification]), here.say(said.about)] for each, said in listed
        ]
        yield table([here.say(each) for each in (COLUMN, NAME, TYPE, CLASS, MEANING)], rows)
        if name == CLAIM:
            kinds = (here.link(place.contract_path("kind", each), code(f"{CLAIM}_{each}")) for each in sorted(contracts.kinds))
            yield joined([tag("p", here.say(ATTRIBUTES)), bullets(kinds, "links")])


def _alone(contracts: Contracts, mart: Mart, here: Here) -> Html:
    """A table that is described as marts are and is none, so that nothing rests on it."""
    only = replace(contracts, feeds={}, kinds={}, marts={mart.name: mart})
    return joined([tag("p", code(mart.name), " ", here.say(owner_about(only, "mart", mart.name))), fields_table(only, entries(only), here)], "\n")
