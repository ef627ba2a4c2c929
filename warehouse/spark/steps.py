"""A statement as Spark runs it: every named step a view of its own, in order, those that are read more than once kept.

Spark writes a named step out wherever it is read, so that a statement whose thirty steps read each other grows without bound; and it has no `union` in a recursive step.
A step is called after what it says: equal steps of several statements are made once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256

from sqlglot import exp

from warehouse.spark.dialect import read, written
from warehouse.spark.gaps import UNORDERED, closed
from warehouse.spark.macros import Macros

GROWN = "grown"
"""In `Step.again`: the rows found so far."""


@dataclass(frozen=True, slots=True)
class Step:
    """A view to make. `kept`: its rows are to be made once. `again`: what is to be added, over the rows of `GROWN`, until nothing new is found."""

    name: str
    sql: str
    kept: bool = False
    again: str | None = None


@dataclass(frozen=True, slots=True)
class Script:
    """The steps of a statement in order, and the select that reads them."""

    steps: tuple[Step, ...]
    select: str


def script(sql: str, macros: Macros) -> Script:
    """A statement of ours as Spark runs it. Raises: `sqlglot.errors.ParseError`."""
    steps: list[Step] = []
    tree = _lifted(closed(macros.inlined(read(sql))), {}, steps)
    select = written(tree)
    reads = Counter(name for text in (*_texts(steps), select) for name in _named(text, steps))
    kept = (replace(step, kept=step.kept or reads[step.name] > 1) for step in dict.fromkeys(steps))
    return Script(tuple(kept), select)


def _texts(steps: Iterable[Step]) -> Iterator[str]:
    for step in dict.fromkeys(steps):
        yield step.sql
        if step.again is not None:
            yield step.again


def _named(text: str, steps: Iterable[Step]) -> Iterator[str]:
    """The steps that a text reads, as often as it does."""
    for step in dict.fromkeys(steps):
        yield from [step.name] * text.count(step.name)


def _lifted(node: exp.Expr, scope: Mapping[str, str], steps: list[Step]) -> exp.Expr:
    """The node without named steps of its own: they are put into `steps`, and tables of their names are theirs. A name means the nearest step so called."""
    given = node.args.get("with_")
    if given is not None:
        scope = dict(scope)
        node.set("with_", None)
        for each in given.expressions:
            scope[each.alias] = _step(each.alias, each.this, scope, steps)
    for child in list(node.iter_expressions()):
        if isinstance(child, exp.Table) and not child.db and child.name in scope:
            if not child.alias:
                child.set("alias", exp.TableAlias(this=exp.to_identifier(child.name)))
            child.set("this", exp.to_identifier(scope[child.name]))
        else:
            _lifted(child, scope, steps)
    return node


def _step(name: str, body: exp.Expr, scope: Mapping[str, str], steps: list[Step]) -> str:
    """Puts a step into `steps`; gives the name of its view."""
    first, again = body, None
    if isinstance(body, exp.Union) and any(table.name == name and not table.db for table in body.expression.find_all(exp.Table)):
        first, again = body.this, written(_lifted(body.expression, {**scope, name: GROWN}, steps))
    sql = written(_lifted(first, scope, steps))
    made = f"{name}_{sha256(f'{sql} {again}'.encode()).hexdigest()[:12]}"
    steps.append(Step(made, sql, kept=again is not None or UNORDERED in sql.lower(), again=again))
    return made
