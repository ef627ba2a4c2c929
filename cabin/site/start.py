"""The first page: what is here, when it was built, of which snapshot and contracts. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from cabin.site.given import Given
from cabin.site.monitors import Monitored
from cabin.site.result_page import standing_of_snapshot
from contracts.dictionary import entries
from contracts.model import Label
from contracts.site import place
from contracts.site.markup import Html, code, joined, pairs, tag
from contracts.site.place import Here
from contracts.site.shell import SECTIONS, SITE, Page

ABOUT = Label(
    "各部门交付什么、方舱承诺什么、检查结果如何、每个数据从何而来：全部来自契约和检查结果，不需要网络，不含个人信息。",
    "What departments deliver, what the cabin promises, how checks came out, where every column comes from: made from contracts and results; it needs no network and holds no personal value.",
)
HERE = {
    place.CONTRACTS: Label(
        "每个数据源、类别、数据集市和代码表一页：字段、规则、服务水平、版本。",
        "A page for every feed, kind, mart and code list: fields, rules, service levels, versions.",
    ),
    place.DICTIONARY: Label("全部字段，可按中英文词语查找。", "All fields, with a search in both languages."),
    place.SUITES: Label("由契约得出的每项检查，及其最近和历次结果。", "Every check that contracts give, with its last result and those before."),
    place.RESULTS: Label("未通过的检查、历次运行、快照的标记。", "Checks that were not kept, runs, marks of snapshots."),
    place.MONITORS: Label(
        "与以往不同之处，及每项监测的最新值和范围。", "What is unlike it was before, and everything watched with its newest value and bounds."
    ),
    place.SCORECARDS: Label("各部门每月的记分卡。", "Scorecards of departments, month by month."),
    place.LINEAGE: Label("从部门的列到数据集市的列。", "From the columns of departments to those of marts."),
    place.TOPICS: Label("AsyncAPI：每个主题、消息、字段和示例。", "AsyncAPI: every topic, message, field, with examples."),
}
BUILT, CONTRACTS, SNAPSHOT, MOMENT, CHECKED = (
    Label("生成时间（北京时间）", "Built (Beijing time)"),
    Label("契约摘要（SHA-256）", "Contracts (SHA-256)"),
    Label("快照", "Snapshot"),
    Label("快照数据截至", "Moment it knows"),
    Label("检查", "Checked"),
)
NO_SNAPSHOT = Label("没有已发布的快照", "none is published")


def page(given: Given) -> Page:
    return Page(place.START, SITE, place.START, lambda here: _body(given, here))


def counts(given: Given) -> Mapping[str, Label]:
    """What there is, by section: how many of what."""
    contracts, checks = given.contracts, sum(len(suite.checks) for suite in given.suites)
    fields = len(entries(contracts))
    graphs = 1 + len(contracts.feeds) + len(contracts.marts)
    contracted = len(contracts.feeds) + len(contracts.kinds) + len(contracts.marts)
    return {
        place.CONTRACTS: Label(f"{contracted} 份契约", f"{contracted} contracts"),
        place.DICTIONARY: Label(f"{fields} 个字段", f"{fields} fields"),
        place.SUITES: Label(f"{checks} 项检查", f"{checks} checks"),
        place.RESULTS: Label(f"{len(given.results.runs)} 次运行", f"{len(given.results.runs)} runs"),
        place.MONITORS: _watched(given.monitored),
        place.SCORECARDS: Label(f"{len(given.cards)} 张记分卡", f"{len(given.cards)} scorecards"),
        place.LINEAGE: Label(f"{graphs} 张血缘图", f"{graphs} lineage graphs"),
        place.TOPICS: Label(f"{len(given.documents['en']['channels'])} 个主题", f"{len(given.documents['en']['channels'])} topics"),
    }


def _watched(monitored: Monitored | None) -> Label:
    if monitored is None or not monitored.watched:
        return Label("尚无监测", "nothing watched yet")
    return Label(f"{len(monitored.alarms)} 项超出范围", f"{len(monitored.alarms)} out of bounds")


def _body(given: Given, here: Here) -> Html:
    published = given.published
    facts = [
        (here.say(BUILT), given.at.isoformat(sep=" ", timespec="seconds")),
        (here.say(CONTRACTS), code(given.released.fingerprint)),
        (here.say(SNAPSHOT), published.snapshot if published else here.say(NO_SNAPSHOT)),
        *([(here.say(MOMENT), published.moment)] if published else []),
        (here.say(CHECKED), standing_of_snapshot(given, here)),
    ]
    told = counts(given)
    tiles = (tag("li", here.link(path, here.say(SECTIONS[path])), tag("b", here.say(told[path])), here.say(text)) for path, text in HERE.items())
    return joined([tag("p", here.say(ABOUT)), tag("ul", *tiles, class_="tiles"), pairs(facts)], "\n")
