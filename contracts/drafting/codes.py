"""Code lists of a draft: known ones that values are words of, and new ones of columns that a person named, whose values may be written down."""

from __future__ import annotations

import duckdb
import pyarrow as pa

from contracts.ban import ban_list, value_sql
from contracts.drafting.errors import NotACode
from contracts.drafting.model import Draft, DraftColumn
from contracts.drafting.shapes import Shape
from contracts.drafting.vocabulary import cleaned
from contracts.model import CodeList, Contracts, Label, Rule, Severity

MOST_CODES = 30
LONGEST = 12
LISTED = 0.8
"""The share of cells that must be words of a list."""


def match_lists(draft: Draft, shapes: dict[str, Shape], contracts: Contracts) -> None:
    """Columns that no known feed explains and whose values are words of a code list get that list; bare digits fit many lists, so they are asked about."""
    for column in (each for each in draft.columns if each.type and not each.meanings and not each.role and shapes[each.name].words):
        shape = shapes[column.name]
        fitting = [name for name, codes in sorted(contracts.code_lists.items()) if _fits(shape, codes)]
        if not fitting or shape.filled < 2:
            continue
        if len(fitting) == 1 and not shape.passing["integer"]:
            column.type, column.properties["code_list"] = "code", fitting[0]
        elif shape.few or len(fitting) == 1:
            named = ", ".join(fitting[:5])
            draft.ask(
                column.name,
                f"{column.header} 是否为代码表中的代码（{named}）？是则写 cabin.code_list。",
                f"are the values of {column.header} codes of a list ({named})? If so write cabin.code_list.",
            )


def _fits(shape: Shape, codes: CodeList) -> bool:
    """Whether nearly all cells are codes of the list, or nearly all its labels."""
    known = frozenset(code.lstrip("0") for code in codes.labels), frozenset(label.zh for label in codes.labels.values())
    return any(sum(count for word, count in shape.words.items() if word.lstrip("0") in words) >= LISTED * shape.filled for words in known)


def write_codes(draft: Draft, shapes: dict[str, Shape], engine: duckdb.DuckDBPyConnection) -> None:
    """Gives each named column a rule that knows exactly the values of the sample. Raises `NotACode` where they are no codes or may be about a person."""
    for wanted in draft.told.codes:
        column = next((each for each in draft.columns if cleaned(wanted) in (cleaned(each.header), each.name)), None)
        if column is None:
            raise NotACode(header=wanted, detail=Label("样例中没有该列", "the sample has no such column"))
        shape = shapes[column.name]
        _refuse(column, shape, engine)
        listed = ", ".join("'" + word.replace("'", "''") + "'" for word in shape.words)
        column.type = column.type and "code"
        column.rules = [rule for rule in column.rules if rule.column is None]
        label = Label(f"{column.header} 的取值未知", f"unknown value of {column.header}")
        column.rules.append(
            Rule(
                f"{column.name.replace('_', '-')}-unknown", Severity.WARNING, f"{column.name} is null or {column.name} in ({listed})", label, None, column.name
            )
        )
        draft.ask(
            column.name,
            f"{column.header} 的代码取自样例：是否齐全，各是什么意思？",
            f"the codes of {column.header} are those of the sample: are these all, and what do they mean?",
        )


def _refuse(column: DraftColumn, shape: Shape, engine: duckdb.DuckDBPyConnection) -> None:
    if column.classification == "identifier" or column.role or (column.classification == "personal" and column.meanings):
        raise NotACode(header=column.header, detail=Label("可能涉及个人", "it may be about persons"))
    if not shape.words or shape.distinct > MOST_CODES or shape.longest > LONGEST:
        raise NotACode(
            header=column.header,
            detail=Label(f"有 {shape.distinct} 个不同值，最长 {shape.longest} 字", f"{shape.distinct} different values of up to {shape.longest} characters"),
        )
    engine.register("codes_told", pa.table({"cell": pa.array(list(shape.words), pa.string())}))
    try:
        asked = " or ".join(f"({value_sql(value, 'cell')})" for rule in ban_list().rules for value in rule.values)
        if engine.sql(f"select count(*) from codes_told where {asked}").fetchall()[0][0]:
            raise NotACode(header=column.header, detail=Label("含禁止采集的内容", "some of them are banned"))
    finally:
        engine.unregister("codes_told")
