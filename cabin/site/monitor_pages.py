"""Monitors: what is out of bounds, what each of them watches, and by feed every series with its newest value, its bounds and what came before. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cabin.site.given import Given
from cabin.site.monitors import Alarm, Watched
from contracts.dictionary import owner_words
from contracts.dictionary_parts import MODES
from contracts.model import Contracts, Label
from contracts.pages.html import svg
from contracts.pages.shapes import BAD, DARK, LINE, Dot, Drawing, Path
from contracts.site import place
from contracts.site.markup import NONE, Html, code, joined, table, tag
from contracts.site.place import Here
from contracts.site.shell import Page
from quality.monitors import LEAST_POINTS, MONITORS, NAMED, Monitor, shown

TITLE = Label("监测", "Monitors")
AT = Label("截至 {0}（北京时间）：", "As of {0} (Beijing time):")
NOTHING = Label("没有日志，没有可监测的交付。", "There is no log, so there is no delivery to watch.")
ALARMS, QUIET = Label("超出范围", "Out of bounds"), Label("没有超出范围的内容。", "Nothing is out of bounds.")
KINDS, FEEDS, SERIES = Label("监测项", "What is watched"), Label("各数据源", "By feed"), Label("监测的内容", "What is watched of it")
FEED, MODE, FIELD, MONITOR, ITEM, DAY = (
    Label("数据源", "Feed"),
    Label("方式", "Mode"),
    Label("字段", "Field"),
    Label("监测项", "Monitor"),
    Label("项", "Item"),
    Label("日期", "Day"),
)
VALUE, LOWER, UPPER, POINTS, HISTORY, SAYS = (
    Label("值", "Value"),
    Label("下限", "Lower"),
    Label("上限", "Upper"),
    Label("点数", "Points"),
    Label("历史", "History"),
    Label("说明", "Says"),
)
ALARMED = Label("告警内容", "What its alarm says")
BOUNDS = Label("范围", "Bounds")
WHOLE = Label("整批", "the delivery as a whole")
UNWATCHED = Label("尚无可监测的交付。", "There is no delivery to watch yet.")
HOW = Label(
    "范围由此前同类日子的中位数和离散程度得出，契约不须配置；此前不足 {0} 个点的不判断，也没有范围。个人字段只计空白。",
    "Bounds follow from the median and the spread of days of the same kind before; no contract configures them. With fewer than {0} points before nothing is judged, and there are no bounds. Of personal fields only blanks are counted.",
)
EXPLAINED = Label("超出范围，已由当日另一告警说明", "beyond, and told by another alarm of the day")
BY_CONTRACT, BY_DAYS, BY_CHANCE, BY_NAMES = (
    Label("契约的服务水平", "the service level of the contract"),
    Label("此前的日子", "days before"),
    Label("偶然所能解释的", "what chance explains"),
    Label("此前的批次", "deliveries before"),
)
RESTS_ON = {
    "freshness": BY_CONTRACT,
    "latency": BY_CONTRACT,
    "new-code": BY_CHANCE,
    "vanished-code": BY_CHANCE,
    "undeclared-column": BY_NAMES,
    "missing-column": BY_NAMES,
    "repeated": BY_NAMES,
}
ONE_SIDE, BOTH_SIDES = Label("只判上限", "above only"), Label("上下限", "both sides")
WIDE, HIGH = 84.0, 22.0


def pages(given: Given) -> list[Page]:
    """What is out of bounds with the list of monitors, and a page for every feed; each says so where nothing could be watched."""
    listed = Page(place.MONITORS, TITLE, place.MONITORS, lambda here: joined(_list(given, here), "\n"))
    return [listed, *(_page(given, name) for name in sorted(given.contracts.feeds))]


def _list(given: Given, here: Here) -> Iterator[Html]:
    yield _standing(given, here)
    yield tag("h2", here.say(ALARMS), id_="alarms")
    yield _alarms(given, given.monitored.alarms if given.monitored else (), here)
    yield tag("h2", here.say(FEEDS), id_="feeds")
    yield table([here.say(each) for each in (FEED, KINDS, ALARMS)], [_feed_row(given, name, here) for name in sorted(given.contracts.feeds)])
    yield tag("h2", here.say(KINDS), id_="monitors")
    yield tag("p", here.say(HOW).format(LEAST_POINTS))
    rows = [[code(each.name), here.say(each.label), _rests(each, here), here.say(_alarm_words(each))] for each in MONITORS]
    yield table([here.say(each) for each in (MONITOR, SERIES, BOUNDS, ALARMED)], rows, [{"id": f"monitor-{each.name}"} for each in MONITORS])


def _standing(given: Given, here: Here) -> Html:
    if given.monitored is None:
        return tag("p", here.say(NOTHING), class_="note")
    at = given.monitored.at.isoformat(sep=" ", timespec="minutes")
    told = here.words("；", "; ").join(here.say(each) for each in given.monitored.told)
    return tag("p", here.say(AT).format(at), " ", *(code(part) if place_ % 2 else part for place_, part in enumerate(told.split("`"))))


def _rests(monitor: Monitor, here: Here) -> str:
    rests = RESTS_ON.get(monitor.name, BY_DAYS)
    sides = here.say(BOTH_SIDES if monitor.both else ONE_SIDE) if rests is BY_DAYS and monitor.name != "delivery" else ""
    return here.words("，", ", ").join(each for each in (here.say(rests), sides) if each)


def _alarm_words(monitor: Monitor) -> Label:
    """The sentence with dots for what it is about."""
    left_out = dict.fromkeys(("item", "value", "lower", "upper"), "…")
    return Label(monitor.alarm.zh.format(**left_out), monitor.alarm.en.format(**left_out))


def _feed_row(given: Given, name: str, here: Here) -> list[str]:
    found = given.monitored
    series = len(found.watched.get(name, ())) if found else 0
    alarms = sum(each.at.feed == name for each in found.alarms) if found else 0
    return [here.link(place.monitor_path(name), here.say(owner_words(given.contracts, "feed", name))), str(series), str(alarms)]


def _page(given: Given, name: str) -> Page:
    label = owner_words(given.contracts, "feed", name)
    return Page(
        place.monitor_path(name), Label(f"监测：{label.zh}", f"Monitors: {label.en}"), place.MONITORS, lambda here: joined(_feed(given, name, here), "\n")
    )


def _feed(given: Given, name: str, here: Here) -> Iterator[Html]:
    found = given.monitored
    yield tag("p", here.link(place.contract_path("feed", name), here.say(owner_words(given.contracts, "feed", name))), " ", code(name))
    yield _standing(given, here)
    yield tag("h2", here.say(ALARMS), id_="alarms")
    alarms = [each for each in found.alarms if each.at.feed == name] if found else []
    yield _alarms(given, alarms, here)
    yield tag("h2", here.say(SERIES), id_="series")
    told = {_key(each.at) for each in alarms}
    heads = [here.say(each) for each in (FIELD, MODE, MONITOR, ITEM, DAY, VALUE, LOWER, UPPER, POINTS, HISTORY)]
    rows = [[*_cells(given.contracts, each, here)[1:], _curve(each, _key(each) in told, here)] for each in (found.watched.get(name, ()) if found else ())]
    yield table(heads, rows) or tag("p", here.say(UNWATCHED))


def _key(each: Watched) -> tuple[str, ...]:
    return each.mode, each.field, each.monitor, each.item


def _alarms(given: Given, alarms: Sequence[Alarm], here: Here) -> Html:
    heads = [here.say(each) for each in (FEED, FIELD, MODE, MONITOR, ITEM, DAY, VALUE, LOWER, UPPER, POINTS, HISTORY, SAYS)]
    rows = [[*_cells(given.contracts, each.at, here), _curve(each.at, True, here), here.say(each.says)] for each in alarms]
    return table(heads, rows) or tag("p", here.say(QUIET if given.monitored and given.monitored.watched else UNWATCHED))


def _cells(contracts: Contracts, each: Watched, here: Here) -> list[str]:
    """From the feed to the points; columns and feeds that no contract knows any more are told by their names."""
    known = contracts.feeds.get(each.feed)
    feed = here.link(place.monitor_path(each.feed), here.say(known.label)) if known else code(each.feed)
    declared = known is not None and any(column.name == each.field for column in known.columns)
    field = here.link(place.contract_path("feed", each.feed), code(each.field), place.column_anchor(each.field)) if declared else code(each.field)
    mode = here.say(MODES[each.mode]) if each.mode in MODES else each.mode
    monitor = here.link(place.MONITORS, here.say(NAMED[each.monitor].label), f"monitor-{each.monitor}")
    numbers = (shown(each.monitor, value) for value in (each.value, each.lower, each.upper))
    return [feed, field or here.say(WHOLE), mode, monitor, each.item, each.day.isoformat(), *numbers, str(each.points)]


def _curve(each: Watched, alarmed: bool, here: Here) -> Html:
    """The values before as a line with a dot for the newest, red where it alarmed; pale lines are the bounds."""
    values = [*each.history, each.value]
    ends = [bound for bound in (each.lower, each.upper) if bound is not None]
    least, most = min([*values, *ends]), max([*values, *ends])
    step = (WIDE - 6) / max(1, len(values) - 1)

    def high(value: float) -> float:
        return HIGH - 3 - (HIGH - 6) * (value - least) / (most - least) if most > least else HIGH / 2

    points = tuple((3 + step * at, high(value)) for at, value in enumerate(values))
    shapes = [*(Path(((0, high(bound)), (WIDE, high(bound))), LINE, 0.8) for bound in ends), Path(points, DARK, 1.2)]
    told = here.words("、", ", ").join(shown(each.monitor, value) for value in values)
    drawn = svg(Drawing(WIDE, HIGH, (*shapes, Dot(*points[-1], 2.2, BAD if each.beyond or alarmed else DARK)), told)).replace("<svg ", '<svg class="spark" ', 1)
    note = joined([tag("br"), here.say(EXPLAINED)]) if each.beyond and not alarmed else NONE
    return joined([tag("span", Html(drawn), title=told), note])
