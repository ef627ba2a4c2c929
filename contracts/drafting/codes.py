"""Code lists of a draft: of columns that a person named, whose values may be written down."""

from __future__ import annotations

import duckdb
import pyarrow as pa

from contracts.ban import ban_list, value_sql
from contracts.drafting.errors import NotACode
from contracts.drafting.model import Draft, DraftColumn
from contracts.drafting.shapes import Shape
from contracts.drafting.vocabulary import cleaned
from contracts.model import Label, Rule, Severity

MOST_CODES = 30
LONGEST = 12


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
