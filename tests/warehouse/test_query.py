"""What readers ask of a published snapshot: SQL, find, explain; names never in clear."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

import warehouse
from contracts.model import Label
from tests.warehouse.samples import AT, NAME_KEY, add, add_households, contracts, facts, golden, log_at, message, spoken, value
from warehouse.engine import run
from warehouse.errors import NoSnapshot, UnknownEntity, UnknownKind
from warehouse.explain import Explained, explain
from warehouse.find import find
from warehouse.load import Current
from warehouse.masks import name_sql
from warehouse.publish import Publisher, snapshot_path
from warehouse.query import run_sql, written
from warehouse.retention import Retention
from warehouse.rules import NOTHING, RULES, rule_of


def test_a_notebook_gets_the_snapshot_in_its_own_frames(folder: Path) -> None:
    """`warehouse.open` gives one read-only connection whose answers are equal as Arrow, Polars and pandas; nothing can be written, read from files or set."""
    with warehouse.open(folder.parent) as snapshot:
        asked = "select dwelling, resident, name from household order by all"
        rows = snapshot.sql(asked).to_arrow_table().to_pylist()
        assert len(rows) == 4 and all("*" in row["name"] for row in rows)
        assert snapshot.sql(asked).pl().to_dicts() == rows
        assert snapshot.sql(asked).df().to_dict("records") == rows
        for refused in ("create table mine as select 1", "copy household to 'household.csv'", "set memory_limit = '9GB'", "from read_csv('/etc/hostname')"):
            with pytest.raises(duckdb.Error):
                snapshot.execute(refused).fetchall()


def test_every_table_comes_out_in_every_frame(folder: Path) -> None:
    """Every mart and wide table has the rows and values in Polars that it has in Arrow, and as many rows and columns in pandas; the types are those that the README lists."""
    import polars

    with warehouse.open(folder.parent) as snapshot:
        for (name,) in run(
            snapshot, "select table_name from information_schema.tables where table_schema = 'main' and table_catalog = current_database() order by all"
        ):
            arrow = snapshot.table(name).to_arrow_table()
            assert snapshot.table(name).pl().to_dicts() == arrow.to_pylist(), name
            assert snapshot.table(name).df().shape == arrow.shape, name
        plan = snapshot.sql("select dwelling, reasons, residents, floor_share, visited_at, visited_at::date as day from visit_plan")
        arrow_types = [str(field.type) for field in plan.to_arrow_table().schema]
        assert arrow_types == ["string", "list<l: string>", "int32", "decimal128(5, 4)", "timestamp[ms]", "date32[day]"]
        frame = plan.pl()
        assert (
            frame.schema["reasons"] == polars.List(polars.String) and frame.schema["visited_at"] == polars.Datetime("ms") and frame.schema["day"] == polars.Date
        )
        assert frame.schema["floor_share"] == polars.Decimal(5, 4) and frame.schema["residents"] == polars.Int32
        assert str(plan.df().dtypes["floor_share"]) == "float64" and str(plan.df().dtypes["visited_at"]).startswith("datetime64")


def test_a_notebook_keeps_what_it_opened(tmp_path: Path) -> None:
    """Who opened a snapshot sees the same after later ones are published; an empty folder has none."""
    with pytest.raises(NoSnapshot):
        warehouse.open(tmp_path)
    with log_at(tmp_path) as log, Current.open(tmp_path / "current.duckdb", contracts()) as current:
        publisher = Publisher(tmp_path / "published", NAME_KEY, retention=Retention(count=1))
        opened = []
        for number in range(2):
            add_households(log, current.contracts, [number])
            current.load(log)
            publisher.publish(current, whole=True)  # nobody publishes in the process of a notebook: one file has one configuration in a process
            opened.append(warehouse.open(tmp_path))
        assert [run(each, "select count(*) from household") for each in opened] == [[(1,)], [(2,)]]
        for each in opened:
            each.close()


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
    found = [each for each in find(folder, text, name_key=NAME_KEY) if each.kind == "person"]
    assert [each.entity for each in found] == [f"p{number:024x}" for number in numbers]
    assert {each.label for each in found} <= {"王**", "欧阳**"}


def test_another_key_finds_no_name(folder: Path) -> None:
    """Who has the snapshot but not the secret cannot try names."""
    assert find(folder, "小明", name_key="another") == []


def test_dwellings_are_found_as_people_write_them(folder: Path) -> None:
    """Suffix words and missing separators do not matter."""
    assert [each.entity for each in find(folder, "解放街3号", name_key=NAME_KEY)] == ["330302006071/解放街/3"]


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
    """Neither is a traceback; the one names the kinds there are."""
    with pytest.raises(UnknownEntity):
        explain(folder, contracts(), "person", "nobody")
    with pytest.raises(UnknownKind) as refused:
        explain(folder, contracts(), "nothing", "x")
    assert "person" in refused.value.render("en")[1]


@pytest.fixture(scope="module")
def visited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published snapshot of one household: a visit corrected the use of the dwelling, an earlier finding was shown to its author, another on tenure is spent."""
    base = tmp_path_factory.mktemp("visited")
    home, person = "330302006071/解放街/2", f"p{2:024x}"
    told = {"base": "v", "counter": 0, "kind": "dwelling", "entity": home, "outcome": "corrected", "evidence": "stated", "content": 1, "source": "visit"}
    told |= {"delivery": "d7", "actor": "W1", "recorded_at": AT, "seen": []}
    findings = [
        {**told, "finding": "v1:use#0", "base": "v1", "attribute": "use", "value": "2", "observed_at": AT, "row": 1},
        {**told, "finding": "v2:use#0", "base": "v2", "attribute": "use", "value": "1", "seen": ["v1:use#0"], "observed_at": AT + timedelta(days=1), "row": 2},
        {**told, "finding": "v1:tenure#0", "attribute": "tenure", "value": "2", "observed_at": AT, "row": 3},
    ]
    differs = [
        {"attribute": "use", "source": "ho_dwelling", "claimed": "3", "golden": "1", "judged": True, "observed_at": AT, "delivery": "d8", "row": 4},
        {"attribute": "point", "source": "rental", "claimed": '{"lon":"120.500000","lat":null}', "golden": "{}", "judged": False, "observed_at": AT}
        | {"delivery": "d9", "row": 1},
    ]
    spoke = spoken("ho_dwelling", "d8", 4) | spoken("rental", "d9", 1)
    values = {"use": "1", "use__status": "corrected", "use__source": "visit", "use__finding": "v2:use#0", "use__differ": 1, "use__agree": 0}
    values |= value("tenure", "rental", 2) | value("floor_area_m2", "ho_dwelling", 0) | value("point", "ho_dwelling", 0, "disputed")
    row = {"entity": home, "area": "330302006071", "tenure": "2", "floor_area_m2": Decimal("122.7"), "lon": Decimal(120), "crs": "CGCS2000"}
    with log_at(base) as log, Current.open(base / "current.duckdb", contracts()) as current:
        add_households(log, current.contracts, [2])
        table = golden(current.contracts, "dwelling", [{**row, **values, **spoke, "differs": differs, "version": 9}])
        people = golden(
            current.contracts, "person", [{"entity": person, "name": "王小明", "birth_year": 1994, "version": 9, **value("birth_year", "ps_resident", 1)}]
        )
        add(log, "cabin.changes", message("golden.dwelling", table), message("golden.person", people))
        add(log, "cabin.claims", message("finding", facts("finding", findings)))
        current.load(log)
        Publisher(base / "published", NAME_KEY).publish(current)
    return base / "published"


