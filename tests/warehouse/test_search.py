"""Laws of finding: what sorted parts find is what a look at every row finds, of a snapshot made whole and of one brought up to date by what changed."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Iterator, Sequence

import duckdb
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from contracts.model import Kind
from tests.warehouse.samples import NAME_KEY, contracts
from warehouse.engine import run
from warehouse.find import FIRST_BLOCKS, SUFFIXES, find_in
from warehouse.masks import masked
from warehouse.search import BLOCK_ROWS, BLOCKS, PART_CHARACTERS, PARTS, TEXTS, clear_sql, search_sql, title_of
from warehouse.wide import wide_name

KNOWN = contracts()
HOMES, FIRMS, PEOPLE = BLOCK_ROWS * 24, BLOCK_ROWS + 5, 1500
STREETS = ("解放街", "人民东路", "Jiefang Rd", "ＡＢ街", "号楼巷", "一条路", "\U00020000路", "街", "")
GIVEN = "明红伟芳一丠"
LETTERS = "解放街路人民东号幢室单元一明红王Aab0123/ １Ａ\U00020000"
LIMIT = 7
STEPS = FIRST_BLOCKS + 6
"""So many that more blocks than are read first begin near the first entity."""
Row = tuple[str, str, str, str, bool]
"""Entity, title, area, address, and whether the title may be a person's name."""


def home(chance: random.Random) -> str:
    return "/".join((f"3303020060{chance.randrange(40):02d}", chance.choice(STREETS), *(str(chance.randrange(most)) for most in (60, 9, 20))))


def table(names: tuple[str, ...], rows: Sequence[tuple[object, ...]]) -> pa.Table:
    """Rows of texts, and whether they stand alone."""
    return pa.table({name: pa.array([row[n] for row in rows], pa.bool_() if name == "alone" else pa.string()) for n, name in enumerate(names)})


def filled(engine: duckdb.DuckDBPyConnection, kind: Kind, rows: list[Row]) -> None:
    """The columns of a kind's golden and wide table that finding reads: entity, label, area, and in all address columns one address; a title that marts mask stands in the golden table."""
    addresses = "".join(f', address as "{each.name}"' for each in kind.attributes if each.type == "address")
    engine.register("told", table(("entity", "title", "area", "address", "alone"), rows))
    title = title_of(kind)
    label = "left(title, 1) || '**'" if title and masked(title) and kind.name == "person" else "case when alone then left(title, 1) || '**' else title end"
    engine.execute(f"create or replace table {wide_name(kind.name)} as select entity, {label} as label, area{addresses} from told")
    if title:
        named = f'true as alive, title as "{title.name}"' + (", case when alone then 'sole_trader' end as entity_kind" if kind.name == "business" else "")
        engine.execute(f"create or replace table golden_{kind.name} as select entity, {named} from told")


def district(chance: random.Random) -> dict[str, list[Row]]:
    """Invented rows by kind."""
    keys = sorted({home(chance) for _ in range(HOMES)})
    homes = [(key, key, key[:12], key if chance.random() < 0.9 else key.replace("/", " "), False) for key in keys]
    firms = [
        (f"f{n:04d}", f"{chance.choice('王李张')}{chance.choice(GIVEN)}{chance.choice(STREETS)}店", "330302", home(chance), n % 3 == 0) for n in range(FIRMS)
    ]
    people = [(f"p{n:05d}", chance.choice("王李张") + "".join(chance.choices(GIVEN, k=chance.randrange(4))), "330302", "", False) for n in range(PEOPLE)]
    return {"dwelling": homes, "business": firms, "person": people}


def moved(rows: list[Row], step: int, others: list[Row]) -> list[Row]:
    """These rows, one in 37 with what another says, without one in 41, and with some of the others."""
    kept = [(row[0], *other[1:]) if n % 37 == step else row for n, (row, other) in enumerate(zip(rows, others, strict=False)) if n % 41 != step]
    there = {row[0] for row in rows}
    return kept + [row for row in others if row[0] not in there][::40]


def make(engine: duckdb.DuckDBPyConnection, rows: dict[str, list[Row]]) -> None:
    """The tables of every kind."""
    for kind in KNOWN.kinds.values():
        filled(engine, kind, rows.get(kind.name, []))


@pytest.fixture(scope="module", params=["whole", "renewed"])
def snapshot(request: pytest.FixtureRequest) -> Iterator[duckdb.DuckDBPyConnection]:
    """What finding reads of an invented district; or what it reads after `STEPS` more publishes, in each of which some entities got other texts, some went and some came."""
    chance = random.Random(7)
    rows = district(chance)
    with duckdb.connect() as engine:
        engine.execute("attach ':memory:' as snap")
        engine.execute("set search_path = 'memory.main,snap.main'")
        make(engine, rows)
        for statement in search_sql(KNOWN, NAME_KEY):
            run(engine, statement)
        for step in range(STEPS if request.param == "renewed" else 0):
            after = {kind: moved(told, step, others) for (kind, told), others in zip(rows.items(), district(chance).values(), strict=True)}
            reached = [(kind, row[0]) for kind, told in after.items() for row in set(told) ^ set(rows[kind])]
            rows = after
            make(engine, rows)
            engine.register("reached", table(("kind", "entity"), sorted(set(reached))))
            for statement in search_sql(KNOWN, NAME_KEY, list(rows)):
                run(engine, statement)
        yield engine


