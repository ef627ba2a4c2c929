"""Lineage as a person reads it: the steps from a column back to what departments deliver, or forward to whoever reads what rests on it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cabin.errors import ColumnUnknown
from cabin.session import Session
from contracts.model import CONSUMERS, Contracts
from contracts.subscribers import told_members, told_units
from contracts.topics import ENTITY
from warehouse.catalogue import mart_files
from warehouse.lineage import Graph, Step, near, resolved
from warehouse.lineage.sources import CLAIM, Column
from warehouse.promises import with_wide

STEPS = {"step": ("step", "步"), "table": ("table", "表"), "columns": ("columns", "列")}
DELIVERED = {"feed": ("feed", "数据源"), "department": ("department", "部门"), "column": ("column", "列"), "header": ("header", "表头")}
READERS = {"table": ("table or topic", "表或主题"), "columns": ("columns", "列"), "readers": ("readers", "读者")}
SUBSCRIBERS = ("subscribers", "订阅系统")


def show(session: Session, name: str, forward: bool) -> None:
    """Raises: `ColumnUnknown`."""
    graph = Graph(session.contracts, mart_files())
    column = resolved(graph, name, forward)
    if column is None:
        raise ColumnUnknown(name=name, near=", ".join(f"`{each}`" for each in near(graph, name)))
    steps = graph.forward(column) if forward else graph.back(column)
    out = session.out
    out.document["column"] = ".".join(column)
    out.document["edges"] = [{"column": ".".join(each.column), "step": each.depth, "over": [".".join(over) for over in each.over]} for each in steps]
    out.table("steps", STEPS, _by_table(steps))
    out.line("", "")
    if forward:
        _tell_readers(session, steps)
    else:
        _tell_delivered(session, steps)


def _by_table(steps: Sequence[Step]) -> list[tuple[int, str, str]]:
    listed: dict[tuple[int, str], list[str]] = {}
    for step in steps:
        listed.setdefault((step.depth, step.column[0]), []).append(step.column[1])
    return [(depth, table, ", ".join(columns)) for (depth, table), columns in listed.items()]


def _tell_delivered(session: Session, steps: Sequence[Step]) -> None:
    lang, feeds = session.settings.lang, session.contracts.feeds
    found = sorted((table.removeprefix("feed."), name) for table, name in (each.column for each in steps) if table.startswith("feed."))
    headers = {(feed.name, column.name): column.header for feed in feeds.values() for column in feed.columns}
    session.out.table("delivered", DELIVERED, [(feed, feeds[feed].department.get(lang), name, headers.get((feed, name), "")) for feed, name in found])
    if not found:
        session.out.line("no department delivers it: landing and normalising tell it themselves", "没有部门交付：由接收和标准化环节自行产生")


def _tell_readers(session: Session, steps: Sequence[Step]) -> None:
    contracts = with_wide(session.contracts)
    marts: dict[str, list[str]] = {}
    for table, name in (each.column for each in steps):
        if table.startswith("marts."):
            marts.setdefault(table.removeprefix("marts."), []).append(name)
    rows = [(name, ", ".join(columns), _readers(session, contracts, name)) for name, columns in marts.items()]
    rows += [(topic, ", ".join(names), session.out.text(*SUBSCRIBERS)) for topic, names in _topics(contracts, (each.column for each in steps))]
    session.out.table("readers", READERS, rows)
    if not rows:
        session.out.line("nobody reads what rests on it", "没有读者依赖该列")


def _readers(session: Session, contracts: Contracts, mart: str) -> str:
    """Who reads a mart; a machine gets the names of its contract."""
    return session.out.listed(contracts.marts[mart].consumers, contracts.code_lists[CONSUMERS].labels)


def _topics(contracts: Contracts, columns: Iterable[Column]) -> list[tuple[str, list[str]]]:
    """The topics of golden records that tell an attribute which is reached."""
    reached = set(columns)
    told = {
        f"{ENTITY}{kind.name}": [
            member.name for unit in told_units(kind) for member in told_members(unit) if (f"history.{CLAIM}{kind.name}", member.name) in reached
        ]
        for kind in contracts.kinds.values()
    }
    return [(topic, names) for topic, names in told.items() if names]
