"""The page of a grid: what it says is what the marts say, on the terminal, as HTML and as PDF, in both languages; nothing personal, nothing from elsewhere."""

from __future__ import annotations

import dataclasses
import io
import re
import sys
import xml.etree.ElementTree as ET
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from contracts.model import Label
from contracts.pages.shapes import Dot, Rect, Text
from contracts.read import load
from tests.cabin.kit import District, cabin, done
from warehouse.query import opened
from warehouse.report import GridReport, Span, pages, report_on
from warehouse.report.charts import accuracy_chart, shares_chart, visits_chart
from warehouse.report.facts import Counts, Measure, Week

GRID_SQL = "select grid from visit_plan group by grid order by (count(visited_at) > 0) desc, count(*) desc, grid limit 1"
OUTSIDE = re.compile(r"https?:|//[a-z]|<script|<img|<link|<iframe|url\(|@import|src=|href=")


@pytest.fixture(scope="module")
def grid(district: District) -> str:
    """A grid of the district that was visited, with many dwellings."""
    with opened(district.data / "published") as snapshot:
        return str(snapshot.sql(GRID_SQL).fetchall()[0][0])


@pytest.fixture(scope="module")
def found(district: District, grid: str) -> GridReport:
    with opened(district.data / "published") as snapshot:
        return report_on(snapshot, load(), grid, Span(dwellings=5, weeks=30))


EMPTY = GridReport(
    "<g>",
    Label("<b>一&网格", "<b>one & grid"),
    Label("村", "village"),
    datetime(2026, 1, 2, 3, 4),
    Counts(1, 0, 1, 0, 0, 0, 0),
    (),
    0,
    (),
    (),
    tuple(Week(date(2026, 1, day), 0, 0, None) for day in (5, 12)),
    {},
    tuple(Measure(name, None, None, None) for name in ("visited", "accuracy", "freshness", "linkage", "residence_consistency")),
)
"""A grid of which next to nothing is known, with markup in its names."""


def test_the_page_says_what_the_marts_say(district: District, grid: str, found: GridReport) -> None:
    """Counts, worklist, questions, weeks and measures against the marts' rows, counted here once more."""
    with opened(district.data / "published") as snapshot:
        homes = _rows(snapshot, "visit_plan", grid)
        weeks = {row["week"]: row for row in _rows(snapshot, "coverage", grid)}
        (lives_here,) = _rows(snapshot, "population_grid", grid)
        lives = {"grid": _share(lives_here), "all": _share(*snapshot.sql("from population where level = 'county'").to_arrow_table().to_pylist())}
        dwellings = {row["dwelling"] for row in homes}
        differing = [
            row
            for row in snapshot.sql("from discrepancy where kind = 'dwelling' and attribute = 'tenure'").to_arrow_table().to_pylist()
            if row["entity"] in dwellings
        ]
    counts = found.counts
    assert counts.known == len(homes) > 4
    assert counts.visited == sum("coverage" not in row["reasons"] for row in homes)
    assert counts.never_visited == sum(row["visited_at"] is None for row in homes)
    assert (counts.disputed, counts.stale) == (sum(row["disputed"] > 0 for row in homes), sum(row["stale"] > 0 for row in homes))
    by_need = sorted((row for row in homes if row["reasons"]), key=lambda row: (-row["disputed"], -row["stale"], -row["never_verified"]))
    assert [(each.disputed, each.stale, each.never_verified) for each in found.worklist] == [
        (r["disputed"], r["stale"], r["never_verified"]) for r in by_need[:5]
    ]
    assert all(each.address.zh and "/" not in each.address.zh for each in found.worklist)
    assert {each.name: each.dwellings for each in found.questions} == {
        name: sum(name in row["ask"] for row in homes) for name in {name for row in homes for name in row["ask"]}
    }
    tenure = next(each for each in found.questions if each.name == "tenure")
    assert sum(count for _, count in tenure.differing) == len(differing) and tenure.codes[1].zh == "2 私人出租"
    shown = {each.week: each for each in found.weeks}
    assert len(shown) == 30 and all(each.visited == (weeks[day]["visited_dwellings"] if day in weeks else 0) for day, each in shown.items())
    assert sum(each.visited for each in found.weeks) > 0
    measures = {each.name: each for each in found.measures}
    assert measures["visited"].grid == pytest.approx(counts.visited / counts.known)
    assert measures["freshness"].grid == pytest.approx(float(weeks[max(weeks)]["freshness"]))
    assert {name: getattr(measures["residence_consistency"], name) for name in lives} == {name: pytest.approx(share) for name, share in lives.items()}
    checked = [weeks[day] for day in shown if day in weeks and weeks[day]["checked"]]
    assert measures["accuracy"].grid == pytest.approx(sum(row["confirmed"] for row in checked) / sum(row["checked"] for row in checked))
    assert all(share is None or 0 <= share <= 1 for each in found.measures for share in (each.grid, each.township, each.all))


