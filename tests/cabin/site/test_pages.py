"""The site as files: everything has its page, every link leads somewhere, nothing is loaded from elsewhere, and text stays text."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path

import pytest

import quality.promises
from cabin.site.given import Given
from cabin.site.monitor_pages import EXPLAINED
from cabin.site.results import MOST
from cabin.site.told import FAILED as FAILED_WORD
from cabin.site.told import NEVER, UNKNOWN
from cabin.site.told import WARNED as WARNED_WORD
from cabin.site.whole import files, pages
from contracts.asyncapi import document
from contracts.codes_read import TABLES
from contracts.dictionary import entries
from contracts.dictionary_find import plain
from contracts.history_words import history_words
from contracts.read import FOLDERS, HOME, load
from contracts.site import code_page
from contracts.site.place import CONTRACTS, LANGUAGES, code_path, column_anchor, contract_path, lineage_path, monitor_path, suite_path, topic_path
from contracts.site.shell import rendered
from contracts.site.table_page import WORDS
from quality.monitors import MONITORS
from tests.cabin.site.site_kit import AT, ERRED, FAILED, SECRET, TRAP, WARNED, Read, Site
from warehouse.catalogue import mart_files
from warehouse.history.layout import history_tables

OF_KINDS = ("entity_current.yaml",)
"""Files that describe one table a kind: each has its page under the kind's own name."""
CHINESE = re.compile("[\u4e00-\u9fff]")


def test_every_page_is_well_formed(site: Site) -> None:
    """Elements close as they opened, no attribute stands twice, no anchor stands twice."""
    faults = {path: page.faults for path, page in site.pages.items() if page.faults}
    twice = {path: sorted({each for each in page.ids if page.ids.count(each) > 1}) for path, page in site.pages.items() if len(set(page.ids)) < len(page.ids)}
    assert (faults, twice) == ({}, {})


def test_every_link_and_anchor_resolves(site: Site) -> None:
    """Over all files of both languages: the file is there, and so is the anchor in it."""
    ids = {path: set(page.ids) for path, page in site.pages.items()}
    broken = []
    for path, page in site.pages.items():
        for link in {*page.links, *(each for each in page.loaded if not each.startswith("data:"))}:
            file, anchor = site.target(path, link)
            if file not in site.files or (anchor and anchor not in ids.get(file, ())):
                broken.append((path, link))
    assert broken == []
    assert sum(len(page.links) for page in site.pages.values()) > 20_000


def test_every_page_can_be_reached_from_the_first(site: Site) -> None:
    """Nobody has to know a file's name."""
    met, edge = {"index.html"}, ["index.html"]
    while edge:
        path = edge.pop()
        found = {site.target(path, link)[0] for link in site.pages[path].links} & site.pages.keys()
        edge += sorted(found - met)
        met |= found
    assert set(site.pages) - met == set()


def test_nothing_is_loaded_from_elsewhere(site: Site) -> None:
    """Pages load the site's two files and nothing else, no attribute runs a script or holds a style, and style and script name no address."""
    for path, page in site.pages.items():
        outside = [each for each in page.loaded if each != "data:," and site.target(path, each)[0] not in ("site.css", "site.js")]
        assert outside == [], path
        assert [each for each in page.links if re.match("[a-z]+:|//", each)] == [], path
        assert not {each for each in page.attributes if each.startswith("on") or each == "style"}, path
    for name in ("site.css", "site.js"):
        assert not re.search(r"url\(|@import|https?:|//[a-z]|fetch\(|XMLHttpRequest|import\(", site.files[name].decode().replace("// ", "")), name
    assert all("Content-Security-Policy" in site.files[path].decode() for path in site.pages)


