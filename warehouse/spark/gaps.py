"""What DuckDB means and Spark says otherwise: one small rewriting of the tree per gap, each saying which it closes. Pure.

sqlglot translates spelling; these keep meaning. They run from the leaves to the root over a tree whose macros are written out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from sqlglot import exp

Gap = Callable[[exp.Expr], exp.Expr]
BITS = (exp.BitwiseAnd, exp.BitwiseOr, exp.BitwiseLeftShift, exp.BitwiseRightShift, exp.DPipe)
TYPES = {exp.DType.TIMESTAMP_MS: "TIMESTAMP_NTZ", exp.DType.TIMESTAMP: "TIMESTAMP_NTZ", exp.DType.UBIGINT: "DECIMAL(20, 0)"}
"""Moments have no zone with us, and Spark's plain timestamp has the session's; the digests of claims need 64 bits without a sign."""


def closed(tree: exp.Expr) -> exp.Expr:
    """The tree with every gap closed; it is changed in place where it can be."""
    for node in reversed(list(tree.walk())):
        gap = GAPS.get(type(node))
        if gap is None:
            continue
        made = gap(node)
        if made is not node:
            if node is tree:
                tree = made
            else:
                node.replace(made)
    return tree


def _call(name: str, *arguments: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this=name, expressions=list(arguments))


def _bracket(node: exp.Expr) -> exp.Expr:
    """A place in a list counts from 1 and gives null beyond the ends; Spark's counts from 0, and only `get` gives null."""
    return _call("get", node.this.copy(), exp.Sub(this=exp.Paren(this=node.expressions[0].copy()), expression=exp.Literal.number(1)))


def _type(node: exp.Expr) -> exp.Expr:
    """Types of the same meaning by another name."""
    found = TYPES.get(node.this)
    return exp.DataType.build(found, dialect="spark") if found else node


def _division(node: exp.Expr) -> exp.Expr:
    """`/` divides as floating point whatever the numbers are; Spark divides decimals as decimals, which rounds elsewhere."""
    return exp.Div(this=_double(node.this), expression=_double(node.expression), typed=True, safe=False)


def _double(node: exp.Expr) -> exp.Expr:
    return exp.Cast(this=node.copy(), to=exp.DataType.build("double"))


def _days(node: exp.Expr) -> exp.Expr:
    """`to_days(n)` makes an interval of a number."""
    nothing = exp.Literal.number(0)
    return _call("make_dt_interval", node.this.copy(), nothing, nothing.copy(), nothing.copy())


def _minutes(node: exp.Expr) -> exp.Expr:
    """`to_minutes(n)` makes an interval of a number."""
    nothing = exp.Literal.number(0)
    return _call("make_dt_interval", nothing, nothing.copy(), node.expressions[0].copy())


def _date_diff(node: exp.Expr) -> exp.Expr:
    """Boundaries crossed between two moments; Spark counts whole units, which between the beginnings of units are the same."""
    unit = exp.Var(this=node.args["unit"].name.upper())
    ends = [_call("date_trunc", exp.Literal.string(unit.name), each.copy()) for each in (node.expression, node.this)]
    return exp.Cast(this=_call("timestampdiff", unit, *ends), to=exp.DataType.build("bigint"))


def _widest(node: exp.Expr) -> exp.Expr:
    """`greatest` and `least` of one value are that value; Spark wants two."""
    return node if node.expressions else exp.Paren(this=node.this.copy())


def _numbered(node: exp.Expr) -> exp.Expr:
    """`row_number() over ()` is any number that no other row has; Spark would sort all rows in one task. Steps that do so are kept, so that a row has one number (`steps`)."""
    bare = isinstance(node.this, exp.RowNumber) and not node.args.get("partition_by") and not node.args.get("order")
    return exp.Paren(this=exp.Add(this=_call(UNORDERED), expression=exp.Literal.number(1))) if bare else node


UNORDERED = "monotonically_increasing_id"


def _star(node: exp.Expr) -> exp.Expr:
    """`* replace (x as a)`: all columns but `a`, then `a`. Its place changes, so what stands in a union must come from one select."""
    kept: list[exp.Expr] = []
    for each in node.expressions:
        star = each if isinstance(each, exp.Star) else each.this if isinstance(each, exp.Column) and isinstance(each.this, exp.Star) else None
        replaced = star.args.get("replace") if star is not None else None
        kept.append(each)
        if star is not None and replaced:
            star.set("replace", None)
            star.set("except_", [*(star.args.get("except_") or []), *(exp.to_identifier(one.alias, quoted=True) for one in replaced)])
            kept += [one.copy() for one in replaced]
    node.set("expressions", kept)
    return node


def _select(node: exp.Expr) -> exp.Expr:
    return _kept_order(_star(node))


def _kept_order(node: exp.Expr) -> exp.Expr:
    """`semi join x using (a)` filters; in Spark it puts `a` first besides, which a union would not forgive. `on` does not."""
    given = node.args.get("from_")
    left = given.this.alias_or_name if given is not None else ""
    for join in node.args.get("joins") or []:
        using = join.args.get("using")
        if using and join.kind in ("SEMI", "ANTI") and left and join.this.alias_or_name:
            pairs = [exp.EQ(this=exp.column(each.name, join.this.alias_or_name), expression=exp.column(each.name, left)) for each in using]
            join.set("using", None)
            join.set("on", exp.and_(*pairs, copy=False))
    return node


