"""The words and rows of a scorecard, the same on a terminal, in HTML and in PDF. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from contracts.model import Contracts, Label
from contracts.pages.page import Table
from contracts.reasons import advice, advice_on_values, check_label, meaning
from quality.scorecards.facts import WHOLE, Example, Fault, Field, Scorecard

TITLE = Label("数据质量记分卡", "Quality scorecard")
WRONG = Label("哪里不对", "What was wrong")
LOOK = Label("看这几行", "Rows to look at")
CHANGE = Label("在源头改什么", "What to change at the source")
FIELDS = Label("逐项情况", "Field by field")
ROW = Label("整行", "the row as a whole")
LATE_SHARE = 0.1
"""From this share of late values on a card asks for faster deliveries."""
STALE_SHARE = 0.5
"""Below this share of fresh values a card asks for values to be checked again."""
EVENT = "event"
"""What happened does not grow old: nobody is asked to check it again."""
CHANGES = 12
"""So many things to change are asked for: a longer letter is read by nobody."""
WHY = {
    "refuted_by_visit": Label("走访核实不同", "a visit found otherwise"),
    "newer_than_visit": Label("走访之后另有更新", "newer than the visit"),
    "outranked": Label("主管来源不同", "the responsible source differs"),
    "after_deregistration": Label("已注销", "deregistered"),
    "second_residence": Label("主要居所在别处", "mainly lives elsewhere"),
    "not_claimed": Label("未报送", "not sent"),
    "visit_requests": Label("走访请求更正", "a visit asks for a correction"),
}
COUNTS = {
    "deliveries": Label("批次", "deliveries"),
    "delivered": Label("送达行", "rows delivered"),
    "accepted": Label("通过行", "rows accepted"),
    "quarantined": Label("隔离行", "rows set aside"),
    "refused": Label("拒收行", "rows refused"),
    "differing": Label("现有差异", "values that differ now"),
}


def title(card: Scorecard, lang: str) -> str:
    return f"{TITLE.get(lang)} {card.department.get(lang)} {month_text(card.month.month)}"


def moment_line(card: Scorecard, lang: str) -> str:
    """Which feeds, and as of when."""
    listed = Label("、", ", ").get(lang).join(feed.label.get(lang) for feed in card.feeds)
    at = card.moment.strftime("%Y-%m-%d %H:%M")
    return Label(f"{listed} · 数据截至 {at}（北京时间）", f"{listed} · data as of {at}, Beijing time").get(lang)


def counts(card: Scorecard) -> list[tuple[str, Label, int]]:
    """The numbers at the top: name, words, number."""
    told = {"differing": sum(each.differing for each in card.fields)}
    return [(name, label, told[name] if name in told else getattr(card.month, name)) for name, label in COUNTS.items()]


def faults(card: Scorecard, contracts: Contracts, lang: str) -> Table:
    """What broke which rule, how often, and how it went over the months."""
    heads = {
        "feed": Label("数据源", "Feed"),
        "field": Label("字段", "Field"),
        "what": Label("问题", "What was wrong"),
        "quarantined": Label("隔离", "Set aside"),
        "mended": Label("修正", "Mended"),
        "trend": Label("各月", "By month"),
        "tendency": Label("趋势", "Trend"),
    }
    rows = tuple(_fault(each, card, contracts, lang) for each in (*card.faults, *card.gone))
    widths = (0.15, 0.16, 0.31, 0.08, 0.08, 0.13, 0.09)
    return Table("faults", Label("违反的规则", "Rules that were broken"), heads, rows, widths, frozenset({"quarantined", "mended"}))


def examples(card: Scorecard, contracts: Contracts, lang: str) -> Table:
    """Rows that were set aside, by delivery and number, and what the cell at fault looks like."""
    heads = {
        "field": Label("字段", "Field"),
        "what": Label("问题", "What was wrong"),
        "row": Label("批次/行号", "Delivery/row"),
        "looks": Label("单元格样式（9 数字，a 字母，汉 汉字）", "The cell looks like (9 digits, a letters, 汉 characters)"),
    }
    rows = tuple(
        (_field(each, contracts).get(lang), meaning(contracts, each.feed, each.rule, lang), example.row, _looks(example, contracts, lang))
        for each in card.faults
        for example in each.examples
    )
    return Table("examples", LOOK, heads, rows, (0.18, 0.3, 0.3, 0.22))


def differences(card: Scorecard, contracts: Contracts, lang: str) -> Table:
    """Values that are not the surviving ones, by reason."""
    heads = {
        "feed": Label("数据源", "Feed"),
        "attribute": Label("项目", "Attribute"),
        "why": Label("原因", "Why"),
        "count": Label("现有", "Now"),
        "since_month": Label("本月新增", "New this month"),
    }
    rows = tuple(
        (_feed(card, each.feed, lang), _attribute(each, contracts, lang), WHY[told.why].get(lang), f"{told.count:,}", f"{told.since_month:,}")
        for each in card.fields
        for told in each.differences
    )
    title = Label("与核定值不同的值", "Values that differ from the surviving ones")
    return Table("differences", title, heads, rows, (0.22, 0.26, 0.28, 0.12, 0.12), frozenset({"count", "since_month"}))


def differing_examples(card: Scorecard, contracts: Contracts, lang: str) -> Table:
    """Rows whose value differs, by the department's own key."""
    heads = {
        "attribute": Label("项目", "Attribute"),
        "why": Label("原因", "Why"),
        "record": Label("贵单位编号", "Your row"),
        "claimed": Label("贵单位的值", "Your value"),
        "golden": Label("核定的值", "The surviving value"),
    }
    rows = tuple(
        (_attribute(each, contracts, lang), WHY[told.why].get(lang), record or "-", claimed, golden)
        for each in card.fields
        for told in each.differences
        for record, claimed, golden in told.examples
    )
    title = Label("不同值示例（个人信息只显示样式）", "Examples (values of persons as their shape)")
    return Table("differing_examples", title, heads, rows, (0.16, 0.2, 0.28, 0.18, 0.18))