def test_each_page_links_to_its_twin(site: Site) -> None:
    """Both languages have the same pages, each in its language, and each names the other."""
    for path in site.pages:
        if path == "index.html":
            assert {site.target(path, link)[0] for link in site.pages[path].links} == {"zh/index.html", "en/index.html"}
            continue
        lang, _, rest = path.partition("/")
        other = "en" if lang == "zh" else "zh"
        assert site.pages[path].lang.startswith(lang)
        assert f"{other}/{rest}" in {site.target(path, link)[0] for link in site.pages[path].links}, path
        title = re.search("<h1>(.*?)</h1>", site.files[path].decode())
        assert title and bool(CHINESE.search(title.group(1).replace("宿舍住宿登记", "") if lang == "en" else title.group(1))) == (lang == "zh"), path


@pytest.mark.parametrize("lang", LANGUAGES)
def test_everything_has_its_page(site: Site, lang: str) -> None:
    """Every feed, kind, mart, code list, suite and topic, and the lineage of every mart and feed; fields, rules and checks with their anchors and words."""
    contracts = site.made_of.contracts
    wanted = [contract_path(entry.part, entry.owner) for entry in entries(contracts)]
    wanted += [code_path(name) for name in (*contracts.code_lists, "division")]
    wanted += [suite_path(each.name) for each in site.made_of.suites]
    wanted += [monitor_path(name) for name in contracts.feeds]
    wanted += [lineage_path("mart", name) for name in contracts.marts] + [lineage_path("feed", name) for name in contracts.feeds]
    wanted += [topic_path(name) for name in site.made_of.documents[lang]["channels"]]
    assert [path for path in wanted if f"{lang}/{path}" not in site.pages] == []
    fields = [
        (entry.part, entry.owner, entry.name)
        for entry in entries(contracts)
        if column_anchor(entry.name) not in site.pages[f"{lang}/{contract_path(entry.part, entry.owner)}"].ids
    ]
    assert fields == []


def test_every_contract_of_whatever_sort_has_a_page() -> None:
    """Every file of contracts, code lists and tables that is shipped, whatever it describes: a page bears its name, and the list of contracts leads to it."""
    made = Given(load(), mart_files(), AT, 2)
    files = [*(file for name in FOLDERS for file in (HOME / name).glob("*.yaml")), *(HOME / "codes").glob("*.csv"), *(HOME / "codes").glob("*.yaml")]
    files += Path(quality.promises.__file__).parent.glob("*.yaml")
    listed = Read(rendered(next(each for each in pages(made) if each.path == CONTRACTS), "en", made.about)).links
    parts = {"entities": ("kind",), "feeds": ("feed",), "marts": ("mart",), "codes": ("codes", "table"), "promises": ("table",)}
    missing = [file.name for file in files if not {f"{part}/{file.stem}.html" for part in parts[file.parent.name]} & set(listed)]
    assert len(files) > 100 and [name for name in missing if name not in OF_KINDS] == []
    assert {f"table/{name}.html" for name in ("history", *TABLES)} <= set(listed)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_reference_tables_show_their_rows_in_words(site: Site, lang: str) -> None:
    """Every column of every table has words; codes are told in the reader's language, and every row is there."""
    assert {name: tuple(each.columns) for name, each in WORDS.items()} == dict(TABLES)
    tables = site.made_of.contracts.tables
    wanted = {"service_level": ("首次响应", "first answer"), "task_guide": ("上门", "knock at the door"), "holiday": ("春节", "Spring Festival")}
    for name, words in wanted.items():
        page, text = site.pages[f"{lang}/table/{name}.html"], site.files[f"{lang}/table/{name}.html"].decode()
        assert words[lang == "en"] in page.words and text.count("data-said=") == len(tables[name]) > 0
    assert {"zh": "疾病、精神障碍、残疾", "en": "health, mental illness, disability"}[lang] in site.pages[f"{lang}/table/ban.html"].words


