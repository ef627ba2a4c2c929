"""Saved queries: each is well written, runs on the district, and says something; a district's own stand beside them; mistakes are one sentence."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from contracts.model import CONSUMERS
from contracts.read import load
from tests.cabin.kit import District, cabin, done, holds_english
from warehouse.ask import Asker
from warehouse.ask.errors import SavedQueryBroken
from warehouse.query import opened
from warehouse.saved import HOME, SavedQuery, bound, saved_queries, saved_query

QUERIES = saved_queries()
CHOSEN = {
    "person": "select resident from household group by all order by count(*) desc, resident limit 1",
    "dwelling": "select dwelling from household group by all order by count(*) desc, dwelling limit 1",
    "grid": "select grid from visit_plan where visited_at is null group by all order by count(*) desc, grid limit 1",
    "feed": "select source from discrepancy group by all order by count(*) desc, source limit 1",
}
"""How a value that is needed is found in the district."""
MAY_BE_EMPTY = {"several_main_homes"}
OWN = """-- Households of an area.
-- zh: 一个区划的户。
-- Parameter: area VARCHAR; beginning of a division code; 区划代码的开头.
-- Parameter: since DATE = 2020-01-01; seen since that day; 自该日起.
-- Consumers: township managers.
select count(*) as n from household where starts_with(area, $area::varchar) and seen_at >= $since::date
"""


@pytest.fixture(scope="module")
def given(district: District) -> dict[str, str]:
    """A value for every parameter that some query needs."""
    with Asker(district.data / "published") as asker:
        return {name: str(asker.ask(sql).table.column(0)[0].as_py()) for name, sql in CHOSEN.items()}


def test_there_are_as_many_as_promised() -> None:
    """At least ten, for officers and for engineers."""
    assert len(QUERIES) >= 10
    consumers = {each for query in QUERIES.values() for each in query.consumers}
    assert {"grid officers", "community police", "data engineers", "departments"} <= consumers


@pytest.mark.parametrize("query", QUERIES.values(), ids=list(QUERIES))
def test_every_head_is_whole(query: SavedQuery) -> None:
    """Title and parameters in both languages, consumers, every parameter used with a cast to its type and no other, an order, named columns at the end."""
    assert re.search("[\u4e00-\u9fff]", query.title.zh) and not re.search("[\u4e00-\u9fff]", query.title.en) and query.consumers
    assert all(re.search("[\u4e00-\u9fff]", each.about.zh) and not re.search("[\u4e00-\u9fff]", each.about.en) for each in query.parameters)
    assert set(query.consumers) <= load().code_lists[CONSUMERS].labels.keys()
    body = "\n".join(line for line in query.sql.splitlines() if not line.startswith("--"))
    assert set(re.findall(r"\$(\w+)::(\w+)", body)) == {(each.name, each.type.lower()) for each in query.parameters}
    assert body.count("$") == len(re.findall(r"\$\w+::", body))
    assert "order by" in body and not re.search(r"select \*", body)


@pytest.mark.parametrize("query", QUERIES.values(), ids=list(QUERIES))
def test_every_query_runs_on_the_district(district: District, given: dict[str, str], query: SavedQuery) -> None:
    """With values of the district each answers within its limits, through the gate that typed statements pass, and finds something; no name is whole."""
    needed = [f"--with={each.name}={given[each.name]}" for each in query.parameters if each.default is None]
    rows = done(district.data, "--json", "sql", "--saved", query.name, *needed).document["rows"]
    assert rows or query.name in MAY_BE_EMPTY
    assert all("*" in row["name"] for row in rows if row.get("name"))


@pytest.mark.parametrize("kind", ["person", "dwelling"])
def test_a_card_is_what_entity_value_says(district: District, kind: str) -> None:
    """Of entities of the district with most values, row for row, but for idle zeros of decimals."""
    query = QUERIES[f"{kind}_card"]
    with opened(district.data / "published") as snapshot:
        told = (
            snapshot.sql("select * from entity_value join attribute using (kind, attribute) where kind = $kind", params={"kind": kind})
            .to_arrow_table()
            .to_pylist()
        )
        values: dict[str, list[dict[str, Any]]] = {}
        for row in told:
            values.setdefault(row["entity"], []).append(row)
        most = sorted(values, key=lambda entity: (-len(values[entity]), entity))[:20]
        for entity in [*most, *sorted(values)[:10]]:
            card = snapshot.sql(query.sql, params=bound(query, {kind: entity})).to_arrow_table().to_pylist()
            wanted = [{name: row[name] for name in card[0]} for row in sorted(values[entity], key=lambda row: row["attribute"])]
            assert [{**row, "value": without_zeros(row["value"])} for row in card] == [{**row, "value": without_zeros(row["value"])} for row in wanted]


def without_zeros(text: str) -> str:
    """Decimals as short as they can be, also within a group."""
    return ",".join(part.rstrip("0").rstrip(".") if re.fullmatch(r"-?\d+\.\d+", part) else part for part in text.split(","))


def test_a_person_with_two_main_homes_is_found(district: District, tmp_path: Path) -> None:
    """What the district may not have is shown on rows made for it: the query that may be empty finds a second main residence."""
    import duckdb

    name = (district.data / "published" / "current").read_text().strip()
    path = Path(shutil.copy(district.data / "published" / f"{name}.duckdb", tmp_path / "000001.duckdb"))
    path.chmod(0o600)
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "update household set main_residence = true where resident = (select resident from household group by all having count(*) > 1 order by all limit 1)"
        )
    (tmp_path / "current").write_text("000001")
    with Asker(tmp_path) as asker:
        assert asker.ask(QUERIES["several_main_homes"].sql, bound(QUERIES["several_main_homes"], {})).table.num_rows == 1


def test_the_list_is_chinese(tmp_path: Path) -> None:
    """Titles and whoever reads them; a machine gets the names of the heads. A reader that a district's own query names in its own words stays."""
    data = tmp_path / "data"
    assert not holds_english(done(data, "sql", "--list", lang="zh").out) and "社区民警、网格员" in done(data, "sql", "--list", lang="zh").out
    listed = {row["query"]: row["consumers"] for row in done(data, "--json", "sql", "--list", lang="zh").document["queries"]}
    assert listed == {name: ", ".join(query.consumers) for name, query in QUERIES.items()}
    (data / "queries").mkdir(parents=True)
    (data / "queries" / "mine.sql").write_text(OWN.replace("township managers", "my team"), encoding="utf-8")
    assert "my team" in done(data, "sql", "--list", lang="zh").out


