"""Whether the SQL of a contract binds: every expression is put before DuckDB, a feed's over an empty raw relation, a condition of a kind or mart over an empty table of its columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import duckdb

from contracts.check_kind import current_columns
from contracts.check_quality import entries
from contracts.codes_read import DIVISIONS, code_lists_of, labels_of, texts_of
from contracts.database import connect
from contracts.engine import prepare
from contracts.facts import SQL_TYPES
from contracts.model import Contracts
from contracts.odcs import ATTRIBUTE_TYPES, LOGICAL_TYPES
from contracts.problems import Problem
from contracts.yaml_nodes import Lines, Node


class Judged(NamedTuple):
    """A document under judgement: what its file is called, its tree, its lines, and the layouts of older versions of the feed by version."""

    file: str
    root: Node
    lines: Lines
    older: Mapping[int, Node] = MappingProxyType({})


class Expression(NamedTuple):
    """One piece of SQL in a contract, whether it must be a condition, and which relation it reads."""

    node: Node
    condition: bool
    relation: str


Expressions = Callable[[Node], Iterable[Expression]]
TABLE = "whole_table"
"""What the conditions of a kind or a mart read."""


def sql_problems(documents: Sequence[tuple[Judged, Expressions]], folder: Path, codes: Sequence[Path]) -> list[Problem]:
    """Expressions that do not bind, or give something other than true and false where a condition is wanted."""
    if not documents:
        return []
    rules = folder / "rules.sql"
    try:
        engine = _engine(rules.read_text(encoding="utf-8") if rules.exists() else "", tuple(sorted(texts_of(codes).items())))
    except duckdb.Error as fault:  # everything else would follow from it, so it is told alone
        return [Problem(rules.name, 1, "sql-does-not-bind", (("detail", _first_line(fault)),))]
    with engine.cursor() as con:
        return [problem for judged, expressions in documents for problem in _document_problems(con, judged, list(expressions(judged.root)))]


@lru_cache(maxsize=4)
def _engine(rules: str, codes: tuple[tuple[str, str], ...]) -> duckdb.DuckDBPyConnection:
    """An in-memory database with macros and code lists, made once per state of their files."""
    known = {name: text for name, text in codes if _readable(text)}
    divisions = labels_of(known[DIVISIONS]) if DIVISIONS in known else {}
    con = connect()
    prepare(con, Contracts({}, {}, {}, code_lists_of(known), rules, "", divisions))
    return con


def _readable(text: str) -> bool:
    return {"code", "zh", "en"} <= set(text.split("\n", 1)[0].strip().split(","))


def _document_problems(con: duckdb.DuckDBPyConnection, judged: Judged, expressions: Sequence[Expression]) -> Iterator[Problem]:
    schema = next(iter(judged.root["schema"]), Node(None))
    layouts = [("raw", schema), *((f"raw_v{version}", layout) for version, layout in judged.older.items())]
    relations: dict[str, Iterable[tuple[str, str]]] = {name: columns for relation, layout in layouts for name, columns in _relations(relation, layout)}
    for relation, columns in relations.items():
        con.execute(_relation_sql(relation, columns))
    if any(each.relation == TABLE and each.node.text for each in expressions):
        relations[TABLE] = list(_typed(con, schema))
        con.execute(_relation_sql(TABLE, relations[TABLE]))
    given = [each for each in expressions if each.node.text and each.relation in relations]
    if all(_binds(con, given, relation) for relation in relations):
        return
    for each in given:
        fault = _fault(con, each)
        if fault:
            yield Problem(judged.file, judged.lines.at(each.node.path), *fault)


def _relations(relation: str, layout: Node) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """The columns SQL may use: those of the layout as text, with what the check said beside identifiers; `minors` in reduced rows."""
    columns: list[tuple[str, str]] = []
    for item in layout["properties"]:
        name = item["name"].text
        columns.append((name, "VARCHAR"))
        if item["classification"].text == "identifier" or item.custom("identifier"):
            columns += [(f"{name}_check", "VARCHAR"), (f"{name}_sex_agrees", "BOOLEAN"), (f"{name}_birth_agrees", "BOOLEAN")]
    yield relation, columns
    yield f"{relation}_minors", [*columns, ("minors", "INTEGER")]


def _typed(con: duckdb.DuckDBPyConnection, schema: Node) -> Iterator[tuple[str, str]]:
    """The columns of a mart, or of a kind's current table, with their types; one whose type nobody knows is told by itself and left out here."""
    yield from ((name, "VARCHAR") for name in current_columns(schema["name"].text))
    for item in schema["properties"]:
        given = item["physicalType"].text or LOGICAL_TYPES.get(item["logicalType"].text, "text")
        type_ = SQL_TYPES[given] if given in ATTRIBUTE_TYPES else given
        if _fault(con, Expression(Node(f"CAST(NULL AS {type_})"), False, "raw")) is None:
            yield item["name"].text, type_


