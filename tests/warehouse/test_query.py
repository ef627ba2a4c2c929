"""What readers ask of a published snapshot: SQL, find, explain; names never in clear."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tests.warehouse.samples import NAME_KEY, add_households, contracts, log_at
from warehouse.engine import run
from warehouse.errors import QueryFailed, QueryRefused, UnknownEntity
from warehouse.explain import explain
from warehouse.find import find
from warehouse.load import Current
from warehouse.masks import name_sql
from warehouse.publish import Publisher, snapshot_path
from warehouse.query import run_sql, written
from warehouse.rules import RULES, rule_of


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published snapshot of four households: even numbers are 王小明, odd ones 欧阳小明."""
    base = tmp_path_factory.mktemp("district")
    with log_at(base) as log, Current.open(base / "current.duckdb", contracts()) as current:
        add_households(log, current.contracts, range(4))
        current.load(log)
        Publisher(base / "published", NAME_KEY).publish(current)
    return base / "published"


def test_more_rows_than_the_limit_are_cut(folder: Path) -> None:
    """The answer holds at most `limit` rows and says that there are more."""
    answer = run_sql(folder, "select dwelling from household", limit=3)
    assert answer.table.num_rows == 3 and answer.cut
    assert not run_sql(folder, "select dwelling from household", limit=4).cut


@pytest.mark.parametrize(
    "sql", ["drop table household", "select 1; select 2", "insert into about values ('a', 'b')", "copy about to 'x.csv'", "attach 'x' as y", ""]
)
def test_only_one_question_is_accepted(folder: Path, sql: str) -> None:
    """Everything but one question is refused before it runs."""
    with pytest.raises(QueryRefused):
        run_sql(folder, sql)


@pytest.mark.parametrize("sql", ["selec 1", "select * from nowhere", "select * from read_csv('/etc/passwd')", "select * from '/etc/passwd'"])
def test_what_the_engine_cannot_or_must_not_answer_is_one_sentence(folder: Path, sql: str) -> None:
    """Mistakes, and files outside the snapshot, end in a clear error."""
    with pytest.raises(QueryFailed):
        run_sql(folder, sql)


def test_answers_are_written_as_files(folder: Path) -> None:
    """CSV has a header and lists as JSON, JSON is one array, Parquet reads back equal."""
    import io
    import json

    import pyarrow.parquet as pq

    table = run_sql(folder, "select dwelling, reasons from visit_plan order by dwelling limit 1").table
    assert written(table, "csv").decode().splitlines()[0] == '"dwelling","reasons"'
    assert json.loads(written(table, "json"))[0]["reasons"] == ["coverage", "expected_gain"]
    assert pq.read_table(io.BytesIO(written(table, "parquet"))).to_pylist() == table.to_pylist()


@pytest.mark.parametrize(("text", "numbers"), [("小明", [0, 1, 2, 3]), ("欧阳", [1, 3]), ("王小明", [0, 2]), ("王", [0, 2]), ("小红", [])])
def test_persons_are_found_by_part_of_their_name(folder: Path, text: str, numbers: list[int]) -> None:
    """Two characters or more match anywhere, one as the beginning; labels are masked."""
    found = [each for each in find(folder, contracts(), text, name_key=NAME_KEY) if each.kind == "person"]
    assert [each.entity for each in found] == [f"p{number:024x}" for number in numbers]
    assert {each.label for each in found} <= {"王**", "欧阳**"}


def test_another_key_finds_no_name(folder: Path) -> None:
    """Who has the snapshot but not the secret cannot try names."""
    assert find(folder, contracts(), "小明", name_key="another") == []


def test_dwellings_are_found_as_people_write_them(folder: Path) -> None:
    """Suffix words and missing separators do not matter."""
    assert [each.entity for each in find(folder, contracts(), "解放街3号", name_key=NAME_KEY)] == ["330302006071/解放街/3"]


def test_no_name_stands_in_the_snapshot_file(folder: Path) -> None:
    """No column of any table holds a name in clear."""
    with duckdb.connect(str(snapshot_path(folder)), read_only=True) as snapshot:
        for (name,) in run(snapshot, "select table_name from information_schema.tables"):
            assert run(snapshot, f"select count(*) from {name} as rows where contains(to_json(rows)::varchar, '小明')") == [(0,)], name


def test_every_value_is_explained(folder: Path) -> None:
    """Value, row of the table of statuses, who says it, and the origin."""
    explained = {unit.attribute: unit for unit in explain(folder, contracts(), "person", f"p{2:024x}").units}
    name = explained["name"]
    assert (name.value, name.status, name.rule.row, name.source) == ("王**", "single", 8, "ps_resident")
    assert [(said.source, said.stance, said.delivery, said.row) for said in name.said] == [("ps_resident", "agrees", "d1", 2)]
    assert explained["sex"].rule.row == 1


def test_an_unknown_entity_or_kind_is_one_sentence(folder: Path) -> None:
    """Neither is a traceback."""
    for kind, entity in (("person", "nobody"), ("nothing", "x")):
        with pytest.raises(UnknownEntity):
            explain(folder, contracts(), kind, entity)


@pytest.mark.parametrize(
    ("status", "source", "agreeing", "row"),
    [
        (None, None, 0, 1),
        ("disputed", "visit", 1, 2),
        ("corrected", "visit", 0, 3),
        ("verified", "visit", 2, 4),
        ("verified", "visit", 0, 5),
        ("disputed", "f", 1, 6),
        ("agreed", "f", 2, 7),
        ("single", "f", 1, 8),
    ],
)
def test_exactly_one_row_of_the_table_fits(status: str | None, source: str | None, agreeing: int, row: int) -> None:
    """The eight rows of the table of statuses, told from the golden value alone."""
    assert rule_of(status, source, agreeing) is RULES[row]


@pytest.mark.parametrize(
    ("name", "shown"), [("王小明", "王**"), ("王明", "王*"), ("欧阳明", "欧阳*"), ("欧阳", "欧*"), ("王", "王*"), ("司马相如", "司马**"), ("Anna", "A***")]
)
def test_names_are_surname_and_stars(name: str, shown: str) -> None:
    """Compound surnames stay whole where a given name follows; at least one star hides the length of none."""
    with duckdb.connect() as connection:
        assert run(connection, f"select {name_sql('name')} from (select ? as name)", [name]) == [(shown,)]