def looked_through(snapshot: duckdb.DuckDBPyConnection, text: str) -> set[tuple[str, str]]:
    """The slow answer: every row looked at, the first `LIMIT` of each kind."""
    words = unicodedata.normalize("NFKC", text).lower().split()
    found: dict[str, set[str]] = {}
    for kind, entity, _, _, held in run(snapshot, clear_sql(list(KNOWN.kinds.values()))) if words else []:
        if all(word in held or (SUFFIXES.sub("", word) or word) in held.replace("/", "") for word in words):
            found.setdefault(kind, set()).add(entity)
    shown = {(kind, entity) for kind, entities in found.items() for entity in sorted(entities)[:LIMIT]}
    return shown | named(snapshot, words)


def named(snapshot: duckdb.DuckDBPyConnection, words: list[str]) -> set[tuple[str, str]]:
    """The same of names that marts mask."""
    pairs = {word[at : at + 2] for word in words for at in range(len(word) - 1)}
    people = [("person", *row) for row in run(snapshot, "select entity, name from golden_person")]
    if words and not pairs:
        return {("person", entity) for entity in sorted(entity for _, entity, name in people if name.startswith(words[0]))[:LIMIT]}
    people += [
        ("business", *row)
        for row in run(snapshot, f"select entity, \"{KNOWN.kinds['business'].title}\" from golden_business where entity_kind = 'sole_trader'")
    ]
    found: dict[str, list[str]] = {}
    for kind, entity, name in people:
        if words and pairs <= {name[at : at + 2] for at in range(len(name) - 1)}:
            found.setdefault(kind, []).append(entity)
    return {(kind, entity) for kind, entities in found.items() for entity in sorted(entities)[:LIMIT]}


@st.composite
def asked(draw: st.DrawFn) -> str:
    """Part of a key as it stands, without separators, with suffix words, in full width, or twice; or any characters of the district."""
    chance = random.Random(draw(st.integers(0, 5000)))
    key = home(chance)
    begin, length = draw(st.integers(0, len(key) - 1)), draw(st.integers(1, 20))
    part = key[begin : begin + length]
    shapes = (
        part,
        part.replace("/", ""),
        part.replace("/", "号"),
        part + "室",
        "".join(chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in part),
        f"{part} {key[-4:]}",
        part.upper(),
    )
    return draw(st.one_of(st.sampled_from(shapes), st.text(LETTERS, min_size=1, max_size=6)))


@given(text=asked())
@settings(max_examples=120)
@example(text="街")
@example(text="/")
@example(text="1/1")
@example(text="号楼")
@example(text="王")
@example(text="王明")
@example(text="明 王")
@example(text="\U00020000")
@example(text="３３０３０２")
@example(text="ab")
@example(text="3303020060391")
@example(text="人民东路 9/19")
def test_parts_find_what_a_look_at_every_row_finds(snapshot: duckdb.DuckDBPyConnection, text: str) -> None:
    """Whatever is asked - one character, two, digits, letters in any case and width, words with and without separators - the same entities are found, the same that are cut off are not."""
    found = [(each.kind, each.entity) for each in find_in(snapshot, text, name_key=NAME_KEY, limit=LIMIT)]
    assert sorted(found) == sorted(looked_through(snapshot, text))


def test_every_text_is_in_one_block_that_tells_of_it(snapshot: duckdb.DuckDBPyConnection) -> None:
    """Each entity that may be searched in clear has its text once; its block is no larger than it may be, begins no later than it, and has the part at every place of it."""
    rows = run(snapshot, f"select kind, entity, label, area, text from {TEXTS} order by all")
    assert rows == sorted(run(snapshot, clear_sql(list(KNOWN.kinds.values()))), key=lambda row: (row[0], row[1]))
    assert run(snapshot, f"select max(n) from (select count(*) as n from {TEXTS} group by block)") <= [(BLOCK_ROWS,)]
    assert run(
        snapshot,
        f"select count(*) from {TEXTS} as held where not exists (from {BLOCKS} as told where told.block = held.block and told.kind = held.kind and low <= entity)",
    ) == [(0,)]
    bare = f"select block, replace(text, '/', '') as bare from {TEXTS}"
    wanted = (
        f"select distinct block, substr(bare, place, {PART_CHARACTERS}) from (select block, bare, unnest(range(1, length(bare) + 1)) as place from ({bare}))"
    )
    assert run(snapshot, f"select count(*) from ({wanted} except select block, part from {PARTS})") == [(0,)]


def test_parts_of_names_tell_nothing_without_the_secret(snapshot: duckdb.DuckDBPyConnection) -> None:
    """The digests of one secret are none of another, and no text of the tables for finding is part of a masked name longer than its surname."""
    assert not [each for each in find_in(snapshot, "王明", name_key="another") if each.kind == "person"]
    texts = {
        str(value)
        for name in ("name_part", TEXTS, BLOCKS, PARTS)
        for row in run(snapshot, f"select distinct * from {name} where {'kind' if name != PARTS else 'part'} <> ''")
        for value in row
    }
    people = {name for _, name in run(snapshot, "select entity, name from golden_person") if len(name) > 2}
    assert people and not people & texts