def fields(card: Scorecard, contracts: Contracts, lang: str) -> Table:
    """What each feed says about each attribute: how much, how late, how right, how fresh."""
    heads = {
        "feed": Label("数据源", "Feed"),
        "attribute": Label("项目", "Attribute"),
        "claims": Label("报送值", "Values"),
        "late": Label("迟报", "Late"),
        "checked": Label("核查", "Checked"),
        "accuracy": Label("各月准确率", "Accuracy by month"),
        "reliable": Label("可靠度（95% 区间）", "Reliability (95 %)"),
        "fresh": Label("鲜活", "Fresh"),
        "differing": Label("差异", "Differ"),
    }
    rows = tuple((_feed(card, each.feed, lang), _attribute(each, contracts, lang), *_standing(each)) for each in card.fields)
    numbers = frozenset({"claims", "late", "checked", "fresh", "differing"})
    return Table("fields", Label("报送的各项", "What was sent"), heads, rows, (0.14, 0.17, 0.08, 0.07, 0.07, 0.17, 0.14, 0.08, 0.08), numbers)


def changes(card: Scorecard, contracts: Contracts, lang: str) -> tuple[str, ...]:
    """What to change at the source, each thing once, what concerns most rows first."""
    found = list(dict.fromkeys(_changes(card, contracts, lang)))
    return tuple(found[:CHANGES])


def month_text(month: date) -> str:
    return f"{month:%Y-%m}"


