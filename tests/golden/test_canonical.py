"""Canonical values stay what they are: a mapped value delivered again in the column of its name maps to itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from contracts import load
from contracts.engine import prepare
from contracts.facts import SQL_TYPES
from contracts.model import Feed
from tests.golden.harness import rows_of, sample_files

CONTRACTS = load()
TRANSLATED = re.compile(r"\bcase\b")
"""An expression with a CASE turns a department's words into codes of ours; it need not know its own codes. Nor is an address key an address."""


def mapped_alone(feed: Feed) -> Iterator[tuple[str, str]]:
    """Column and normalised value of every attribute made of the delivered column of the same name and no other."""
    names = {column.name for column in feed.columns}
    for mapping in feed.mappings:
        kind = CONTRACTS.kinds.get(mapping.target)
        types = {attribute.name: attribute.type for attribute in kind.attributes} if kind else {}
        for column in mapping.columns:
            used = names & set(re.findall(r"\w+", re.sub(r"'[^']*'", "", column.sql)))
            if used == {column.name} and types.get(column.name, "address") != "address" and not TRANSLATED.search(column.sql):
                yield column.name, f"try_cast({column.sql} as {SQL_TYPES[types[column.name]]})"


@pytest.mark.parametrize("file", sample_files(), ids=lambda file: file.parent.name)
def test_canonical_values_map_to_themselves(file: Path) -> None:
    """Normalising what was normalised changes nothing, for every attribute made of one column."""
    feed = CONTRACTS.feeds[file.parent.name]
    with duckdb.connect() as con:
        prepare(con, CONTRACTS, threads=1)
        con.register("cells", rows_of(CONTRACTS, feed.name, file))
        for column, value in mapped_alone(feed):
            cell = f"coalesce(opened ->> '$.{column}', {column if column in con.table('cells').columns else 'null'})"
            once = f'select distinct {value} as value from (select {cell} as "{column}" from cells)'
            changed = con.sql(f'select value, {value} as again from (select value, value::varchar as "{column}" from ({once}))')
            assert changed.filter("value is distinct from again").fetchall() == [], f"{column}: {value}"
