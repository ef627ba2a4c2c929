"""`cabin quality scorecard`: departments listed without a rank, one department's card on the terminal and as a page, the pages of all; no person on any of them."""

from __future__ import annotations

import re
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.cabin.kit import ENGLISH, District, cabin, done
from warehouse.query import opened

MONTH = "select max(date_trunc('month', day))::date from feed_health"


@pytest.fixture(scope="module")
def month(district: District) -> str:
    """The month in which the district was landed."""
    with opened(district.data / "published") as snapshot:
        return f"{snapshot.sql(MONTH).fetchall()[0][0]:%Y-%m}"


def test_departments_stand_in_name_order_with_what_they_delivered(district: District, month: str) -> None:
    """Every feed once; the counts are those of `feed_health`; no rank, no total, no comparison."""
    found = done(district.data, "--json", "quality", "scorecard", "--month", month).document["departments"]
    with opened(district.data / "published") as snapshot:
        rows = dict(snapshot.sql("select feed, sum(delivered)::bigint from feed_health group by feed").fetchall())
    assert {each["feed"]: each["delivered"] for each in found if each["delivered"]} == {feed: count for feed, count in rows.items() if count}
    assert [each["department"] for each in found] == sorted(each["department"] for each in found)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_card_tells_what_the_marts_say(district: District, month: str, lang: str) -> None:
    """Counts and faults of the police station's feed, in words; a machine gets the same as one document; Chinese has no English sentence in it."""
    said = done(district.data, "quality", "scorecard", "ps_resident", "--month", month, lang=lang).out
    document = done(district.data, "--json", "quality", "scorecard", "ps_resident", "--month", month, lang=lang).document
    with opened(district.data / "published") as snapshot:
        delivered, quarantined = snapshot.sql("select sum(delivered), sum(quarantined) from feed_health where feed = 'ps_resident'").fetchall()[0]
        faults = snapshot.sql("select sum(quarantined), sum(mended) from source_fault where feed = 'ps_resident'").fetchall()[0]
        differing = snapshot.sql("select count(*) from discrepancy where source = 'ps_resident'").fetchall()[0][0]
    counts = document["counts"]
    assert (counts["delivered"], counts["quarantined"], counts["differing"]) == (delivered, quarantined, differing) and quarantined > 0
    assert tuple(sum(int(row[name].replace(",", "")) for row in document["faults"]) for name in ("quarantined", "mended")) == faults
    assert document["changes"] and all(told in said for told in document["changes"])
    shown = {row["row"] for row in document["examples"]}
    assert shown and all(origin in said for origin in shown)
    if lang == "zh":
        assert not ENGLISH.search(said)


def test_pages_of_all_departments_hold_no_person(district: District, month: str, tmp_path: Path) -> None:
    """HTML and PDF of each; no name that was delivered, no token, no identity or mobile number on any of them, and no other department's name on a card."""
    folder = tmp_path / "cards"
    written = done(district.data, "--json", "quality", "scorecard", "--month", month, "--to", str(folder), lang="zh").document["files"]
    assert sorted(path.name for path in folder.iterdir()) == written and len({name.partition(".")[0] for name in written}) * 2 == len(written)
    names = {line.split(",")[3] for file in district.deliveries.glob("*ps_resident*.csv") for line in file.read_text("gb18030").splitlines()[1:]}
    pages = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.html")}
    text = "\n".join(pages.values())
    assert not [name for name in names if len(name) >= 3 and name in text]
    assert not re.search(r"\bp[0-9a-f]{24}\b|\b\d{17}[\dX]\b|\b1\d{10}\b", text)
    assert "租赁平台" in pages[f"rental-platform_{month}.html"] and "公安派出所" not in pages[f"rental-platform_{month}.html"]
    one = tmp_path / "card.html"
    done(district.data, "quality", "scorecard", "租赁平台", "--month", month, "--to", str(one), lang="zh")
    assert one.read_text(encoding="utf-8") == pages[f"rental-platform_{month}.html"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_mistakes_are_told(district: District, tmp_path: Path, lang: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unknown department, a month that is none or did not begin, an ending that is no page: one sentence, nothing written. Without the extra only PDF is missed."""
    to = str(tmp_path / "card.html")
    later = f"{datetime.now() + timedelta(days=70):%Y-%m}"
    for arguments, code in (
        (("nobody", "--to", to), "unknown-department"),
        (("rental", "--month", "May", "--to", to), "month-unreadable"),
        (("rental", "--month", later, "--to", to), "month-unreadable"),
        (("--month", later), "month-unreadable"),
        (("rental", "--to", str(tmp_path / "card.doc")), "page-ending"),
    ):
        said = cabin(district.data, "--json", "quality", "scorecard", *arguments, lang=lang)
        assert (said.code, said.document["error"]["code"]) == (2, code), arguments
    for name in [name for name in sys.modules if name.partition(".")[0] == "reportlab"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "reportlab", None)
    assert cabin(district.data, "--json", "quality", "scorecard", "--to", str(tmp_path / "cards")).document["error"]["code"] == "report-extra-missing"
    assert list(tmp_path.iterdir()) == []
