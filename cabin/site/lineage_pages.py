"""Lineage: a graph of all, one for every mart and every feed, and the columns behind each column. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from cabin.site.flows import Flows, Net
from cabin.site.given import Given
from cabin.site.lineage_svg import graph_svg, href, label_of
from contracts.dictionary import owner_words
from contracts.model import Contracts, Label
from contracts.site import place
from contracts.site.markup import Html, code, joined, table, tag
from contracts.site.place import Here
from contracts.site.shell import Page
from warehouse.lineage.graph import ANY
from warehouse.lineage.sources import ROWS, Column

TITLE = Label("血缘", "Lineage")
HOW = Label("每个节点都是链接；指针所在节点的上下游会突出显示。", "Every node is a link; what hangs together with the one under the pointer is shown.")
DATASETS, NAME, LABEL, READS, READ_BY = (
    Label("全部数据集", "All datasets"),
    Label("数据集", "Dataset"),
    Label("标签", "Label"),
    Label("来自", "Made from"),
    Label("用于", "Read by"),
)
COLUMNS, COLUMN, DIRECT, DELIVERED = (
    Label("字段级血缘", "Column by column"),
    Label("列", "Column"),
    Label("上一步", "One step back"),
    Label("部门交付的列", "Columns that departments deliver"),
)
NOBODY = Label("没有部门交付：由方舱自行产生", "no department delivers it: the cabin makes it itself")
RESTS, MADE_INTO = Label("依赖它的数据集市列", "Columns of marts that rest on it"), Label("下一步", "One step on")
ANY_COLUMN, ANY_ROWS = Label("任一列", "any column"), Label("行数", "its rows")


def pages(given: Given) -> list[Page]:
    """The graph of all with the list of datasets, a page for every mart, the tables of kinds included, and one for every feed."""
    flows = Flows(given.graph)
    listed = Page(place.LINEAGE, TITLE, place.LINEAGE, lambda here: _whole(flows, here))
    named = [(BACK, name) for name in sorted(given.contracts.marts)] + [(ON, name) for name in sorted(given.contracts.feeds)]
    return [listed, *(_page(given.contracts, flows, way, name) for way, name in named)]


def _whole(flows: Flows, here: Here) -> Html:
    names = [name for name in flows.reads if not name.startswith("department.")]
    heads = [here.say(each) for each in (NAME, LABEL, READS, READ_BY)]
    rows = [[code(name), _link(flows, name, here), _links(flows, flows.reads[name], here), _links(flows, flows.read_by[name], here)] for name in names]
    drawn = graph_svg(flows, flows.whole(), "", here)
    return joined([tag("p", here.say(HOW)), drawn, tag("h2", here.say(DATASETS), id_="datasets"), table(heads, rows, [{"id": name} for name in names])], "\n")


def _link(flows: Flows, name: str, here: Here) -> Html:
    return tag("a", here.say(label_of(flows, name)), href=href(flows, name, here))


def _links(flows: Flows, names: Iterable[str], here: Here) -> Html:
    return joined((_link(flows, name, here) for name in sorted(names)), here.words("、", ", "))


@dataclass(frozen=True, slots=True)
class _Way:
    """One direction of lineage: of which part of the contracts its pages are, what they are called, which graph they draw, and the cells of a column under `heads`, its own first."""

    part: str
    node: str
    title: Label
    drawn: Callable[[Flows, str], Net]
    heads: tuple[Label, Label, Label]
    columns: Callable[[Contracts, str], Iterable[tuple[str, Label]]]
    cells: Callable[[Flows, Column, Here], tuple[str, str]]


def _behind(flows: Flows, own: Column, here: Here) -> tuple[str, str]:
    delivered = _columns(flows, flows.delivered(own), here) or here.say(NOBODY)
    return _columns(flows, sorted(flows.graph.made_from(own)), here), delivered


def _ahead(flows: Flows, own: Column, here: Here) -> tuple[str, str]:
    steps = flows.graph.forward(own)
    marts = Counter(each.column[0] for each in steps if each.column[0].startswith("marts."))
    rests = joined((joined([_link(flows, each, here), f" ({count})"]) for each, count in sorted(marts.items())), here.words("、", ", "))
    return _columns(flows, [each.column for each in steps if each.depth == 1], here), rests


BACK = _Way(
    "mart",
    "marts",
    Label("血缘：{0}", "Lineage: {0}"),
    Flows.behind,
    (COLUMN, DIRECT, DELIVERED),
    lambda contracts, name: ((each.name, each.label) for each in contracts.marts[name].columns),
    _behind,
)
ON = _Way(
    "feed",
    "feed",
    Label("依赖“{0}”的内容", "What rests on: {0}"),
    Flows.ahead,
    (COLUMN, MADE_INTO, RESTS),
    lambda contracts, name: ((each.name, Label(each.header, each.header)) for each in contracts.feeds[name].columns),
    _ahead,
)


def _page(contracts: Contracts, flows: Flows, way: _Way, name: str) -> Page:
    label = owner_words(contracts, way.part, name)
    title = Label(way.title.zh.format(label.zh), way.title.en.format(label.en))
    return Page(place.lineage_path(way.part, name), title, place.LINEAGE, lambda here: joined(_body(contracts, flows, way, name, here), "\n"))


def _body(contracts: Contracts, flows: Flows, way: _Way, name: str, here: Here) -> Iterator[Html]:
    node = f"{way.node}.{name}"
    yield _begin(contracts, way.part, name, here)
    yield graph_svg(flows, way.drawn(flows, node), node, here)
    yield tag("h2", here.say(COLUMNS), id_="columns")
    columns = list(way.columns(contracts, name))
    rows = [[_own(contracts, way.part, name, column, label, here), *way.cells(flows, (node, column), here)] for column, label in columns]
    yield table([here.say(each) for each in way.heads], rows, [{"id": place.column_anchor(column)} for column, _ in columns])


def _begin(contracts: Contracts, part: str, name: str, here: Here) -> Html:
    return joined(
        [tag("p", here.link(place.contract_path(part, name), here.say(owner_words(contracts, part, name))), " ", code(name)), tag("p", here.say(HOW))]
    )


def _own(contracts: Contracts, part: str, name: str, column: str, label: Label, here: Here) -> Html:
    return joined([here.link(place.contract_path(part, name), code(column), place.column_anchor(column)), tag("br"), here.say(label)])


def _columns(flows: Flows, columns: Iterable[Column], here: Here) -> Html:
    """By table: its name as a link, then its columns."""
    by_table: dict[str, list[str]] = {}
    for name, column in columns:
        by_table.setdefault(name, []).append(column)
    return joined((tag("div", _link(flows, name, here), here.words("：", ": "), _named(flows, name, found, here)) for name, found in by_table.items()))


def _named(flows: Flows, name: str, columns: Iterable[str], here: Here) -> Html:
    part, _, rest = name.partition(".")
    special = {ROWS: here.say(ANY_ROWS), ANY: here.say(ANY_COLUMN)}

    def shown(column: str) -> str:
        if column in special:
            return special[column]
        return here.link(place.contract_path("feed", rest), code(column), place.column_anchor(column)) if part == "feed" else code(column)

    return joined((shown(each) for each in columns), ", ")
