"""The partition of an entity is one rule in two languages."""

from __future__ import annotations

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.partition import partition_key, partition_of, partition_sql


@pytest.fixture(scope="module")
def con():
    with duckdb.connect() as con:
        yield con


@given(entity=st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40), partitions=st.integers(1, 64))
def test_sql_and_python_agree(con, entity, partitions):
    """SQL and Python put every entity id on the same partition, and it is one of those there are."""
    found = con.execute(f"select {partition_sql('$1', partitions)}", [entity]).fetchone()
    assert found == (partition_of(entity, partitions),)
    assert 0 <= found[0] < partitions


def test_known_partitions():
    """The rule never changes: these values were computed once with md5sum."""
    assert [partition_of("", 1000), partition_of("abc", 1000)] == [int("d41d8cd9", 16) % 1000, int("90015098", 16) % 1000]


def test_a_residency_goes_by_its_person():
    """All links of a person lie together."""
    assert [partition_key(kind) for kind in ("residency", "person", "dwelling")] == ["person", "entity", "entity"]