def tendency(trend: tuple[int, ...], delivered: tuple[int, ...]) -> Label:
    """How the last month compares with the one before, as shares of what was delivered: a month with twice the rows may have twice the faults."""
    now, before = trend[-1], trend[-2] if len(trend) > 1 else 0
    if not before:
        return Label("新出现", "new") if now and any(delivered[:-1]) else Label("-", "-")
    if not now:
        return Label("已消除", "gone") if delivered[-1] else Label("-", "-")
    change = (now / max(1, delivered[-1])) / (before / max(1, delivered[-2]))
    return Label("增加", "more") if change > 1.1 else Label("减少", "fewer") if change < 0.9 else Label("持平", "the same")


def _changes(card: Scorecard, contracts: Contracts, lang: str) -> Iterator[str]:
    colon = Label("：", ": ").get(lang)
    for each in card.faults:
        yield f"{_field(each, contracts).get(lang)}{colon}{advice(contracts, each.feed, each.rule, each.field).get(lang)}"
    for field in sorted(card.fields, key=lambda each: -each.differing):
        for told in field.differences:
            yield f"{_attribute(field, contracts, lang)}{colon}{advice_on_values(told.why).get(lang)}"
    late = {field.feed for field in card.fields if field.claims and field.late / field.claims >= LATE_SHARE}
    stale = {field.feed for field in card.fields if field.kind != EVENT and field.fresh is not None and field.fresh < STALE_SHARE}
    for feeds, about in ((late, "late"), (stale, "stale")):
        for feed in sorted(feeds):
            yield f"{_feed(card, feed, lang)}{colon}{advice_on_values(about).get(lang)}"


def _fault(each: Fault, card: Scorecard, contracts: Contracts, lang: str) -> tuple[str, ...]:
    trend = " · ".join(f"{count:,}" for count in each.trend)
    what = meaning(contracts, each.feed, each.rule, lang)
    delivered = tuple(month.delivered for month in card.months)
    aside = (
        f"{each.quarantined:,}"
        if not each.messages
        else Label(f"{each.quarantined:,}＋{each.messages} 条消息", f"{each.quarantined:,} + {each.messages} messages").get(lang)
    )
    return _feed(card, each.feed, lang), _field(each, contracts).get(lang), what, aside, f"{each.mended:,}", trend, tendency(each.trend, delivered).get(lang)


def _field(each: Fault, contracts: Contracts) -> Label:
    """The department's own header; of a rule that is counted without its field, the headers it is about."""
    feed = contracts.feeds[each.feed]
    if each.field != WHOLE:
        header = next((column.header for column in feed.columns if column.name == each.field), each.field)
        return Label(header, header)
    about = {rule.column for rule in feed.rules if rule.reason == each.rule and rule.column}
    headers = [column.header for column in feed.columns if column.name in about]
    if not headers:
        return ROW
    more = Label(f"等 {len(headers)} 列", f" and {len(headers) - 2} more") if len(headers) > 2 else Label("", "")
    return Label("、".join(headers[:2]) + more.zh, ", ".join(headers[:2]) + more.en)


def _standing(each: Field) -> tuple[str, ...]:
    accuracy = " · ".join("-" if month.accuracy is None else f"{month.accuracy:.0%}" for month in each.checks)
    reliable = "-" if each.reliable is None else f"{each.reliable[0]:.0%} ({each.reliable[1]:.0%}-{each.reliable[2]:.0%})"
    fresh = "-" if each.fresh is None else f"{each.fresh:.0%}"
    return f"{each.claims:,}", f"{each.late:,}", f"{each.checks[-1].checked:,}", accuracy, reliable, fresh, f"{each.differing:,}"


def _looks(example: Example, contracts: Contracts, lang: str) -> str:
    return example.shape or (check_label(contracts, example.verdict, lang) if example.verdict else "-")


def _attribute(each: Field, contracts: Contracts, lang: str) -> str:
    """With its kind before it: a person and a link may both be present."""
    kind = contracts.kinds.get(each.kind)
    return f"{kind.label.get(lang)} · {each.label.get(lang)}" if kind else each.label.get(lang)


def _feed(card: Scorecard, name: str, lang: str) -> str:
    return next(feed.label.get(lang) for feed in card.feeds if feed.name == name)
