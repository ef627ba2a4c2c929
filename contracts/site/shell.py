"""What stands around every page: head, way through the site, the other language. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from contracts.model import Label
from contracts.site import place
from contracts.site.markup import NONE, Html, joined, tag
from contracts.site.place import Here

ASSETS = ("site.css", "site.js")
SITE = Label("基础数字方舱：数据文档", "Digital base-management cabin: data docs")
NOTHING_ELSE = "default-src 'none'; style-src 'self' file:; script-src 'self' file:; img-src 'self' file: data:; base-uri 'none'; form-action 'none'"
"""Tells browsers to load nothing but the site's own two files."""
SECTIONS = {
    place.START: Label("首页", "Start"),
    place.CONTRACTS: Label("契约", "Contracts"),
    place.DICTIONARY: Label("数据字典", "Dictionary"),
    place.SUITES: Label("检查套件", "Suites"),
    place.RESULTS: Label("检查结果", "Results"),
    place.MONITORS: Label("监测", "Monitors"),
    place.SCORECARDS: Label("记分卡", "Scorecards"),
    place.LINEAGE: Label("血缘", "Lineage"),
    place.TOPICS: Label("消息主题", "Topics"),
}
SKIP = Label("跳到正文", "To the text")
LANGUAGE = {"zh": "中文", "en": "English"}


@dataclass(frozen=True, slots=True)
class Page:
    """One page in both languages: where it lies, what it is called, to which of `SECTIONS` it belongs, and what it says."""

    path: str
    title: Label
    section: str
    body: Callable[[Here], Html]


def rendered(page: Page, lang: str, about: Label) -> str:
    """The whole file; `about`: of what the site was made, one line at the foot."""
    here = Here(page.path, lang)
    title = here.say(page.title)
    content = joined([tag("h1", title), page.body(here)], "\n")
    whole = [_head(here, title), tag("body", _way(here, page), tag("main", content, id_="text"), tag("footer", here.say(about)))]
    return f"<!doctype html>\n{tag('html', *whole, lang='zh-CN' if lang == 'zh' else 'en')}\n"


def _head(here: Here, title: str) -> Html:
    return tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=NOTHING_ELSE),
        tag("meta", name="viewport", content="width=device-width"),
        tag("title", f"{title} · {here.say(SITE)}"),
        tag("link", rel="stylesheet", href=f"{here.root}site.css"),
        tag("link", rel="icon", href="data:,"),
        tag("script", src=f"{here.root}site.js", defer=True),
    )


def _way(here: Here, page: Page) -> Html:
    links = [tag("a", here.say(label), href=here.href(path), aria_current="page" if path == page.section else None) for path, label in SECTIONS.items()]
    twin = tag("a", LANGUAGE[here.twin.lang], href=f"{here.root}{here.twin.lang}/{here.path}", hreflang=here.twin.lang, class_="twin")
    return tag("header", tag("a", here.say(SKIP), href="#text", class_="skip"), tag("nav", *links, NONE, twin, aria_label=here.say(SITE)))


def chooser() -> str:
    """The first file of the site: which language?"""
    links = [tag("p", tag("a", LANGUAGE[lang], " · ", SITE.get(lang), href=f"{lang}/{place.START}", hreflang=lang)) for lang in place.LANGUAGES]
    head = [
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=NOTHING_ELSE),
        tag("meta", name="viewport", content="width=device-width"),
        tag("title", f"{SITE.zh} · {SITE.en}"),
        tag("link", rel="stylesheet", href="site.css"),
        tag("link", rel="icon", href="data:,"),
    ]
    return f"<!doctype html>\n{tag('html', tag('head', *head), tag('body', tag('main', tag('h1', SITE.zh), *links)), lang='zh-CN')}\n"


def assets() -> dict[str, bytes]:
    """The files that all pages share."""
    return {name: Path(__file__).with_name(name).read_bytes() for name in ASSETS}
