"""All contracts: feeds by department, kinds, marts, code lists, with a search field. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from contracts.dictionary import owner_about, owner_words
from contracts.model import Contracts, Label
from contracts.site import place
from contracts.site.contract_head import consumers
from contracts.site.markup import Html, code, joined, table, tag
from contracts.site.place import Here
from contracts.site.search import said, search_field
from contracts.site.shell import Page

TITLE = Label("契约", "Contracts")
HINT, COUNT = Label("名称、标签、部门", "name, label or department"), Label("份", "contracts")
NAME, LABEL, WHO, VERSION, FIELDS = (
    Label("名称", "Name"),
    Label("标签", "Label"),
    Label("部门或读者", "Department or readers"),
    Label("版本", "Version"),
    Label("字段", "Fields"),
)
HEADS = {"feed": Label("数据源", "Feeds"), "kind": Label("信息类别", "Kinds"), "mart": Label("数据集市", "Marts")}
ABOUT = Label("说明", "Description")
TABLES = Label("参照表及其他", "Reference tables and others")
CODES, SIZE = Label("代码表", "Code lists"), Label("代码数", "Codes")
Row = tuple[Sequence[str], str]


def page(contracts: Contracts, tables: Sequence[Page] = ()) -> Page:
    """A line for each, and for each of these pages about tables besides."""
    return Page(place.CONTRACTS, TITLE, place.CONTRACTS, lambda here: _body(contracts, tables, here))


def _body(contracts: Contracts, tables: Sequence[Page], here: Here) -> Html:
    feeds = sorted(contracts.feeds.values(), key=lambda each: (each.department.en, each.name))
    kinds, marts = sorted(contracts.kinds.values(), key=lambda each: each.name), sorted(contracts.marts.values(), key=lambda each: each.name)
    lists = {
        "feed": [_row(contracts, "feed", each.name, here.say(each.department), each.version_text, len(each.columns), here) for each in feeds],
        "kind": [_row(contracts, "kind", each.name, ", ".join(contracts.sources(each.name)), each.version_text, len(each.attributes), here) for each in kinds],
        "mart": [_row(contracts, "mart", each.name, consumers(contracts, each.name, here), each.version_text, len(each.columns), here) for each in marts],
    }
    heads = [here.say(each) for each in (NAME, LABEL, WHO, VERSION, FIELDS, ABOUT)]
    count = sum(map(len, lists.values())) + len(contracts.code_lists) + bool(contracts.divisions) + len(tables)
    sections = [_section(part, HEADS[part], heads, rows, here) for part, rows in lists.items()]
    codes = _section("codes", CODES, [here.say(NAME), here.say(SIZE)], _codes(contracts, here), here)
    others = _section("tables", TABLES, [here.say(LABEL)], [_table_row(each, here) for each in tables], here)
    return joined([search_field(here, HINT, COUNT, count), *sections, codes, others], "\n")


def _table_row(page: Page, here: Here) -> Row:
    return [here.link(page.path, here.say(page.title))], f"{page.path} {page.title.zh} {page.title.en}"


def _row(contracts: Contracts, part: str, name: str, who: str, version: str, fields: int, here: Here) -> Row:
    label, about = owner_words(contracts, part, name), owner_about(contracts, part, name)
    cells = [here.link(place.contract_path(part, name), code(name)), here.say(label), who, version, str(fields), here.say(about)]
    return cells, f"{name} {label.zh} {label.en} {who} {about.zh} {about.en}"


def _codes(contracts: Contracts, here: Here) -> list[Row]:
    named = [(name, len(codes.labels)) for name, codes in sorted(contracts.code_lists.items())]
    named += [(place.DIVISIONS, len(contracts.divisions))] if contracts.divisions else []
    return [([here.link(place.code_path(name), code(name)), str(count)], name) for name, count in named]


def _section(anchor: str, title: Label, heads: Sequence[str], rows: Iterable[Row], here: Here) -> Html:
    listed = list(rows)
    spoken = [said(each) for _, each in listed]
    return tag("section", tag("h2", here.say(title), id_=anchor), table(heads, [cells for cells, _ in listed], spoken), data_section=True)