@pytest.mark.parametrize("lang", LANGUAGES)
def test_tables_of_history_are_told_by_column(site: Site, lang: str) -> None:
    """Each with its columns in words; a column that the words leave out would be missed by its readers."""
    page = site.pages[f"{lang}/table/history.html"]
    laid = history_tables(site.made_of.released)
    for name, told in history_words().tables.items():
        assert f"table-{name}" in page.ids and told.about.get(lang) in page.words
        assert name == "claim" or [each for each in laid[name].schema.names if each not in page.said] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_feeds_page_tells_the_whole_contract(site: Site, lang: str) -> None:
    """Department, purpose, rules with severity, limit and condition, service level, versions and the ways on."""
    page = site.pages[f"{lang}/feed/ps_resident.html"]
    feed = site.made_of.contracts.feeds["ps_resident"]
    wanted = [
        feed.department.get(lang),
        feed.version_text,
        *(rule.reason for rule in feed.rules),
        *(rule.label.get(lang) for rule in feed.rules),
        *(rule.holds for rule in feed.rules),
    ]
    wanted += [f"{rule.limit.percent:g}" for rule in feed.rules if rule.limit] + [
        {"zh": "24 小时", "en": "24 hours"}[lang],
        {"zh": "人口登记", "en": "registration of residents"}[lang],
    ]
    assert [text for text in wanted if " ".join(text.split()) not in page.words] == []
    targets = {site.target(f"{lang}/feed/ps_resident.html", link)[0] for link in page.links}
    assert {
        f"{lang}/dictionary.html",
        f"{lang}/suite/feeds/ps_resident.html",
        f"{lang}/lineage/feed/ps_resident.html",
        f"{lang}/topic/cabin.raw.ps_resident.html",
    } <= targets


@pytest.mark.parametrize(("lang", "readers"), [("zh", "入户走访、基层管理人员"), ("en", "household visit, base-management officers")])
def test_readers_of_a_mart_are_words(site: Site, lang: str, readers: str) -> None:
    """On its page and in the list of contracts, in the language of the page."""
    assert readers in site.pages[f"{lang}/mart/household.html"].words and readers in site.pages[f"{lang}/contracts.html"].words


def test_older_versions_are_told(site: Site) -> None:
    """A version of which messages are still read, and how its rows become newer ones."""
    words = site.pages["en/feed/hostel_guest.html"].words
    assert "2.0.0" in words and "room = upper(room)" in words


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_check_stands_on_its_suites_page(site: Site, lang: str) -> None:
    """With its severity, its meaning and an anchor."""
    severity = {"zh": {"error": "错误", "warning": "警告"}, "en": {"error": "error", "warning": "warning"}}[lang]
    for suite in site.made_of.suites:
        page = site.pages[f"{lang}/{suite_path(suite.name)}"]
        lines = site.files[f"{lang}/{suite_path(suite.name)}"].decode().split("<tr")
        for check in suite.checks:
            assert f"check-{check.name}" in page.ids, (suite.name, check.name)
            row = next(line for line in lines if f'id="check-{check.name}"' in line)
            assert f"<td>{severity[str(check.severity)]}</td>" in row
            assert check.label.get(lang) in page.words or TRAP in check.label.get(lang)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(("where", "word", "counts"), [(FAILED, FAILED_WORD, "34 / 1,000"), (WARNED, WARNED_WORD, "34 / 1,000"), (ERRED, UNKNOWN, "")])
def test_results_stand_beside_their_checks(site: Site, lang: str, where: tuple[str, int], word: object, counts: str) -> None:
    """What failed has its counts; what only warns is told apart; what could not be judged is neither kept nor failed, and says why; each has its history as a chart."""
    suite = next(each for each in site.made_of.suites if each.name == where[0])
    check = suite.checks[where[1]]
    row = next(each for each in site.files[f"{lang}/{suite_path(suite.name)}"].decode().split("<tr") if f'id="check-{check.name}"' in each)
    if where is FAILED and str(check.severity) == "warning":
        pytest.fail("the example is no error any more")
    assert word.get(lang) in row and counts in row and row.count("<rect") == 3  # type: ignore[attr-defined]
    assert ("Binder Error" in row) == (where is ERRED)
    open_ones = site.files[f"{lang}/results.html"].decode().partition('id="runs"')[0]
    assert f"#check-{check.name}" in open_ones and open_ones.count("<tr") == 4


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_start_page_says_of_what_it_was_built(site: Site, lang: str) -> None:
    """When, of which snapshot, under which contracts, and what the snapshot is marked with."""
    words = site.pages[f"{lang}/index.html"].words
    assert "2026-03-01 08:00:00" in words and "000003" in words and site.made_of.released.fingerprint in words
    assert {"zh": "1 项无法判定", "en": "1 could not be judged"}[lang] in words