def _share(*areas: dict[str, Any]) -> float | None:
    """Of those registered in the areas whose counts are shown the share who live there."""
    shown = [area for area in areas if area["registered"] is not None and area["both_here"] is not None]
    registered = sum(area["registered"] for area in shown)
    return sum(area["both_here"] for area in shown) / registered if registered >= 20 else None


def _rows(snapshot: duckdb.DuckDBPyConnection, mart: str, grid: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = snapshot.sql(f"from {mart} where grid = $grid", params={"grid": grid}).to_arrow_table().to_pylist()
    return rows


@pytest.mark.parametrize(
    ("lang", "words"),
    [("zh", ("干什么", "怎么干", "干得怎么样", "先走访")), ("en", ("What to do", "How to do it", "How well it is done", "Visit first"))],
)
def test_the_terminal_tells_it_in_both_languages(district: District, grid: str, found: GridReport, lang: str, words: tuple[str, ...]) -> None:
    """The three parts with their tables; a machine gets the same as one document."""
    said = done(district.data, "report", grid, "--most", "5", lang=lang).out
    assert all(word in said for word in words) and found.worklist[0].address.get(lang) in said
    document = done(district.data, "--json", "report", grid, "--most", "5", "--weeks", "30", lang=lang).document
    assert document["counts"]["known"] == found.counts.known and len(document["worklist"]) == 5 and len(document["weeks"]) == 30
    assert {"overdue", "questions", "measures", "outcomes"} <= document.keys()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_html_page_needs_nothing_else(district: District, grid: str, found: GridReport, tmp_path: Path, lang: str) -> None:
    """One file: three charts in it as sound SVG with words for who does not see them, every row of the worklist, no request to anywhere."""
    to = tmp_path / "grid.html"
    assert done(district.data, "--json", "report", grid, "--to", str(to), "--most", "5", "--weeks", "30", lang=lang).document["file"] == str(to)
    text = to.read_text(encoding="utf-8")
    assert text == pages.html(found, lang) and not OUTSIDE.search(text)
    drawings = [ET.fromstring(each) for each in re.findall(r"<svg.*?</svg>", text)]
    assert len(drawings) == 3 and all(each.get("aria-label") for each in drawings)
    assert len(drawings[0].findall("rect")) == sum(each.visited > 0 for each in found.weeks)
    assert all(each.address.get(lang) in text for each in found.worklist)
    ET.fromstring(re.sub(r"<meta[^>]*>", "", text.partition("\n")[2]))


@pytest.mark.parametrize(
    ("lang", "words"), [("zh", ("干什么", "怎么干", "干得怎么样", "产权性质")), ("en", ("What to do", "How to do it", "How well it is done", "Tenure"))]
)
def test_the_pdf_can_be_read_back(district: District, grid: str, found: GridReport, tmp_path: Path, lang: str, words: tuple[str, ...]) -> None:
    """Its text has the three parts, the grid, every dwelling of the worklist and the shares; one sheet; the same bytes each time; nothing in it that opens anything."""
    from pypdf import PdfReader

    to = tmp_path / "grid.pdf"
    done(district.data, "report", grid, "--to", str(to), "--most", "5", "--weeks", "30", lang=lang)
    assert to.read_bytes() == pages.pdf(found, lang)
    read = PdfReader(to)
    text = "\n".join(page.extract_text() for page in read.pages)
    assert len(read.pages) == 1 and read.metadata is not None and found.name.get(lang) in str(read.metadata.title)
    assert all(word in text for word in (*words, grid, *(each.address.get(lang).replace(" ", "") for each in found.worklist)))
    assert all(f"{each.grid:.1%}" in text for each in found.measures if each.grid is not None)
    assert not re.search(rb"/(JavaScript|JS|Launch|URI|OpenAction|EmbeddedFile)\b", to.read_bytes())


def test_no_person_is_on_the_page(district: District, grid: str, tmp_path: Path) -> None:
    """No name of a resident, no token and no number that the departments delivered, in any form of the page."""
    names = {line.split(",")[3] for file in district.deliveries.glob("*ps_resident*.csv") for line in file.read_text("gb18030").splitlines()[1:]}
    names = {name for name in names if len(name) >= 3}
    assert len(names) > 300
    done(district.data, "report", grid, "--to", str(tmp_path / "grid.html"), "--most", "200", lang="zh")
    pages = (tmp_path / "grid.html").read_text(encoding="utf-8") + done(district.data, "--json", "report", grid, "--most", "200").out
    assert not [name for name in names if name in pages]
    assert not re.search(r"\bp[0-9a-f]{24}\b|\b\d{17}[\dX]\b|\b1\d{10}\b", pages)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_grid_of_which_little_is_known(lang: str) -> None:
    """No visits, no measures, nothing to do: each form of the page is made all the same, dashes stand for what is not known, and names cannot break it."""
    text = pages.html(EMPTY, lang)
    assert "<b>一" not in text and "<b>one" not in text and "&lt;b&gt;" in text and "&lt;g&gt;" in text
    ET.fromstring(re.sub(r"<meta[^>]*>", "", text.partition("\n")[2]))
    assert pages.pdf(EMPTY, lang).startswith(b"%PDF")


def test_charts_draw_what_is_given() -> None:
    """A bar for each week with visits, as high as its share of the busiest; a dot where something was checked; a share of one reaches the end of its bar."""
    weeks = (Week(date(2026, 1, 5), 4, 8, 0.5), Week(date(2026, 1, 12), 0, 0, None), Week(date(2026, 1, 19), 2, 2, 1.0))
    bars = [shape for shape in visits_chart(weeks, "zh").shapes if isinstance(shape, Rect)]
    assert len(bars) == 2 and bars[0].height == pytest.approx(2 * bars[1].height) and bars[0].y + bars[0].height == pytest.approx(bars[1].y + bars[1].height)
    dots = [shape for shape in accuracy_chart(weeks, "zh").shapes if isinstance(shape, Dot)]
    assert len(dots) == 2 and dots[0].y > dots[1].y and dots[0].radius > dots[1].radius
    drawn = shares_chart([Measure("visited", 1.0, 0.5, None)], "en").shapes
    back, whole, _, half, _ = [shape for shape in drawn if isinstance(shape, Rect)][3:]
    assert whole.width == back.width == 2 * half.width
    assert "100.0% / 50.0% / -" in [shape.text for shape in drawn if isinstance(shape, Text)]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_grid_that_does_not_exist_is_told(district: District, tmp_path: Path, lang: str) -> None:
    """One sentence and how to list grids, exit code 2, nothing written; also for an ending that is no page."""
    to = tmp_path / "grid.html"
    said = cabin(district.data, "--json", "report", "330302999999001", "--to", str(to), lang=lang)
    assert (said.code, said.document["error"]["code"]) == (2, "unknown-grid") and "visit_plan" in said.document["error"]["hint"]
    assert cabin(district.data, "--json", "report", "330302999999001", "--to", str(tmp_path / "grid.doc")).document["error"]["code"] == "page-ending"
    assert list(tmp_path.iterdir()) == []


def test_without_the_extra_only_pdf_is_missed(district: District, grid: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the library is not installed PDF says which extra to install, exit code 3; HTML and the terminal work."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "reportlab"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "reportlab", None)
    said = cabin(district.data, "--json", "report", grid, "--to", str(tmp_path / "grid.pdf"))
    assert (said.code, said.document["error"]["code"]) == (3, "report-extra-missing") and "base-cabin[report]" in said.document["error"]["hint"]
    done(district.data, "report", grid, "--to", str(tmp_path / "grid.html"))
    assert [path.name for path in tmp_path.iterdir()] == ["grid.html"]


def test_many_rows_go_on_on_a_second_sheet(found: GridReport) -> None:
    """A longer worklist than one sheet takes is not cut: every dwelling is in the text of some page."""
    from pypdf import PdfReader

    many = dataclasses.replace(found, worklist=tuple(dataclasses.replace(found.worklist[0], address=Label(f"门{n:03d}", f"door{n:03d}")) for n in range(120)))
    read = PdfReader(io.BytesIO(pages.pdf(many, "zh")))
    text = "\n".join(page.extract_text() for page in read.pages)
    assert len(read.pages) > 1 and all(f"门{n:03d}" in text for n in range(120))