def test_a_district_has_its_own(small_cabin: Path, tmp_path: Path) -> None:
    """A file in the data folder's `queries` is listed, shown and asked like the others, defaults included; what it may not do it may not do saved either."""
    data = shutil.copytree(small_cabin, tmp_path / "data")
    (data / "queries").mkdir()
    (data / "queries" / "mine.sql").write_text(OWN, encoding="utf-8")
    (data / "queries" / "evil.sql").write_text(OWN.replace("household", "read_csv('/etc/passwd')"), encoding="utf-8")
    listed = {row["query"]: row["own"] for row in done(data, "--json", "sql", "--list").document["queries"]}
    assert listed["mine"] == "yes" and not listed["person_card"] and len(listed) == len(QUERIES) + 2
    shown = done(data, "sql", "--saved", "mine", "--show", lang="zh").out
    assert "一个区划的户。" in shown and "自该日起" in shown and "$area::varchar" in shown
    assert done(data, "--json", "sql", "--saved", "mine", "--with", "area=330302").document["rows"][0]["n"] > 0
    assert done(data, "--json", "sql", "--saved", "mine", "--with", "area=330302", "--with", "since=2999-01-01").document["rows"] == [{"n": 0}]
    assert cabin(data, "--json", "sql", "--saved", "evil", "--with", "area=3").document["error"]["code"] == "query-reaches-out"


def test_a_value_is_never_part_of_the_text(small_cabin: Path) -> None:
    """What looks like SQL in a value is compared as it is: nothing is found, nothing else happens."""
    said = done(small_cabin, "--json", "sql", "--saved", "person_homes", "--with", "person=x' or '1'='1")
    assert said.document["rows"] == []


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("select 1", "title"),
        ("-- A title.\nselect 1", "title"),
        ("-- A title.\n-- zh: 标题。\n-- Parameter: area TEXT; a; 甲.\nselect 1", "parameter"),
        ("-- A title.\n-- zh: 标题。\n-- Parameter: area VARCHAR; a\nselect 1", "parameter"),
    ],
)
def test_a_broken_head_names_its_file(tmp_path: Path, text: str, word: str) -> None:
    """No title in both languages, an unknown type, a line without both meanings: the file and what is wrong; as for one that is no text, or takes a shipped name."""
    (tmp_path / "mine.sql").write_text(text, encoding="utf-8")
    with pytest.raises(SavedQueryBroken) as error:
        saved_queries(tmp_path)
    assert "mine.sql" in str(error.value) and word in str(error.value)
    (tmp_path / "mine.sql").write_bytes(b"\xff\xfe")
    with pytest.raises(SavedQueryBroken, match="UTF-8"):
        saved_query(tmp_path / "mine.sql", own=True)
    (tmp_path / "mine.sql").rename(tmp_path / "person_card.sql").write_bytes((HOME / "person_card.sql").read_bytes())
    with pytest.raises(SavedQueryBroken, match="shipped"):
        saved_queries(tmp_path)