def test_a_mark_under_other_contracts_is_told(site: Site) -> None:
    """A snapshot that was checked under another release does not pass for one checked under this."""
    other = Given(site.made_of.released, site.made_of.marts, AT, 2, type(site.made_of.published)("000001", "x"), site.made_of.results)  # type: ignore[misc]
    from cabin.site import result_page

    assert "other contracts" in rendered(result_page.page(other), "en", other.about)
    assert "other contracts" not in site.files["en/results.html"].decode()


def test_keys_of_rows_are_on_no_page(site: Site) -> None:
    """Results show counts; the key of a failing row stays in the data folder."""
    assert [path for path, content in site.files.items() if SECRET.encode() in content] == []


def test_text_of_a_contract_stays_text(site: Site) -> None:
    """A label, a department, a header, a description and a rule that look like markup are shown as they are written."""
    for lang in LANGUAGES:
        feed = site.made_of.contracts.feeds["hostel_guest"]
        for path in ("feed/hostel_guest.html", "dictionary.html", "contracts.html", "suite/feeds/hostel_guest.html", "lineage/feed/hostel_guest.html"):
            assert TRAP in site.pages[f"{lang}/{path}"].words, path
        assert feed.label.get(lang) in site.pages[f"{lang}/feed/hostel_guest.html"].words
    assert [path for path, content in site.files.items() if path.endswith(".html") and b"alert(1)</script>" in content] == []


@pytest.mark.parametrize("path", ["contracts.html", "suites.html", "topics.html", "dictionary.html", "codes/division.html"])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_search_looks_into_folded_words(site: Site, lang: str, path: str) -> None:
    """What a person types is folded as the dictionary's search folds it, so what is looked into is, too: full-width letters and capitals of a contract are found by plain ones."""
    looked_into = re.findall(r'data-said="(.*?)"', site.files[f"{lang}/{path}"].decode())
    assert looked_into and [each for each in map(unescape, looked_into) if each != " ".join(plain(each).split())] == []


def test_full_width_letters_of_a_contract_are_found(tmp_path: Path) -> None:
    """A code list whose label has full-width letters is found by plain ones, in the list of contracts and on its own page."""
    rows = "".join(f"{code},ＡＢＣ{code},Abc\n" for code in range(60))
    (tmp_path / "wide_list.csv").write_text(f"code,zh,en\n{rows}", encoding="utf-8")
    made = load(extra=(tmp_path / "wide_list.csv",))
    page = next(each for each in code_page.pages(made) if each.path == "codes/wide_list.html")
    assert 'data-said="7 abc7 abc"' in rendered(page, "zh", page.title)


