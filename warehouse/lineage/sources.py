"""From which columns a column is made: of marts found in their SQL, of wide tables and history told from the contracts. Pure.

A *column* here is (dataset, name); datasets are `feed.<feed>`, `history.<table>`, `golden.<kind>`, `marts.<mart>` and `relation.<relation>`: what marts read besides tables,
compiled from the contracts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from contracts.facts import FACTS
from contracts.model import Contracts, Feed, Kind
from contracts.model import Mapping as Mapped
from warehouse.catalogue import MartFile
from warehouse.promises import wide_mart
from warehouse.schema import tables
from warehouse.wide import SOURCE_COLUMNS, wide_name

if TYPE_CHECKING:
    from sqlglot import exp
    from sqlglot.optimizer import Scope

Column = tuple[str, str]
Sources = Mapping[str, frozenset[Column]]
"""By output column what it is made from; nothing for a constant or a count of rows."""
MOMENT = ("history.outcome", "recorded_at")
"""What marts call now is the newest of these."""
ROWS = "(rows)"
"""In place of a column's name: how many rows there are, which is what a count comes from."""
COUNTED: Column = ("", ROWS)
"""The rows of what a select reads, whatever that is."""
GOLDEN, CLAIM = "golden_", "claim_"
RECORDED = {*FACTS, "outcome", "quarantined"}
DIALECT = "duckdb"
UNION = "\nunion all\n"


def mart_sources(contracts: Contracts, file: MartFile, relations: Mapping[str, str]) -> Sources:
    """The columns a mart's select takes its values from, one step back. `relations`: the SQL of what it reads besides tables, by name.

    Empty where the SQL cannot be read by the parser; then only the datasets it reads are known.
    """
    made = select_sources(contracts, file.sql, file.reads, relations)
    return {name: frozenset(each for each in columns if each[1] != ROWS) for name, columns in made.items()}


def select_sources(contracts: Contracts, sql: str, reads: Sequence[str], relations: Mapping[str, str]) -> Sources:
    """The same of any select over what it `reads`; a column that counts rows comes from the `ROWS` of the datasets, too."""
    known = tuple((name, tuple(columns)) for name, columns in _columns(contracts, reads, relations).items())
    read = frozenset((dataset(contracts, name), ROWS) for name in reads)

    def spelled(column: Column) -> frozenset[Column]:
        if column == COUNTED:
            return read
        return frozenset([MOMENT if column[0] == "moment" else (dataset(contracts, column[0]), column[1])])

    return {name: frozenset().union(*(spelled(each) for each in made)) for name, made in _traced(sql, known).items()}


@lru_cache(maxsize=256)
def _traced(sql: str, known: tuple[tuple[str, tuple[str, ...]], ...]) -> Mapping[str, frozenset[Column]]:
    """By column of a select the columns of tables it is made from; `known`: the tables' columns. It costs more than many an export, and gives the same each hour."""
    from sqlglot import exp, parse_one
    from sqlglot.errors import SqlglotError
    from sqlglot.optimizer import build_scope
    from sqlglot.optimizer.qualify import qualify

    # what they are called matters, of which type they are does not
    schema: dict[str, object] = {name: dict.fromkeys(columns, "varchar") for name, columns in known}
    try:
        made = qualify(parse_one(sql, dialect=DIALECT), schema=schema, dialect=DIALECT, identify=False, validate_qualify_columns=False)
        if not isinstance(made, exp.Query):
            return {}
        scope = build_scope(made)
        return _leaves(made, scope)
    except (SqlglotError, ValueError):  # the latter where a column cannot be found
        return {}


def _leaves(made: exp.Query, scope: Scope | None) -> Mapping[str, frozenset[Column]]:
    """By column of a qualified select the columns of tables behind it, and `COUNTED` where rows are counted; selects are not cut down to a column, which copies each for every column."""
    from sqlglot import exp
    from sqlglot.lineage import lineage

    found: dict[str, frozenset[Column]] = {}
    for name, ending in lineage(None, made, schema={}, scope=scope, dialect=DIALECT, trim_selects=False).items():
        nodes = list(ending.walk())
        leaves = ((node.source, node.name) for node in nodes if not node.downstream)
        columns = {(source.name, column.rpartition(".")[2].strip('"')) for source, column in leaves if isinstance(source, exp.Table) and source.name}
        found[name] = frozenset(columns | ({COUNTED} if any(_counts(node.expression) for node in nodes) else set()))
    return found


def _counts(select: exp.Expr) -> bool:
    """Whether a column counts rows: `count(*)`, of whatever column."""
    from sqlglot import exp

    return not isinstance(select, exp.Query | exp.Table) and any(isinstance(each.this, exp.Star | None) for each in select.find_all(exp.Count))


