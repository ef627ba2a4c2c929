"""A graph of datasets as SVG: every node is a link, every edge says what it joins. Pure."""

from __future__ import annotations

from cabin.site.flows import DEPARTMENT, Flows, Net
from cabin.site.layout import HEIGHT, WIDTH, Laid, laid_out
from contracts.history_words import history_words
from contracts.model import Label
from contracts.site import place
from contracts.site.markup import Html, joined, tag
from contracts.site.place import Here
from warehouse.lineage.sources import CLAIM

LAYERS = {
    "department": Label("部门", "Departments"),
    "feed": Label("数据源", "Feeds"),
    "history": Label("主张与事实", "Claims and facts"),
    "golden": Label("核定记录", "Golden records"),
    "marts": Label("数据集市", "Marts"),
}
AFTER = Label("由其计算", "Computed")
ROOM = 24
"""So many Latin letters fit into a node."""


def graph_svg(flows: Flows, net: Net, focus: str, here: Here) -> Html:
    """The whole drawing; `focus`: the node it is about, none where it is blank."""
    laid = laid_out(net)
    edges = joined((_edge(laid, source, made) for source, made in net.edges), "\n")
    nodes = joined((_node(flows, laid, name, focus, here) for name in net.layers), "\n")
    size = f"0 0 {laid.width:g} {laid.height:g}"
    told = here.words(f"{len(net.layers)} 个节点的血缘图", f"lineage of {len(net.layers)} nodes")
    drawn = tag(
        "svg", _layers(net, laid, here), edges, nodes, viewBox=size, width=f"{laid.width:g}", height=f"{laid.height:g}", data_graph=True, aria_label=told
    )
    return tag("div", drawn, class_="graph")


def _layers(net: Net, laid: Laid, here: Here) -> Html:
    """What stands in each layer."""
    parts = {layer: {name.partition(".")[0] for name, each in net.layers.items() if each == layer} for layer in laid.layers}
    words = ((x, LAYERS.get(next(iter(parts[layer])), AFTER) if len(parts[layer]) == 1 else AFTER) for layer, x in laid.layers.items())
    return joined(tag("text", here.say(label), x=f"{x + 2:g}", y="14", class_="layer") for x, label in words)


def _edge(laid: Laid, source: str, made: str) -> Html:
    (x, y), (to_x, to_y) = laid.corners[source], laid.corners[made]
    x, y, to_y = x + WIDTH, y + HEIGHT / 2, to_y + HEIGHT / 2
    bend = (to_x - x) / 2
    return tag("path", d=f"M{x:.1f},{y:.1f}C{x + bend:.1f},{y:.1f} {to_x - bend:.1f},{to_y:.1f} {to_x:.1f},{to_y:.1f}", data_from=source, data_to=made)


def _node(flows: Flows, laid: Laid, name: str, focus: str, here: Here) -> Html:
    x, y = laid.corners[name]
    label = here.say(label_of(flows, name))
    box = tag("rect", x=f"{x:.1f}", y=f"{y:.1f}", width=f"{WIDTH:g}", height=f"{HEIGHT:g}", rx="3")
    words = tag("text", _fitting(label), x=f"{x + 6:.1f}", y=f"{y + 15:.1f}")
    classes = f"{name.partition('.')[0]}{' focus' if name == focus else ''}"
    return tag("g", tag("a", tag("title", f"{label} ({name})"), box, words, href=href(flows, name, here)), class_=classes, data_node=name)


def _fitting(text: str) -> str:
    """Chinese letters are twice as broad."""
    room = ROOM
    for at, letter in enumerate(text):
        room -= 2 if ord(letter) > 0x2E00 else 1
        if room < 0:
            return f"{text[:at]}…"
    return text


def label_of(flows: Flows, name: str) -> Label:
    """What a dataset is called."""
    contracts = flows.contracts
    part, _, rest = name.partition(".")
    if name.startswith(DEPARTMENT):
        return next(each.department for each in contracts.feeds.values() if each.department.en == rest)
    if part == "feed":
        return contracts.feeds[rest].label
    kind = (
        contracts.kinds.get(rest.removeprefix(CLAIM)) if part == "history" else contracts.kinds.get(rest if part == "golden" else rest.removesuffix("_current"))
    )
    if kind is not None:
        ends = {"history": Label("主张", "claims"), "golden": Label("核定记录", "golden records")}.get(part, Label("现状", "current"))
        return Label(f"{kind.label.zh}{ends.zh}", f"{kind.label.en}, {ends.en}")
    if part == "history":
        return history_words().tables[rest].label
    return contracts.marts[rest].label if part == "marts" and rest in contracts.marts else Label(rest, rest)


def href(flows: Flows, name: str, here: Here) -> str:
    """Where a node leads: to the contract, for a mart to its own graph, for what has neither to its line in the list of datasets."""
    part, _, rest = name.partition(".")
    kind = rest if part == "golden" else rest.removeprefix(CLAIM)
    if part == "department":
        return here.href(place.CONTRACTS, "feed")
    if part == "feed":
        return here.href(place.contract_path("feed", rest))
    if part == "marts":
        return here.href(place.lineage_path("mart", rest))
    return here.href(place.contract_path("kind", kind)) if kind in flows.contracts.kinds else here.href(place.LINEAGE, name)