def dwelling(folder: Path) -> dict[str, Explained]:
    return {unit.attribute: unit for unit in explain(folder, contracts(), "dwelling", "330302006071/解放街/2").units}


def test_what_visits_found_stands_beside_what_sources_say(visited: Path) -> None:
    """Findings in force, superseded and spent, newest first, with officer, evidence, origin and the value in words."""
    units = dwelling(visited)
    assert [(each.finding, each.state, each.actor, each.evidence, each.delivery, each.row) for each in units["use"].found] == [
        ("v2:use#0", "holds", "W1", "stated", "d7", 2),
        ("v1:use#0", "superseded", "W1", "stated", "d7", 1),
    ]
    assert [(each.state, each.shown and each.shown.zh) for each in units["tenure"].found] == [("spent", "2 私人出租")]
    assert units["address"].found == ()


def test_values_are_told_in_words(visited: Path) -> None:
    """Codes have their labels, decimals no idle zeros, groups their members' names, years of birth a band, areas and links names."""
    units = dwelling(visited)
    assert (units["use"].shown, units["use"].value) == (Label("1 住宅", "1 residential"), "1")
    assert units["floor_area_m2"].shown == Label("122.7", "122.7")
    assert units["point"].shown == Label("经度 120，坐标系 CGCS2000 国家大地坐标", "Longitude 120, Reference system CGCS2000")
    assert [each.shown.zh for each in units["point"].said if each.stance == "differs" and each.shown] == ["经度 120.5"]
    person = explain(visited, contracts(), "person", f"p{2:024x}")
    assert next(unit.shown for unit in person.units if unit.attribute == "birth_year") == Label("1990-1999", "1990-1999")
    link = explain(visited, contracts(), "residency", f"p{2:024x}@330302006071/解放街/2")
    assert link.label and link.label.zh == "王**，五马街道八仙楼社区解放街2号"
    assert link.place and link.place.zh == "五马街道八仙楼社区"


def test_what_would_change_a_value_depends_on_who_may_change_it(visited: Path) -> None:
    """A visit where a visit may, with the day until which the finding holds; else a correction request to the department, and no word of a visit."""
    units = dwelling(visited)
    day = (AT + timedelta(days=181)).date()
    assert f"observes after {day}" in units["use"].change.en and "another visit" in units["use"].change.en
    assert "a correction by ho_dwelling" in units["use"].change.en
    assert units["tenure"].change == Label("走访核实", "a visit")
    assert units["present"].change.en.startswith("a visit; or a new value from ")
    for unit in (unit for unit in units.values() if not unit.visit):
        assert "visit;" not in unit.change.en and "走访核实" not in unit.change.zh
    assert units["floor_area_m2"].change.en.startswith("a correction request to ho_dwelling")
    assert units["rooms"].change == NOTHING


def test_staleness_is_that_of_the_marts(visited: Path) -> None:
    """Every value's day of going stale, and whether it has, are those of `entity_value`."""
    rows = run_sql(visited, "select attribute, fresh_until, stale from entity_value where entity = '330302006071/解放街/2'").table.to_pylist()
    units = dwelling(visited)
    assert len(rows) >= 4
    assert all((units[row["attribute"]].fresh_until, units[row["attribute"]].stale) == (row["fresh_until"], row["stale"]) for row in rows)


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
