"""The macros of contracts/rules.sql, which Spark does not have, written out where they are called: an aggregate among them could be no function of Spark's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlglot import exp

from contracts.engine import MACRO
from warehouse.spark.dialect import read


@dataclass(frozen=True, slots=True)
class Macro:
    """A macro: the names of its parameters, and the expression it stands for."""

    parameters: tuple[str, ...]
    body: exp.Expr


class Macros:
    """The macros that a text of rules defines, read when they are first called."""

    def __init__(self, rules_sql: str) -> None:
        self._texts: Mapping[str, str] = {match[1]: match[0] for match in MACRO.finditer(rules_sql)}
        self._read: dict[str, Macro] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._texts

    def inlined(self, tree: exp.Expr) -> exp.Expr:
        """The tree with every call of a macro written out, also of those that macros call; it is changed in place where it can be."""
        for call in [each for each in reversed(list(tree.walk())) if isinstance(each, exp.Anonymous) and each.name.lower() in self._texts]:
            body = exp.Paren(this=self._body(call))
            if call is tree:
                return body
            call.replace(body)
        return tree

    def _body(self, call: exp.Anonymous) -> exp.Expr:
        macro = self._macro(call.name.lower())
        given = dict(zip(macro.parameters, call.expressions, strict=True))
        return _filled(macro.body.copy(), given)

    def _macro(self, name: str) -> Macro:
        if name not in self._read:
            made = read(self._texts[name])
            assert isinstance(made, exp.Create) and isinstance(made.this, exp.UserDefinedFunction)
            parameters = tuple(each.name for each in made.this.expressions)
            self._read[name] = Macro(parameters, self.inlined(made.expression.copy()))
        return self._read[name]


def _filled(body: exp.Expr, given: Mapping[str, exp.Expr]) -> exp.Expr:
    """The body with the arguments in place of the parameters; `a.value` of a parameter `a` is a field of its argument."""
    for column in [each for each in reversed(list(body.walk())) if isinstance(each, exp.Column)]:
        if column.table in given:
            argument: exp.Expr = exp.Dot(this=_closed(given[column.table]), expression=column.this.copy())
        elif not column.table and column.name in given:
            argument = _closed(given[column.name])
        else:
            continue
        if column is body:
            return argument
        column.replace(argument)
    return body


def _closed(argument: exp.Expr) -> exp.Expr:
    """A copy of an argument that no operator beside it can tear apart."""
    return argument.copy() if isinstance(argument, (exp.Column, exp.Dot, exp.Func, exp.Literal, exp.Paren)) else exp.Paren(this=argument.copy())
