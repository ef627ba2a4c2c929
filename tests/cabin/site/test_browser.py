"""The site in a headless browser, from `file://`: every page of it opens without a console error, a page error, a failed request or one that leaves the folder; search and graphs work."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from contracts.dictionary_find import found
from tests.browser import Watched, browsing
from tests.cabin.site.site_kit import LANGUAGES, Site

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site on disk."""
    return site.write(tmp_path_factory.mktemp("pages"))


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    """One for all tests of this module: starting it takes longer than most of them."""
    with browsing(tmp_path_factory.mktemp("browser")) as opened:
        yield opened


@pytest.fixture
def watched(browser: BrowserContext) -> Iterator[Watched]:
    """A page of its own for every test."""
    page = browser.new_page()
    yield Watched(page)
    page.close()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_page_opens_without_error_or_outside_request(watched: Watched, folder: Path, site: Site, lang: str) -> None:
    """All pages of a language, not a sample, each with its style."""
    listed = sorted(folder.glob(f"{lang}/**/*.html"))
    assert len(listed) == sum(path.startswith(f"{lang}/") for path in site.pages) > 250
    for file in [folder / "index.html", *listed]:
        watched.page.goto(file.as_uri())
        assert watched.page.evaluate("document.styleSheets.length") == 1, file.name
        assert watched.wrong == [], file.relative_to(folder)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("words", ["", "coverage", "鲜活度", "ＮＡＭＥ person", "身份 号码", "no such words"])
def test_the_search_finds_what_the_command_finds(watched: Watched, folder: Path, site: Site, lang: str, words: str) -> None:
    """As many rows stay as `cabin dictionary --find` has fields, in either language; sections without a row go."""
    page = watched.page
    page.goto((folder / lang / "dictionary.html").as_uri())
    page.fill("input[data-find]", words)
    wanted = len(found(site.made_of.contracts, words))
    assert (page.locator("tr[data-said]:not([hidden])").count(), page.inner_text("[data-count]")) == (wanted, str(wanted))
    sections = page.locator("section[data-section]:not([hidden])").count()
    assert (sections == 0) == (wanted == 0) and sections <= max(wanted, 0)
    assert watched.wrong == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_nodes_of_a_graph_lead_on(watched: Watched, folder: Path, lang: str) -> None:
    """A click on a feed opens its contract, one on a table the table's own graph, one on what has no contract its line in the list; and the way back is the browser's."""
    page = watched.page
    graph = (folder / lang / "lineage" / "mart" / "coverage.html").as_uri()
    for node, end in (
        ("feed.ps_resident", "feed/ps_resident.html"),
        ("marts.dwelling_current", "lineage/mart/dwelling_current.html"),
        ("history.finding", "lineage.html#history.finding"),
    ):
        page.goto(graph)
        page.click(f'g[data-node="{node}"] a')
        page.wait_for_url(f"**/{lang}/{end}")
        assert page.locator("h1").count() == 1
    assert watched.wrong == []


def test_what_hangs_together_is_shown(watched: Watched, folder: Path) -> None:
    """Under the pointer a feed leaves its department, what it is made into and the mart; other feeds step back until the pointer leaves."""
    page = watched.page
    page.goto((folder / "en" / "lineage" / "mart" / "coverage.html").as_uri())
    dim = page.locator("g.dim")
    assert dim.count() == 0
    page.hover('g[data-node="feed.ps_resident"]')
    assert dim.count() > 0
    for node in ("department.police station", "feed.ps_resident", "history.claim_person", "marts.coverage"):
        assert "dim" not in (page.get_attribute(f'g[data-node="{node}"]', "class") or "")
    assert "dim" in (page.get_attribute('g[data-node="feed.visit"]', "class") or "")
    page.hover("h1")
    assert dim.count() == 0


def test_what_a_graph_is_about_is_in_sight(watched: Watched, folder: Path) -> None:
    """The node in focus lies within the window when the page opens, also where the graph is broader than that."""
    page = watched.page
    page.set_viewport_size({"width": 700, "height": 800})
    page.goto((folder / "en" / "lineage" / "mart" / "officer_today.html").as_uri())
    box = page.locator("g.focus").bounding_box()
    assert box and box["x"] >= 0 and box["x"] + box["width"] <= 700
    assert page.evaluate("document.querySelector('.graph').scrollLeft") > 0


def test_a_page_has_its_twin_one_click_away(watched: Watched, folder: Path) -> None:
    """From a page deep in the site to the same page in the other language and back."""
    page = watched.page
    page.goto((folder / "zh" / "suite" / "marts" / "household.html").as_uri())
    page.click("nav .twin")
    page.wait_for_url("**/en/suite/marts/household.html")
    assert page.inner_text("h1").startswith("Suite")
    page.click("nav .twin")
    page.wait_for_url("**/zh/suite/marts/household.html")
    assert watched.wrong == []


def test_the_watch_itself_sees_errors_and_outside_requests(watched: Watched, tmp_path: Path) -> None:
    """A page that does what ours must not is told: otherwise an empty list would prove nothing."""
    file = tmp_path / "bad.html"
    file.write_text('<!doctype html><img src="http://127.0.0.1:9/x.png"><script>console.error("told"); undefinedName()</script>', encoding="utf-8")
    watched.page.goto(file.as_uri())
    assert {each.partition(":")[0] for each in watched.wrong} == {"error", "page error", "failed", "outside"}