def _flatten(node: exp.Expr) -> exp.Expr:
    """A list among the lists that is null adds nothing; in Spark it makes the whole null."""
    return exp.Flatten(this=_call("filter", node.this.copy(), _lambda("part", exp.Not(this=exp.Is(this=exp.to_identifier("part"), expression=exp.Null())))))


def _lambda(name: str, body: exp.Expr) -> exp.Expr:
    return exp.Lambda(this=body, expressions=[exp.to_identifier(name)])


def _json_object(node: exp.Expr) -> exp.Expr:
    """A JSON object names its nulls, too."""
    pairs = [part.copy() for pair in node.expressions for part in (pair.this, pair.expression)]
    options = _call("map", exp.Literal.string("ignoreNullFields"), exp.Literal.string("false"))
    return _call("to_json", _call("named_struct", *pairs), options)


def _json_field(node: exp.Expr) -> exp.Expr:
    """A field of a JSON text; what is no JSON gives null by itself."""
    text = node.this
    while isinstance(text, (exp.Paren, exp.Cast)):
        text = text.this
    path = node.expression
    name = path.expressions[-1].this if isinstance(path, exp.JSONPath) else path.name
    return _call("get_json_object", text.copy(), exp.Literal.string(f"$.{name}"))


def _from_json(node: exp.Expr) -> exp.Expr:
    """The shape is told as a type, not as JSON."""
    shape = node.expression.name.strip('"').lower().replace("varchar", "string")
    return _call("from_json", node.this.copy(), exp.Literal.string(re.sub(r"(\w+)\[\]", r"array<\1>", shape).replace("(", "<").replace(")", ">")))


def _named(node: exp.Expr) -> exp.Expr:
    """Functions that sqlglot does not know."""
    known = NAMED.get(node.name.lower())
    return known(node) if known else node


def _list_sum(node: exp.Expr) -> exp.Expr:
    """The sum of a list; null of an empty one."""
    first, both = exp.Cast(this=exp.Null(), to=exp.DataType.build("bigint")), exp.Add(this=exp.to_identifier("sum"), expression=exp.to_identifier("part"))
    added = exp.Coalesce(this=both, expressions=[exp.to_identifier("sum"), exp.to_identifier("part")])
    return _call("aggregate", node.expressions[0].copy(), first, exp.Lambda(this=added, expressions=[exp.to_identifier("sum"), exp.to_identifier("part")]))


def _in_map(node: exp.Expr) -> exp.Expr:
    """The value of a key, null where there is none: Spark calls it otherwise, and its `get` is for lists alone."""
    return _call("try_element_at", *(each.copy() for each in node.expressions))


def _sorted(node: exp.Expr) -> exp.Expr:
    """Nulls come last in DuckDB's sorted lists, as in `array_sort`, but first in `sort_array`."""
    return _call("array_sort", node.this.copy())


def _distinct(node: exp.Expr) -> exp.Expr:
    """`list_distinct` drops nulls."""
    return _call("array_distinct", _call("array_compact", node.this.copy()))


def _list(node: exp.Expr) -> exp.Expr:
    """`list(x order by x)`: Spark's has no order, so the list is sorted when it is there; without any row it is null. Lists in another order, or of nulls, are refused by the lint."""
    inner = node.this
    return _call("nullif", _call("array_sort", _call("collect_list", inner.this.copy())), _call("array")) if isinstance(inner, exp.Order) else node


def _filter(node: exp.Expr) -> exp.Expr:
    """The condition of a sorted list belongs to what collects it."""
    collected = next((each for each in node.this.find_all(exp.Anonymous) if each.name == "collect_list"), None)
    if not isinstance(node.this, exp.Anonymous) or node.this.name != "nullif" or collected is None:
        return node
    collected.replace(exp.Filter(this=collected.copy(), expression=node.expression.copy()))
    return node.this.copy()


def _bits(node: exp.Expr) -> exp.Expr:
    """All these operators have one rank with us, and ranks of their own in Spark."""
    for side in ("this", "expression"):
        inner = node.args[side]
        if isinstance(inner, BITS) and type(inner) is not type(node):
            node.set(side, exp.Paren(this=inner.copy()))
    return node


NAMED: Mapping[str, Gap] = {"list_sum": _list_sum, "map_extract_value": _in_map, "to_minutes": _minutes}
GAPS: Mapping[type[exp.Expr], Gap] = {
    exp.Anonymous: _named,
    exp.ArrayAgg: _list,
    exp.ArrayDistinct: _distinct,
    exp.ArraySort: _sorted,
    exp.Bracket: _bracket,
    exp.DataType: _type,
    exp.DateDiff: _date_diff,
    exp.Div: _division,
    exp.Filter: _filter,
    exp.Flatten: _flatten,
    exp.FromJson: _from_json,
    exp.Greatest: _widest,
    exp.JSONExtractScalar: _json_field,
    exp.JSONObject: _json_object,
    exp.Least: _widest,
    exp.Select: _select,
    exp.ToDays: _days,
    exp.Window: _numbered,
    **dict.fromkeys(BITS, _bits),
}
