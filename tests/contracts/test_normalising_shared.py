"""Calls that several expressions share are made once, and only where that changes nothing."""

from __future__ import annotations

from itertools import zip_longest

import duckdb
import pytest

from contracts.engine import prepare
from contracts.normalising import shared as shared_module
from contracts.normalising.shared import Shared, calls_in, macro_names
from contracts.read import load

MACROS = frozenset({"key", "part"})
COLUMNS = frozenset({"address", "city", "room"})


def shared(*texts: str) -> Shared:
    return Shared.of(texts, MACROS, COLUMNS, "__m")


def test_macro_names_are_read_from_the_rules() -> None:
    """Every macro counts, whatever the case of the keyword."""
    assert macro_names("create or replace macro key(a) as a;\nCREATE MACRO part(b, c := 1) AS b;") == MACROS


def test_calls_are_found_with_nested_brackets_and_not_in_quoted_text() -> None:
    """A bracket or a name inside quotes is text."""
    assert list(calls_in("key(concat(a, ')')) || 'key(b)' || other(part(c))", MACROS)) == ["key(concat(a, ')'))", "part(c)"]


def test_repeated_calls_come_in_layers() -> None:
    """A call over a shared call is shared itself when it repeats."""
    found = shared("part(key(address))", "part(key(address)) is not null", "key(address)")
    assert found.layers == ({"key(address)": "__m0_0"}, {"part(__m0_0)": "__m1_0"})
    assert found.rewritten("upper(part(key(address))) || key(address)") == "upper(__m1_0) || __m0_0"


def test_single_calls_stay() -> None:
    """What is used once gains nothing."""
    assert shared("key(address)", "key(city)").layers == ()


@pytest.mark.parametrize("text", ["list_transform(x, lambda s: key(s))", "key(unknown)"])
def test_calls_over_anything_but_columns_stay(text: str) -> None:
    """A parameter of a lambda has no value outside it."""
    assert shared(text, f"{text} is null").layers == ()


def test_column_inside_a_lambda_is_shared() -> None:
    """A call over a column alone may leave the lambda around it."""
    assert shared("list_transform(x, lambda s: s || key(city))", "key(city)").rewritten("lambda s: s || key(city)") == "lambda s: s || __m0_0"


def test_without_drops_calls_over_blanked_columns_and_what_is_built_on_them() -> None:
    """A cell that a rule blanks has another value afterwards."""
    found = shared("part(key(address))", "part(key(address)) = 1", "key(city)", "key(city) = 1").without(["address"])
    assert [call for layer in found.layers for call in layer] == ["key(city)"]


def test_longer_names_are_not_cut() -> None:
    """`key(a)` is no part of `monkey(a)`."""
    assert shared("key(city)", "key(city) = 1").rewritten("monkey(city)") == "monkey(city)"


def test_steps_give_the_same_values_as_the_calls() -> None:
    """The layers as query steps compute what the expressions said."""
    with duckdb.connect() as con:
        con.execute(
            "create macro key(a) as upper(a); create macro part(a) as a[1]; create table cells as select 'ab' as address, 'cd' as city, null as room"
        ).fetchall()
        found = shared("part(key(address))", "part(key(address)) || key(city)", "key(city)")
        steps = ", ".join(f"{name} as ({sql})" for name, sql in found.steps_sql("cells", "shared"))
        rewritten = found.rewritten("part(key(address)) || key(city)")
        assert con.execute(f"with {steps} select {rewritten} from shared").fetchall() == [("ACD",)]


def test_calls_that_are_blank_with_a_cell_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a macro gives nothing of nothing at a place, and the blanked cell alone stands there (or what is blank with it, or what is said only where the cell is some text), the call is blanked with the cell;
    one that reads it elsewhere, or another blanked cell too, is made again, and what is built on that one."""
    monkeypatch.setitem(shared_module.NOTHING_OF_NOTHING, "key", (0,))
    monkeypatch.setitem(shared_module.NOTHING_OF_NOTHING, "part", (0, 1))
    texts = [
        "key(address)",
        "key(address, city)",
        "key(city, address)",
        "part(address, key(address))",
        "part(key(city, address), 1)",
        "key(address, room, ',')",
        "key(case when city = 'it''s' then room end)",
        "key(case when city = 'a' then room else address end)",
    ]
    found = shared(*texts, *(f"{text} = 1" for text in texts))
    blank = found.blank_with({"address", "city"})
    calls = {found.rewritten(text): text for text in texts}
    assert {calls[name]: cell for name, cell in blank.items() if name in calls} == {
        "key(address)": "address",
        "part(address, key(address))": "address",
        "key(address, room, ',')": "address",
        "key(case when city = 'it''s' then room end)": "city",
    }
    assert {name for layer in found.without({"address", "city"}).layers for name in layer.values()} == set(blank)


ARGUMENTS = {
    "amount_of": ("null", "{word}", "{unit}", "1"),
    "bound_of": ("null", "{word}", "{unit}", "1"),
    "code_of": ("null", "['1', '2']"),
    "point_of": ("30.1", "120.2", "null"),
    "visit_key": ("{field}", "null"),
    "visit_value": ("{field}", "null", "null"),
    "visit_asked": ("{field}", "null", "null"),
}
WORDS, UNITS = ("null", "'约'", "'以上'"), ("null", "'times'", "'yuan'", "'persons'")


def test_nothing_is_made_of_nothing() -> None:
    """Every macro that is said to give nothing of nothing does, for whatever else it is given: words, units, and all that a visit may say something about."""
    contracts = load()
    fields = {attribute.name for kind in contracts.kinds.values() for attribute in kind.attributes} | {"roster", "licence_no", "sonst"}
    given = [{"word": word, "unit": unit, "field": f"'{name}'"} for word, unit, name in zip_longest(WORDS, UNITS, sorted(fields), fillvalue="null")]
    with duckdb.connect() as con:
        prepare(con, contracts, threads=1)
        for macro, places in shared_module.NOTHING_OF_NOTHING.items():
            arguments = ARGUMENTS.get(macro, ("null",))
            assert all(arguments[place] == "null" for place in places)
            for each in given:
                assert con.execute(f"select {macro}({', '.join(arguments).format(**each)})").fetchall() == [(None,)], (macro, each)
