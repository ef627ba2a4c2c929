"""The data dictionary in the terminal and as a page: everything is in it, found by words in either language, and pages need nothing else."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from contracts.dictionary import Entry, entries
from contracts.dictionary_find import found
from contracts.dictionary_html import page
from contracts.model import Contracts
from contracts.read import load
from tests.cabin.kit import cabin, done
from warehouse.promises import with_wide


@pytest.fixture(scope="module")
def known() -> Contracts:
    return with_wide(load())


class Elements(HTMLParser):
    """Tags with attributes, and the texts between them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data.strip())


def test_the_list_names_everything(tmp_path: Path, known: Contracts) -> None:
    """Every feed, kind, mart and code list, in both languages, before anything was landed."""
    for lang in ("zh", "en"):
        document = done(tmp_path / "data", "--json", "dictionary", lang=lang).document
        assert {(row["part"], row["name"]) for row in document["dictionary"]} == {(entry.part, entry.owner) for entry in entries(known)}
        assert sum(row["fields"] for row in document["dictionary"]) == len(entries(known))
        assert document["code_lists"] == sorted(known.code_lists)
    assert not (tmp_path / "data").exists()


def test_a_name_gives_its_fields_or_codes(tmp_path: Path, known: Contracts) -> None:
    """A mart, kind and feed of one name together; a code list its codes in both languages; one that is both gives both."""
    visit = done(tmp_path, "--json", "dictionary", "venue", lang="zh").document["fields"]
    assert {row["part"] for row in visit} == {"feed", "kind"} and len(visit) == len([e for e in entries(known) if e.owner == "venue"])
    assert {"code": "2", "zh": "私人出租", "en": "private let"} in done(tmp_path, "--json", "dictionary", "tenure").document["codes"]
    both = known.code_lists.keys() & {entry.owner for entry in entries(known)}
    for name in both:
        assert {"fields", "codes"} <= done(tmp_path, "--json", "dictionary", name).document.keys()
    assert cabin(tmp_path, "--json", "dictionary", "nobody").document["error"]["code"] == "not-found"


@pytest.mark.parametrize(
    ("words", "field"), [("鲜活度", "freshness"), ("FRESH", "freshness"), ("ｒｅｇｉｓｔｅｒｅｄ share", "registered_share"), ("私人出租", "tenure")]
)
def test_fields_are_found_by_words(known: Contracts, words: str, field: str) -> None:
    """In names, labels, meanings and labels of codes, in both languages, whatever the width and capitals; every word counts."""
    chosen = found(known, words)
    assert field in {entry.name for entry in chosen} and len(chosen) < len(entries(known)) / 4
    assert found(known, f"{words} zzz") == []


def test_nothing_found_is_told(tmp_path: Path) -> None:
    """Exit code 1 and what to try; within one mart only its fields are looked at."""
    assert "hint" in (said := cabin(tmp_path, "dictionary", "--find", "zzz")).out and said.code == 1
    rows = done(tmp_path, "--json", "dictionary", "coverage", "--find", "share").document["fields"]
    assert rows and {row["name"] for row in rows} == {"coverage"}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_is_whole_and_needs_nothing_else(tmp_path: Path, known: Contracts, lang: str) -> None:
    """Every field has its row under its owner; all links go to a place in the page; no script, picture, style or font from elsewhere."""
    to = tmp_path / "dictionary.html"
    assert done(tmp_path / "data", "--json", "dictionary", "--to", str(to), lang=lang).document["fields"] == len(entries(known))
    text = to.read_text(encoding="utf-8")
    read = Elements(text)
    names = [entry.name for entry in entries(known)]
    assert set(names) <= set(read.texts) and sum(tag == "tr" for tag, _ in read.tags) == len(names) + len({(e.part, e.owner) for e in entries(known)})
    places = {given["id"] for _, given in read.tags if "id" in given}
    links = [given["href"] or "" for tag, given in read.tags if tag == "a"]
    assert links and all(link.startswith("#") and link[1:] in places for link in links)
    assert not re.search(r"https?:|//[a-z]|<script|<img|<link|url\(|@import", text)
    assert f'<html lang="{lang}">' in text


def test_what_contracts_say_cannot_break_the_page(known: Contracts) -> None:
    """A description with markup in it is shown as it is."""
    first = entries(known)[0]
    evil = Entry(**{name: getattr(first, name) for name in Entry.__slots__} | {"about": first.about.__class__("<script>x</script>", "<b>&`")})
    text = page(known, [evil], "zh") + page(known, [evil], "en")
    assert "<script>" not in text and "&lt;script&gt;" in text and "&lt;b&gt;&amp;`" in text


def test_a_part_is_written_as_markdown(tmp_path: Path) -> None:
    """One mart, or what speaks of a word; another ending is one sentence."""
    done(tmp_path, "dictionary", "coverage", "--to", str(tmp_path / "a.md"), lang="zh")
    text = (tmp_path / "a.md").read_text(encoding="utf-8")
    assert "### coverage 采集覆盖" in text and text.count("\n### ") == 1 and "## 数据源" not in text
    assert cabin(tmp_path, "--json", "dictionary", "--to", str(tmp_path / "a.doc")).document["error"]["code"] == "page-ending"