def _relation_sql(relation: str, columns: Iterable[tuple[str, str]]) -> str:
    """An empty table; of names that differ in case only, which DuckDB takes for one, the first."""
    unique: dict[str, str] = {}
    for name, type_ in columns:
        quoted = name.replace('"', '""')
        unique.setdefault(name.lower(), f'"{quoted}" {type_}')
    body = ", ".join(column for name, column in unique.items() if name)
    return f"CREATE OR REPLACE TEMP TABLE {relation} ({body or 'nothing VARCHAR'})"


def feed_expressions(root: Node) -> Iterator[Expression]:
    """Every piece of SQL in a feed's contract."""
    layout, *mappings = list(root["schema"]) or [Node(None)]
    yield from (Expression(each, False, "raw") for each in root.custom("observed_at"))
    yield from (Expression(root.custom(name), name == "operation", "raw") for name in ("area", "rank", "operation", "record"))
    yield Expression(root.custom("minors")["stay"], True, "raw")
    for item in layout["properties"]:
        yield Expression(item.custom("identifier_when"), True, "raw")
        yield from (Expression(rule["implementation"], True, "raw") for rule in item["quality"])
    yield from (Expression(rule["implementation"], True, "raw") for rule in layout["quality"])
    for mapping in mappings:
        relation = "raw" if mapping.custom("rows").text in {"", "landed"} else "raw_minors"
        yield from (Expression(mapping.custom(name), name == "where", relation) for name in ("entity", "record", "where", "merged_into"))
        yield from (Expression(item["transformLogic"], False, relation) for item in mapping["properties"])


def mart_expressions(root: Node) -> Iterator[Expression]:
    """The types of a mart's columns, which DuckDB must know."""
    for item in next(iter(root["schema"]), Node(None))["properties"]:
        type_ = item["physicalType"]
        yield Expression(Node(f"CAST(NULL AS {type_.text})" if type_ else None, type_.path), False, "raw")

    yield from promise_expressions(root)


def promise_expressions(root: Node) -> Iterator[Expression]:
    """The conditions that a kind or a mart promises of its rows."""
    for entry, _ in entries(next(iter(root["schema"]), Node(None))):
        if entry["engine"].text == "duckdb":
            yield Expression(entry["implementation"], True, TABLE)


def _binds(con: duckdb.DuckDBPyConnection, expressions: Sequence[Expression], relation: str) -> bool:
    """Whether all expressions over a relation bind in one statement, conditions being conditions: the ordinary case, in one round."""
    mine = [each for each in expressions if each.relation == relation]
    if not mine:
        return True
    try:
        types = con.sql(f"SELECT {', '.join(f'({each.node.text})' for each in mine)} FROM {relation}").types
    except duckdb.Error:
        return False
    return all(_is_condition(str(type_)) for each, type_ in zip(mine, types, strict=True) if each.condition)


def _fault(con: duckdb.DuckDBPyConnection, each: Expression) -> tuple[str, tuple[tuple[str, str], ...]] | None:
    try:
        types = con.sql(f"SELECT ({each.node.text}) FROM {each.relation}").types
    except duckdb.Error as fault:
        return "sql-does-not-bind", (("detail", _first_line(fault)),)
    if each.condition and not _is_condition(str(types[0])):
        return "sql-not-boolean", (("type", str(types[0])),)
    return None


def _is_condition(type_: str) -> bool:
    return type_ in {"BOOLEAN", '"NULL"', "NULL"}


def _first_line(fault: duckdb.Error) -> str:
    return str(fault).splitlines()[0].replace("{", "(").replace("}", ")")
