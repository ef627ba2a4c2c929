"""Our SQL as sqlglot reads it (DuckDB) and writes it (Spark), with the two places where its dialects lose what we need."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from sqlglot import exp, parse_one, transforms
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.dialects.spark import Spark
from sqlglot.generators.spark import SparkGenerator
from sqlglot.parsers.duckdb import DuckDBParser


class Ours(DuckDB):
    """DuckDB as this project writes it: places in lists stay as written, from 1 on (sqlglot shifts literal places only), and `len` is that of lists, `length` that of texts."""

    INDEX_OFFSET = 0

    class Parser(DuckDBParser):
        FUNCTIONS: ClassVar = {**DuckDBParser.FUNCTIONS, "LEN": exp.ArraySize.from_arg_list}


class Theirs(Spark):
    """Spark from 4.2 on: it has `qualify`, which sqlglot would write as a subquery that shows one column more."""

    INDEX_OFFSET = 0

    class Generator(SparkGenerator):
        TRANSFORMS: ClassVar = {
            **SparkGenerator.TRANSFORMS,
            exp.Select: transforms.preprocess([partial(transforms.unnest_to_explode, unnest_using_arrays_zip=False)]),
        }


def read(sql: str) -> exp.Expr:
    """The tree of one statement. Raises: `sqlglot.errors.ParseError`."""
    return parse_one(sql, dialect=Ours)


def written(tree: exp.Expr) -> str:
    """The tree as Spark SQL; its gaps are closed already (`gaps`)."""
    return tree.sql(dialect=Theirs)
