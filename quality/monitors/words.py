"""The monitors: what each watches, on which scale and how closely, and what its alarm says in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from contracts.model import Label

VANISHED = "vanished-code"
STEP = 0.2
"""Spread that is believed in where values go in steps of one, as days and whole numbers do: one step is no alarm, two are where nothing else scatters."""


@dataclass(frozen=True, slots=True)
class Monitor:
    """One monitor. `floor` is the least spread it believes in, on its own scale (`relative`: a share of the usual value); `log`: differences are judged as ratios; `both`: too little alarms, too;
    `share`: values are shares of `n` cells, which scatter by chance alone. `slack` widens the bounds where chance is more skewed than a normal one, as with quartiles of few rows. `quartile`: a value of a distribution whose width is known, and that may jump from one number to the next where numbers are whole."""

    name: str
    label: Label
    alarm: Label
    floor: float = 0.0
    relative: float = 0.0
    log: bool = False
    share: bool = False
    both: bool = True
    slack: float = 1.0
    quartile: bool = False


def _quartile(name: str, zh: str, en: str, step: float = 0.0) -> Monitor:
    alarm = Label(f"{zh} {{value}}，通常为 {{lower}} 至 {{upper}}", f"{en} {{value}}, usually {{lower}} to {{upper}}")
    return Monitor(name, Label(zh, en), alarm, floor=1e-9 + step, relative=0.02, slack=1.3, quartile=True)


MONITORS = (
    Monitor(
        "volume",
        Label("行数", "rows"),
        Label("当日行数 {value}，通常为 {lower} 至 {upper}", "{value} rows on the day, usually {lower} to {upper}"),
        0.06,
        log=True,
    ),
    Monitor(
        "nulls",
        Label("空白率", "share of blanks"),
        Label("空白占 {value}，通常为 {lower} 至 {upper}", "{value} of the cells are blank, usually {lower} to {upper}"),
        0.01,
        share=True,
    ),
    Monitor(
        "distinct",
        Label("不同值数", "different values"),
        Label("不同值 {value} 个，通常为 {lower} 至 {upper}", "{value} different values, usually {lower} to {upper}"),
        0.06,
        log=True,
    ),
    Monitor(
        "top",
        Label("最常见值占比", "share of the most frequent value"),
        Label("最常见的值占 {value}，通常不超过 {upper}", "the most frequent value fills {value} of the cells, usually at most {upper}"),
        0.02,
        share=True,
        both=False,
    ),
    Monitor(
        "share",
        Label("代码占比", "share of a code"),
        Label("代码 {item} 占 {value}，通常为 {lower} 至 {upper}", "code {item} fills {value} of the cells, usually {lower} to {upper}"),
        0.01,
        share=True,
    ),
    _quartile("q25", "下四分位数", "first quartile"),
    _quartile("q50", "中位数", "median"),
    _quartile("q75", "上四分位数", "third quartile"),
    _quartile("age25", "天数下四分位数", "first quartile of the ages in days", STEP),
    _quartile("age50", "天数中位数", "median of the ages in days", STEP),
    _quartile("age75", "天数上四分位数", "third quartile of the ages in days", STEP),
    Monitor(
        "length",
        Label("平均长度", "average length"),
        Label("平均 {value} 个字符，通常为 {lower} 至 {upper}", "{value} characters on average, usually {lower} to {upper}"),
        0.05,
        0.02,
    ),
    Monitor(
        "arrival",
        Label("到达时刻", "time of arrival"),
        Label(
            "当日首批于零点后 {value} 小时到达，通常不晚于 {upper} 小时",
            "the first delivery of the day came {value} hours after midnight, usually within {upper}",
        ),
        0.25,
        both=False,
    ),
    Monitor(
        "delivery", Label("缺少交付", "missing delivery"), Label("当日没有交付，这类日子通常有", "no delivery on the day, where days of its kind have one")
    ),
    Monitor(
        "freshness",
        Label("时效", "freshness"),
        Label("最近一批已过 {value} 小时，契约约定不超过 {upper} 小时", "the newest delivery is {value} hours old, the contract promises at most {upper}"),
    ),
    Monitor(
        "latency",
        Label("时延", "latency"),
        Label(
            "批次在其时点后 {value} 小时才到达，契约约定不超过 {upper} 小时",
            "a delivery came {value} hours after its moment, the contract promises at most {upper}",
        ),
    ),
    Monitor(
        "new-code",
        Label("新代码", "new code"),
        Label("出现新代码 {item}，共 {value} 行，偶然出现不会超过 {upper} 行", "new code {item} in {value} rows, by chance at most {upper} would have one"),
    ),
    Monitor(
        VANISHED,
        Label("代码消失", "vanished code"),
        Label("代码 {item} 未再出现，通常占 {lower} 至 {upper}", "code {item} is gone, usually {lower} to {upper} of the cells hold it"),
    ),
    Monitor(
        "undeclared-column",
        Label("未声明的列", "undeclared column"),
        Label("出现契约未声明的列 {item}，有 {value} 个值", "column {item}, which the contract does not declare, with {value} values"),
    ),
    Monitor("missing-column", Label("缺少的列", "missing column"), Label("列 {item} 未交付", "column {item} was not delivered")),
    Monitor(
        "repeated",
        Label("重复内容", "repeated content"),
        Label("内容与 {value} 天前的一批完全相同", "the content is exactly that of a delivery of {value} days before"),
    ),
)
NAMED: Mapping[str, Monitor] = {monitor.name: monitor for monitor in MONITORS}
"""Every monitor by name."""


def told(monitor: str, item: str, value: float, lower: float | None, upper: float | None) -> Label:
    """What an alarm says."""
    known = NAMED[monitor]
    said = f"{value:,.0f}" if monitor == VANISHED else shown(monitor, value)
    words = {"item": item, "value": said, "lower": shown(monitor, lower), "upper": shown(monitor, upper)}
    return Label(known.alarm.zh.format(**words), known.alarm.en.format(**words))


def shown(monitor: str, value: float | None) -> str:
    """A value or bound of a monitor as people read it: shares in percent; a dash where there is none."""
    if value is None:
        return "-"
    if NAMED[monitor].share or monitor == VANISHED:
        return f"{value:.1%}"
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"
