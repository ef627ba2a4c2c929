"""Where our SQL says something that Spark would not, or would say otherwise: findings with file, line, construct and what to write instead. Needs no Spark. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlglot import exp
from sqlglot.errors import ParseError

from contracts.golden import Relations, golden_sql, known_sql
from contracts.model import Contracts
from warehouse.build_sql import moment_sql
from warehouse.catalogue import mart_files
from warehouse.relations import relations
from warehouse.spark.allowed import FUNCTIONS, HINTS, NAMES, OPERATORS, OTHERWISE, SYNTAX, TYPES, UNITS
from warehouse.spark.dialect import read
from warehouse.spark.macros import Macros
from warehouse.wide import wide_sql

SOME_DAY = datetime(2026, 9, 1)
ONE = "number the rows in a total order and take the first (`qualify row_number() over (...) = 1`)"


@dataclass(frozen=True, slots=True)
class Text:
    """A statement of ours, and the file where it is written, or the one that compiles it."""

    file: str
    sql: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What would not be the same in Spark; `line` counts from 1 in the file, of compiled statements in the statement."""

    file: str
    line: int
    construct: str
    hint: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.construct}: {self.hint}"


def texts(contracts: Contracts) -> Iterator[Text]:
    """Every statement that has to run on Spark: marts, what they read, golden statements and wide tables of every kind."""
    for mart in mart_files().values():
        yield Text(f"warehouse/marts/{mart.name}.sql", mart.sql)
    yield Text("warehouse/build_sql.py (moment)", moment_sql())
    for name, relation in relations(contracts, SOME_DAY).items():
        yield Text(f"warehouse/relations.py ({name})", relation.sql)
        if relation.by_kind is not None:
            yield Text(f"warehouse/relations.py (kinds of {name})", relation.by_kind.whole)
    for kind in contracts.kinds.values():
        yield Text(f"contracts/golden ({kind.name})", golden_sql(kind, contracts, Relations.of(kind.name)))
        yield Text(f"contracts/golden (known {kind.name})", known_sql(kind, Relations.of(kind.name)))
        yield Text(f"warehouse/wide.py ({kind.name})", wide_sql(contracts, kind))


def linted(given: Iterable[Text], macros: Macros) -> list[Finding]:
    """The findings of all texts, in their order; macros that a text calls are looked into as well, at the line of the call."""
    return [finding for text in given for finding in _linted(text, macros)]


def _linted(text: Text, macros: Macros) -> Iterator[Finding]:
    try:
        tree = read(text.sql)
    except ParseError as error:
        told = error.errors[0]
        yield Finding(
            text.file,
            told.get("line") or 1,
            str(told.get("highlight") or "syntax"),
            "sqlglot cannot read this: another name or form (`force` is no name of a step)",
        )
        return
    for node in tree.walk():
        hint = _named(node, macros) if isinstance(node, exp.Anonymous) else _hint(node)
        if hint:
            yield Finding(text.file, _line(node, text.sql), _construct(node), hint)
    for call in [node for node in tree.walk() if isinstance(node, exp.Anonymous) and node.name.lower() in macros]:
        body = macros.inlined(call.copy())
        for node in body.walk():
            hint = OTHERWISE if isinstance(node, exp.Anonymous) and node.name.lower() not in NAMES else _hint(node)
            if hint:
                yield Finding(text.file, _line(call, text.sql), f"{call.name}, which uses {_construct(node)}", hint)


def _named(node: exp.Anonymous, macros: Macros) -> str | None:
    known = node.name.lower() in NAMES or node.name.lower() in macros
    return None if known else OTHERWISE


def _hint(node: exp.Expr) -> str | None:
    """What to write instead of a node; None where it may stand."""
    if isinstance(node, exp.Anonymous):
        return None
    if type(node) not in SYNTAX | OPERATORS | FUNCTIONS:
        return HINTS.get(type(node).__name__, OTHERWISE)
    rule = RULES.get(type(node))
    return rule(node) if rule else None


def _type(node: exp.Expr) -> str | None:
    return None if node.this in TYPES else "other engines have no such type: use one that warehouse/spark/allowed.py lists"


def _bracket(node: exp.Expr) -> str | None:
    place = node.expressions[0]
    if isinstance(place, exp.Literal) and place.is_string:
        return "take a field of a struct with a dot"
    return HINTS["Slice"] if isinstance(place, exp.Slice) else None


def _distinct(node: exp.Expr) -> str | None:
    return f"`distinct on` is DuckDB's: {ONE}" if node.args.get("on") else None


def _from(node: exp.Expr) -> str | None:
    return "a file or function is no table of ours" if isinstance(node.this, exp.Table) and not isinstance(node.this.this, exp.Identifier) else None