def _columns(contracts: Contracts, reads: Sequence[str], relations: Mapping[str, str]) -> dict[str, Sequence[str]]:
    """The columns of everything that is read, as far as they are known."""
    kept, wide = tables(contracts), _wide(contracts)

    def named(name: str) -> Sequence[str]:
        if name == "moment":
            return ["known_at"]
        if name in kept:
            return list(kept[name].names)
        mart = wide_mart(contracts, wide[name]) if name in wide else contracts.marts.get(name)
        return [column.name for column in mart.columns] if mart else selected(relations.get(name, ""))

    return {name: columns for name in reads if (columns := named(name))}


@lru_cache(maxsize=256)
def selected(sql: str) -> tuple[str, ...]:
    """What a select names; nothing where the parser cannot tell. The first of a union names for all, and a union of all kinds is long."""
    from sqlglot import exp, parse_one
    from sqlglot.errors import SqlglotError

    try:
        made = parse_one(sql.partition(UNION)[0], dialect=DIALECT) if sql else None
    except SqlglotError:
        return ()
    names = tuple(made.named_selects) if isinstance(made, exp.Query) else ()
    return () if "*" in names else names


def dataset(contracts: Contracts, name: str) -> str:
    """The dataset behind a name in a mart's SQL."""
    if name == "moment":
        return MOMENT[0]
    if name in contracts.marts or name in _wide(contracts):
        return f"marts.{name}"
    if name.startswith(GOLDEN):
        return f"golden.{name.removeprefix(GOLDEN)}"
    claims = name.startswith(CLAIM) and name.removeprefix(CLAIM) in contracts.kinds
    return f"history.{name}" if claims or name in RECORDED else f"relation.{name}"


def _wide(contracts: Contracts) -> dict[str, Kind]:
    """The kinds by the name of their wide table."""
    return {wide_name(name): kind for name, kind in contracts.kinds.items()}


def wide_sources(contracts: Contracts, kind: Kind) -> Sources:
    """A kind's wide table from the claims and findings that the golden statement read."""
    claim = f"history.claim_{kind.name}"
    attributes = {each.name: frozenset({(claim, each.name), *_found(kind, each.name)}) for each in kind.attributes}
    found: dict[str, frozenset[Column]] = {
        name: frozenset({(claim, name)})
        for name in ("entity", "area", "observed_at", "person", "dwelling")
        if kind.name == "residency" or name not in ("person", "dwelling")
    }
    found |= {f"{source}__{name}": frozenset({(claim, name)}) for source in contracts.sources(kind.name) for name in SOURCE_COLUMNS}
    found |= attributes
    found["label"] = attributes.get(kind.title or "", frozenset())
    found["differs"] = frozenset(column for columns in attributes.values() for column in columns)
    for unit in kind.units:
        said = frozenset(column for member in unit.members for column in attributes[member.name])
        when = frozenset({(claim, "observed_at"), *([("history.finding", "observed_at")] if unit.visit else [])})
        version = frozenset({("history.finding", "finding")}) if unit.visit else frozenset()
        found |= {f"{unit.name}__{part}": said for part in ("status", "source", "agree", "differ")}
        found |= {f"{unit.name}__seen_at": when, f"{unit.name}__finding": version}
    return {column.name: found.get(column.name, frozenset()) for column in wide_mart(contracts, kind).columns}


def _found(kind: Kind, attribute: str) -> set[Column]:
    """A visit's findings speak for the attributes it may change."""
    return {("history.finding", "value")} if any(unit.visit and attribute in {member.name for member in unit.members} for unit in kind.units) else set()


def history_sources(contracts: Contracts, table: str) -> Sources:
    """A table of claims or facts from the columns that departments deliver; nothing for what landing and normalising tell themselves."""
    target = table.removeprefix(CLAIM)
    found: dict[str, set[Column]] = {}
    for feed in contracts.feeds.values():
        for mapping in feed.mappings:
            if mapping.target == target:
                for name, sql in _expressions(feed, mapping):
                    found.setdefault(name, set()).update((f"feed.{feed.name}", column) for column in _named(feed, sql))
    if target == "residency" and found:
        found["entity"] = found["person"] | found["dwelling"]
    return {name: frozenset(columns) for name, columns in found.items()}


def _expressions(feed: Feed, mapping: Mapped) -> Iterable[tuple[str, str]]:
    yield from ((column.name, column.sql) for column in mapping.columns)
    given = {"entity": mapping.entity, "record": mapping.record or feed.record, "area": feed.area, "rank": feed.rank, "withdraws": feed.operation}
    yield from ((name, sql) for name, sql in given.items() if sql)
    yield from (("observed_at", sql) for sql in feed.observed_at)


def _named(feed: Feed, sql: str) -> set[str]:
    """The feed's columns that an expression over its row names."""
    from sqlglot import tokenize

    columns = {column.name for column in feed.columns}
    return {token.text for token in tokenize(sql, dialect=DIALECT) if token.token_type.name != "STRING" and token.text in columns}
