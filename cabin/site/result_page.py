"""What runs of checks came to: the published snapshot's mark, the checks that were not kept last, runs one by one. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from cabin.site.given import Given
from cabin.site.results import Sum
from cabin.site.suite_pages import NEVER, WHERE, counted, owner
from cabin.site.told import FAILED, KEPT, UNKNOWN, WARNED, spark, standing_told
from contracts.dictionary import owner_words
from contracts.model import Label
from contracts.pages.charts import Share, Span, shares
from contracts.pages.html import svg
from contracts.site import place, words
from contracts.site.markup import Html, code, joined, table, tag
from contracts.site.place import Here
from contracts.site.shell import Page

TITLE = Label("检查结果", "Results")
RUNS, AT, SNAPSHOT, CHECKS = Label("历次运行", "Runs"), Label("运行时间", "Run at"), Label("快照", "Snapshot"), Label("检查数", "Checks")
MARKS, CONTRACTS = Label("快照的标记", "Marks of snapshots"), Label("契约摘要", "Contracts")
OPEN = Label("最近一次未通过的检查", "Checks that were not kept last")
NONE_OPEN = Label("最近一次运行中，运行过的检查全部通过。", "Every check that was run was kept the last time.")
UNMARKED = Label("已发布的快照 {0} 还没有整体检查过。", "The published snapshot {0} was not checked as a whole yet.")
MARKED = Label(
    "已发布的快照 {0} 于 {1} 整体检查：{2} 项通过，{3} 项不通过，{4} 项提示，{5} 项无法判定。",
    "The published snapshot {0} was checked as a whole at {1}: {2} kept, {3} failed, {4} failed that only warn, {5} could not be judged.",
)
UNDER_OTHER = Label("当时的契约与本站的不同。", "It was under other contracts than this site's.")
UNPUBLISHED = Label("该数据目录没有已发布的快照。", "This data folder has no published snapshot.")
SHARE = Label("每次运行通过的检查", "Checks kept, run by run")
RESULT, BROKEN, HISTORY, SUITE = Label("结果", "Result"), Label("不符 / 涉及行数", "Broken / rows"), Label("历次", "History"), Label("套件", "Suite")
NO_RESULTS = Label("尚无检查结果", "There are no results")


def page(given: Given) -> Page:
    """An honest one where nothing was ever checked."""
    return Page(place.RESULTS, TITLE, place.RESULTS, lambda here: joined(_parts(given, here), "\n"))


def _parts(given: Given, here: Here) -> Iterator[Html]:
    yield tag("p", standing_of_snapshot(given, here))
    if not given.results.runs:
        yield tag("h2", here.say(NO_RESULTS), id_="none")
        yield tag("p", here.say(NEVER), class_="note")
        return
    yield tag("h2", here.say(OPEN), id_="open")
    yield _open(given, here) or tag("p", here.say(NONE_OPEN))
    yield tag("p", here.say(WHERE), class_="soft")
    yield tag("h2", here.say(RUNS), id_="runs")
    yield _chart(given.results.runs[::-1], here)
    heads = [here.say(each) for each in (AT, SNAPSHOT, CHECKS, KEPT, FAILED, WARNED, UNKNOWN)]
    yield table(
        heads, ([_when(each), each.snapshot, *map(str, (each.checks, each.kept, each.failed, each.warned, each.errors))] for each in given.results.runs)
    )
    yield tag("h2", here.say(MARKS), id_="marks")
    heads = [here.say(each) for each in (SNAPSHOT, AT, CONTRACTS, KEPT, FAILED, WARNED, UNKNOWN)]
    marks = given.results.marks[::-1]
    yield table(heads, ([each.snapshot, each.at, each.contracts[:12], *map(str, (each.passed, each.failed, each.warned, each.errors))] for each in marks))


def standing_of_snapshot(given: Given, here: Here) -> str:
    """What is known of the published snapshot, in a sentence or two."""
    if given.published is None:
        return here.say(UNPUBLISHED)
    mark = given.results.mark(given.published.snapshot)
    if mark is None:
        return here.say(UNMARKED).format(given.published.snapshot)
    told = here.say(MARKED).format(mark.snapshot, mark.at, mark.passed, mark.failed, mark.warned, mark.errors)
    return told if mark.contracts == given.released.fingerprint else f"{told} {here.say(UNDER_OTHER)}"


def _when(each: Sum) -> str:
    return each.at.isoformat(sep=" ", timespec="seconds")


def _open(given: Given, here: Here) -> Html:
    rows = []
    for suite in given.suites:
        for check in suite.checks:
            last = given.results.last(suite.name, check.name)
            if last is None or last.status == "passed":
                continue
            path = place.suite_path(suite.name)
            rows.append(
                [
                    here.link(path, here.say(owner_words(given.contracts, *owner(suite)))),
                    here.link(path, code(check.name), place.check_anchor(check.name)),
                    here.say(check.label),
                    here.say(words.SEVERITIES[check.severity]),
                    standing_told(last, here),
                    counted(last),
                    here.say(words.allowance(check.limit)),
                    spark(given.results.checks[suite.name, check.name], here),
                ]
            )
    heads = (SUITE, words.CHECK["check"], words.CHECK["says"], words.CHECK["severity"], RESULT, BROKEN, words.CHECK["limit"], HISTORY)
    return table([here.say(each) for each in heads], rows)


def _chart(runs: tuple[Sum, ...], here: Here) -> Html:
    span = Span(here.say(SHARE), _when(runs[0]), _when(runs[-1]))
    drawing = shares(span, [Share(each.kept / each.checks if each.checks else None, each.checks) for each in runs], 500, 105)
    return tag("div", Html(svg(drawing)), class_="chart")