def _group(node: exp.Expr) -> str | None:
    return "one `select` a grouping, joined by `union all`" if any(node.args.get(name) for name in ("rollup", "cube", "grouping_sets")) else None


def _join(node: exp.Expr) -> str | None:
    if node.args.get("method"):
        return f"a join that is {node.args['method'].lower()} is DuckDB's: join by conditions and {ONE}"
    lateral = isinstance(node.this, exp.Lateral)
    return "a subquery that reads its neighbour: join by conditions" if lateral else None


def _list(node: exp.Expr) -> str | None:
    inner = node.this
    ordered = (
        isinstance(inner, exp.Order) and len(inner.expressions) == 1 and not inner.expressions[0].args.get("desc") and inner.expressions[0].this == inner.this
    )
    return None if ordered else "only `list(x order by x)` has the same order everywhere"


def _select(node: exp.Expr) -> str | None:
    if sum(isinstance(each.unalias(), exp.Explode) for each in node.expressions) > 1:
        return "one `unnest` in a select: unnest the other in a subquery"
    using = any(join.args.get("using") and join.kind not in ("SEMI", "ANTI") for join in node.args.get("joins") or [])
    qualified = any(isinstance(each, exp.Column) and isinstance(each.this, exp.Star) for each in node.expressions)
    if using and qualified and isinstance(node.parent, exp.Union):
        return "`t.*` has another order of columns behind a join with `using`, which a union goes by: join with `on`"
    joined = {(join.this.alias_or_name, each.name) for join in node.args.get("joins") or [] for each in join.args.get("using") or []}
    if node.args.get("qualify") and any((column.table, column.name) in joined for part in node.expressions for column in part.find_all(exp.Column)):
        return "Spark does not find one side's column of a join with `using` where there is `qualify`: give the side a column that says it is there, or join with `on`"
    return None


def _union(node: exp.Expr) -> str | None:
    if node.args.get("by_name"):
        return "a union goes by place: name the columns in one order"
    step = node.parent
    again = isinstance(step, exp.CTE) and any(table.name == step.alias for table in node.find_all(exp.Table))
    return "a recursive step is a set: join its parts with `union`" if again and not node.args.get("distinct") else None


def _sorted(node: exp.Expr) -> str | None:
    given = {name: exp.Boolean(this=said) for name, said in (("asc", True), ("nulls_first", False))}
    plain = all(node.args.get(name) in (None, said) for name, said in given.items())
    return None if plain else "only `list_sort(x)`, upwards, has the same order everywhere"


def _unit(node: exp.Expr) -> str | None:
    unit = node.args.get("unit")
    name = unit.name.upper().removesuffix("S") if unit is not None else ""
    return None if name in UNITS else f"units are {', '.join(sorted(UNITS)).lower()}"


def _window(node: exp.Expr) -> str | None:
    if node.args.get("spec"):
        return "say what a window holds by a join: frames end elsewhere at equal values"
    free = not node.args.get("order") and isinstance(node.this, (exp.Lag, exp.Lead, exp.FirstValue, exp.Rank))
    numbered = isinstance(node.this, exp.RowNumber) and not node.args.get("order")
    step = node.find_ancestor(exp.CTE)
    if numbered and not node.args.get("partition_by") and step is not None:
        return None  # any number will do, and a step is made once
    return "rows without an order have another each time: name a total order" if free or numbered else None


RULES: dict[type[exp.Expr], Callable[[exp.Expr], str | None]] = {
    exp.ArrayAgg: _list,
    exp.ArraySort: _sorted,
    exp.Bracket: _bracket,
    exp.DataType: _type,
    exp.DateDiff: _unit,
    exp.Distinct: _distinct,
    exp.From: _from,
    exp.Group: _group,
    exp.Interval: _unit,
    exp.Join: _join,
    exp.Select: _select,
    exp.TimestampTrunc: _unit,
    exp.Union: _union,
    exp.Window: _window,
}


def _line(node: exp.Expr, sql: str) -> int:
    """The line where a node, or the first of its parts that knows its line, stands; of a function without parts where its name first does, else that of what it is in."""
    for each in node.walk(bfs=False):
        if "line" in each.meta:
            return int(each.meta["line"])
    if isinstance(node, exp.Func):
        for name in node.sql_names():
            before, found, _ = sql.lower().partition(name.lower())
            if found:
                return before.count("\n") + 1
    return _line(node.parent, sql) if node.parent is not None else 1


def _construct(node: exp.Expr) -> str:
    """The node as it is written, shortened."""
    text = " ".join(node.sql(dialect="duckdb").split())
    return text if len(text) <= 80 else f"{text[:77]}..."