def test_the_document_lies_beside_its_pages(site: Site) -> None:
    """The AsyncAPI document of each language, as `cabin contract asyncapi` writes it."""
    for lang in LANGUAGES:
        assert json.loads(site.files[f"{lang}/asyncapi.json"]) == document(site.made_of.released, 2, lang)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_scorecards_are_listed_and_shown(site: Site, lang: str) -> None:
    """Each by department and month, and on a page of its own what is sent to the department: tiles, charts, words, line and foot."""
    listed, page = site.pages[f"{lang}/scorecards.html"], site.pages[f"{lang}/scorecard/police-station_2026-02.html"]
    assert {"zh": "公安派出所", "en": "police station"}[lang] in listed.words and "2026-02" in listed.words
    assert page.words.count(TRAP) == 4 and "12" in page.words and b"<svg" in site.files[f"{lang}/scorecard/police-station_2026-02.html"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_monitor_and_alarm_is_told(site: Site, lang: str) -> None:
    """What each monitor is called and says; of an alarm feed, value, bounds, points, history and sentence; how much was judged, and as of when."""
    page = site.pages[f"{lang}/monitors.html"]
    assert [each.name for each in MONITORS if f"monitor-{each.name}" not in page.ids or each.label.get(lang) not in page.words] == []
    assert {"zh": "当日行数 300，通常为 90 至 110", "en": "300 rows on the day, usually 90 to 110"}[lang] in page.words
    assert {"zh": "已判断：数据源 1 个", "en": "judged: 1 feeds"}[lang] in page.words and "2026-03-01 08:00" in page.words
    alarm = site.files[f"{lang}/monitors.html"].decode().partition('id="alarms"')[2].partition('id="feeds"')[0]
    assert re.findall(r"<td>([\d,]+)</td>", alarm) == ["300", "90", "110", "14"] and alarm.count("<polyline") == 3
    assert {"zh": "1 项超出范围", "en": "1 out of bounds"}[lang] in site.pages[f"{lang}/index.html"].words


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_feeds_monitors_show_every_series(site: Site, lang: str) -> None:
    """Also those within bounds, those that cannot be judged yet, which have none, and those beyond that another alarm explains; its contract leads there."""
    text = site.files[f"{lang}/monitor/hostel_guest.html"].decode().partition('id="series"')[2]
    rows = text.split("<tr")[2:]
    assert len(rows) == 3 and [EXPLAINED.get(lang) in row for row in rows] == [False, True, False]
    assert rows[2].count("<td>-</td>") == 2 and "25.0%" in rows[2] and TRAP in site.pages[f"{lang}/monitor/hostel_guest.html"].words
    assert f"{lang}/monitor/hostel_guest.html" in {
        site.target(f"{lang}/feed/hostel_guest.html", link)[0] for link in site.pages[f"{lang}/feed/hostel_guest.html"].links
    }
    assert {"zh": "尚无可监测的交付", "en": "no delivery to watch"}[lang] in site.pages[f"{lang}/monitor/patrol.html"].words


@pytest.mark.parametrize("lang", LANGUAGES)
def test_where_nothing_was_checked_the_pages_say_so(lang: str) -> None:
    """No result passes for a good one: every check never ran, no snapshot is published, there is no scorecard; and nothing else is missing."""
    from cabin.site import monitor_pages, result_page, scorecard_page, start, suite_pages

    empty = Given(load(), mart_files(), AT, 2)
    pages = {
        page.path: Read(rendered(page, lang, empty.about))
        for page in (result_page.page(empty), *monitor_pages.pages(empty), *scorecard_page.pages(empty), start.page(empty), *suite_pages.pages(empty))
    }
    assert {"zh": "尚无检查结果", "en": "no results"}[lang] in pages["results.html"].words
    assert {"zh": "没有已发布的快照", "en": "no published snapshot"}[lang] in pages["index.html"].words
    assert {"zh": "没有记分卡", "en": "no scorecards"}[lang] in pages["scorecards.html"].words
    assert {"zh": "没有日志", "en": "no log"}[lang] in pages["monitors.html"].words
    assert {"zh": "尚无监测", "en": "nothing watched yet"}[lang] in pages["index.html"].words
    checks = [page for path, page in pages.items() if path.startswith("suite/")]
    assert sum(page.words.count(NEVER.get(lang)) for page in checks) == sum(len(each.checks) for each in empty.suites)
    assert not any("kept" in page.classes for page in pages.values())


def test_no_more_runs_than_fit_are_shown(site: Site) -> None:
    """History goes on for years; a page shows the newest runs of it."""
    assert MOST == 30 and all(len(found) <= MOST for found in site.made_of.results.checks.values())


def test_files_come_from_what_is_given_alone(site: Site) -> None:
    """The same given ones, the same bytes; every file once."""
    listed = [path for path, _ in files(site.made_of)]
    assert len(listed) == len(set(listed)) == len(site.files)
