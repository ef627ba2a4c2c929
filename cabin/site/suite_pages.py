"""Every suite with its checks, what each came to last and before; and the list of suites. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from cabin.site.given import Given
from cabin.site.results import Result
from cabin.site.told import spark, standing, standing_told
from contracts.dictionary import owner_words
from contracts.model import Label
from contracts.site import place, words
from contracts.site.contract_promises import asked
from contracts.site.markup import NONE, Html, code, joined, pairs, table, tag
from contracts.site.place import Here
from contracts.site.search import said, search_field
from contracts.site.shell import Page
from quality.promises.checks import Check, Suite

TITLE = Label("检查套件", "Suites")
PARTS = {"feeds": "feed", "entities": "kind", "marts": "mart"}
FLAVOURS = {"feeds": Label("数据源", "Feeds"), "entities": Label("信息类别", "Kinds"), "marts": Label("数据集市", "Marts")}
SUITE, CHECKS, CONTRACT, TABLE, KEY, VERSION = (
    Label("套件", "Suite"),
    Label("检查数", "Checks"),
    Label("契约", "Contract"),
    Label("表", "Table"),
    Label("不符行的标识键", "Failing rows are told by"),
    Label("契约版本", "Version of the contract"),
)
LAST, BROKEN, HISTORY = Label("最近结果", "Last result"), Label("不符 / 涉及行数", "Broken / rows"), Label("历次", "History")
HINT, COUNT = Label("套件、检查、级别、结果", "suite, check, severity or result"), Label("项检查", "checks")
NEVER = Label(
    "该数据目录中尚无检查结果：运行 `cabin quality check` 后重新生成本站，各项检查旁即显示结果和历次情况。",
    "No check has been run in this data folder: after `cabin quality check`, a site built anew shows results and history beside the checks.",
)
WHERE = Label(
    "这里只有行数；不符行的键在数据目录的 quality/failing.jsonl 中。",
    "Counts only stand here; the keys of failing rows are in the data folder's quality/failing.jsonl.",
)
OTHER = Label("按契约版本 {0} 检查", "checked under version {0}")
SEALED = Label("读取密封单元格：只在标准化时判定", "reads sealed cells: judged while rows are normalised only")


def pages(given: Given) -> list[Page]:
    """The list, and a page for each suite."""
    listed = Page(place.SUITES, TITLE, place.SUITES, lambda here: _list(given, here))
    return [listed, *(_page(given, suite) for suite in given.suites)]


def owner(suite: Suite) -> tuple[str, str]:
    """The part and name of the contract that gives it."""
    return PARTS[suite.flavour], suite.contract


def _page(given: Given, suite: Suite) -> Page:
    label = owner_words(given.contracts, *owner(suite))
    return Page(place.suite_path(suite.name), Label(f"检查套件：{label.zh}", f"Suite: {label.en}"), place.SUITES, lambda here: _suite(given, suite, here))


def _suite(given: Given, suite: Suite, here: Here) -> Html:
    facts = [
        (here.say(SUITE), code(suite.name)),
        (here.say(CONTRACT), here.link(place.contract_path(*owner(suite)), here.say(owner_words(given.contracts, *owner(suite))))),
        (here.say(VERSION), suite.version),
        (here.say(TABLE), code(suite.relation)),
        (here.say(KEY), code(", ".join(suite.key))),
    ]
    heads = [here.say(each) for each in (*words.CHECK.values(), LAST, BROKEN, HISTORY)]
    rows = [_check(given, suite, check, here) for check in suite.checks]
    ids = [{"id": place.check_anchor(check.name)} for check in suite.checks]
    note = tag("p", here.say(WHERE if given.results.runs else NEVER), class_="soft")
    return joined([pairs(facts), note, table(heads, rows, ids)], "\n")


def _check(given: Given, suite: Suite, check: Check, here: Here) -> list[str]:
    found = given.results.checks.get((suite.name, check.name), ())
    asks = asked(check.type, check.kwargs)
    return [
        code(check.name),
        here.say(check.label),
        here.say(words.SEVERITIES[check.severity]),
        here.say(words.allowance(check.limit)),
        joined([asks, tag("br"), here.say(SEALED)]) if check.reads_sealed else asks,
        _last(found, suite, here),
        counted(found[-1]) if found else "",
        spark(found, here) if found else "",
    ]


def _last(found: Sequence[Result], suite: Suite, here: Here) -> Html:
    last = found[-1] if found else None
    if last is None:
        return standing_told(None, here)
    other = here.say(OTHER).format(last.version) if last.version != suite.version else ""
    lines = (last.at.isoformat(sep=" ", timespec="minutes"), last.fault, other)
    return joined([standing_told(last, here), *(joined([tag("br"), each]) for each in lines if each)])


def counted(result: Result) -> str:
    """Rows that broke it, of those it is about."""
    return "" if result.rows is None else f"{result.broken:,} / {result.rows:,}"


def _list(given: Given, here: Here) -> Html:
    note = NONE if given.results.runs else tag("p", here.say(NEVER), class_="note")
    count = sum(len(suite.checks) for suite in given.suites)
    sections = (_flavour(given, name, here) for name in FLAVOURS)
    return joined([note, search_field(here, HINT, COUNT, count), *sections], "\n")


def _flavour(given: Given, flavour: str, here: Here) -> Html:
    rows, spoken = [], []
    for suite in given.suites:
        for check in suite.checks if suite.flavour == flavour else ():
            last = given.results.last(suite.name, check.name)
            rows.append(_line(given, suite, check, last, here))
            label = owner_words(given.contracts, *owner(suite))
            texts = (
                suite.name,
                label.zh,
                label.en,
                check.name,
                check.label.zh,
                check.label.en,
                here.say(words.SEVERITIES[check.severity]),
                here.say(standing(last)[1]),
            )
            spoken.append(said(*texts))
    heads = [here.say(each) for each in (SUITE, words.CHECK["check"], words.CHECK["says"], words.CHECK["severity"], words.CHECK["limit"], LAST)]
    return tag("section", tag("h2", here.say(FLAVOURS[flavour]), id_=flavour), table(heads, rows, spoken), data_section=True)


def _line(given: Given, suite: Suite, check: Check, last: Result | None, here: Here) -> list[str]:
    path = place.suite_path(suite.name)
    return [
        here.link(path, here.say(owner_words(given.contracts, *owner(suite)))),
        here.link(path, code(check.name), place.check_anchor(check.name)),
        here.say(check.label),
        here.say(words.SEVERITIES[check.severity]),
        here.say(words.allowance(check.limit)),
        standing_told(last, here),
    ]
