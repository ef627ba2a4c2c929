"""The words and rows of a scorecard, the same on a terminal, in HTML and in PDF. Pure."""

from __future__ import annotations

from contracts.model import Contracts, Label
from contracts.pages.page import Table
from contracts.reasons import check_label, meaning
from quality.scorecards.card import Example, Fault, Field, Scorecard
from quality.scorecards.words import WHY, attribute_label, feed_label, field_label, month_text

TITLE = Label("数据质量记分卡", "Quality scorecard")
WRONG = Label("发现的问题", "What was wrong")
CHANGE = Label("源头整改建议", "What to change at the source")
FIELDS = Label("逐项情况", "Field by field")
COUNTS = {
    "deliveries": Label("批次", "deliveries"),
    "delivered": Label("送达行", "rows delivered"),
    "landed": Label("接收行", "rows landed"),
    "quarantined": Label("其中隔离行", "of these set aside"),
    "refused": Label("拒收行", "rows refused"),
    "reduced": Label("缩减行（未满十四岁）", "rows kept as a count (under 14)"),
    "layout": Label("版式行", "layout rows"),
    "differing": Label("现有差异", "values that differ now"),
}
NOT_ALWAYS = ("reduced", "layout")
"""Told where there are any."""
NOTHING = Label("本月没有收到任何批次。", "No delivery was received in this month.")
CLEAN = Label("本月接收的行没有一行被隔离或提示。", "No row that was landed in this month was set aside or marked.")


def title(card: Scorecard, lang: str) -> str:
    return f"{TITLE.get(lang)} {card.department.get(lang)} {month_text(card.month.month)}"


def moment_line(card: Scorecard, lang: str) -> str:
    """Which feeds, and as of when."""
    listed = Label("、", ", ").get(lang).join(feed.label.get(lang) for feed in card.feeds)
    at = card.moment.strftime("%Y-%m-%d %H:%M")
    return Label(f"{listed} · 数据截至 {at}（北京时间）", f"{listed} · data as of {at}, Beijing time").get(lang)


def counts(card: Scorecard) -> list[tuple[str, Label, int]]:
    """The numbers at the top: name, words, number. Rows delivered are those landed, refused, reduced and of the layout."""
    told = {"differing": sum(each.differing for each in card.fields)}
    found = [(name, label, told[name] if name in told else getattr(card.month, name)) for name, label in COUNTS.items()]
    return [each for each in found if each[2] or each[0] not in NOT_ALWAYS]


def remarks(card: Scorecard, lang: str) -> tuple[str, ...]:
    """What the tables do not tell: that nothing came, that nothing was wrong, rows that were refused, totals that do not add up."""
    month = card.month
    found = []
    if not month.deliveries and not card.faults:
        found.append(NOTHING)
    elif not card.faults:
        found.append(CLEAN)
    if month.refused:
        found.append(
            Label(
                f"拒收 {month.refused:,} 行：含禁止采集的内容，未予保存。请在报送前删去这些内容。",
                f"{month.refused:,} rows were refused: they held content that is banned, and nothing of them was kept. Take it away before sending.",
            )
        )
    if month.wrong_totals:
        found.append(
            Label(
                f"合计行中有 {month.wrong_totals:,} 个数与各行不符。请核对合计。",
                f"{month.wrong_totals:,} numbers in total rows are neither the sum nor the count of the rows. Check the totals.",
            )
        )
    return tuple(each.get(lang) for each in found)


def faults(card: Scorecard, contracts: Contracts, lang: str) -> Table:
    """What broke which rule, how often, and how it went over the months."""
    heads = {
        "feed": Label("数据源", "Feed"),
        "field": Label("字段", "Field"),
        "what": Label("问题", "What was wrong"),
        "quarantined": Label("隔离行", "Set aside"),
        "marked": Label("提示或修正行", "Marked or put right"),
        "trend": Label("各月行数", "Rows by month"),
        "tendency": Label("趋势", "Trend"),
    }
    rows = tuple(_fault(each, card, contracts, lang) for each in (*card.faults, *card.gone))
    widths = (0.14, 0.16, 0.29, 0.09, 0.1, 0.14, 0.08)
    return Table("faults", Label("违反的规则", "Rules that were broken"), heads, rows, widths, frozenset({"quarantined", "marked"}))


def examples(card: Scorecard, contracts: Contracts, lang: str) -> Table:
    """Rows by delivery and number: those that wait in quarantine with what the cell at fault looks like, then those that were marked or put right."""
    heads = {
        "field": Label("字段", "Field"),
        "what": Label("问题", "What was wrong"),
        "row": Label("批次/行号", "Delivery/row"),
        "looks": Label("单元格样式（9 数字，a 字母，汉 汉字，x4 连续四个）", "The cell looks like (9 digit, a letter, 汉 Chinese character, x4 four of them)"),
    }
    rows = tuple(
        (field_label(each, contracts).get(lang), meaning(contracts, each.feed, each.rule, lang), example.row, _looks(example, contracts, lang))
        for each in card.faults
        for example in each.examples
    )
    return Table("examples", Label("示例行", "Rows to look at"), heads, rows, (0.18, 0.28, 0.24, 0.3))


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
        (
            feed_label(card, each.feed).get(lang),
            attribute_label(each, contracts).get(lang),
            WHY[told.why].get(lang),
            f"{told.count:,}",
            f"{told.since_month:,}",
        )
        for each in card.fields
        for told in each.differences
    )
    at = f"{card.moment:%Y-%m-%d}"
    name = Label(f"与核定值不同的值（截至 {at}）", f"Values that differ from the surviving ones, as of {at}")
    return Table("differences", name, heads, rows, (0.22, 0.26, 0.28, 0.12, 0.12), frozenset({"count", "since_month"}))


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
        (attribute_label(each, contracts).get(lang), WHY[told.why].get(lang), record, claimed.get(lang), golden.get(lang))
        for each in card.fields
        for told in each.differences
        for record, claimed, golden in told.examples
    )
    name = Label("不同值示例（个人信息只显示样式，短的不显示）", "Examples (values of persons as their shape, short ones not at all)")
    return Table("differing_examples", name, heads, rows, (0.2, 0.18, 0.28, 0.17, 0.17))


def fields(card: Scorecard, contracts: Contracts, lang: str) -> Table:
    """What each feed says about each attribute: how much and how late in the month, how right by month, and how reliable, fresh and different now."""
    at = f"{card.moment:%m-%d}"
    heads = {
        "feed": Label("数据源", "Feed"),
        "attribute": Label("项目", "Attribute"),
        "claims": Label("本月报送值", "Values sent"),
        "late": Label("迟报", "Late"),
        "checked": Label("核查", "Checked"),
        "accuracy": Label("各月准确率", "Accuracy by month"),
        "reliable": Label(f"可靠度（95% 区间，截至 {at}）", f"Reliability (95 %), {at}"),
        "fresh": Label(f"鲜活（截至 {at}）", f"Fresh, {at}"),
        "differing": Label(f"差异（截至 {at}）", f"Differ, {at}"),
    }
    rows = tuple((feed_label(card, each.feed).get(lang), attribute_label(each, contracts).get(lang), *_standing(each)) for each in card.fields)
    numbers = frozenset({"claims", "late", "checked", "fresh", "differing"})
    return Table("fields", Label("报送的各项", "What was sent"), heads, rows, (0.13, 0.2, 0.09, 0.07, 0.07, 0.15, 0.13, 0.08, 0.08), numbers)


def tendency(trend: tuple[int, ...], delivered: tuple[int, ...]) -> Label:
    """How the last month compares with the one before, as shares of what its feed delivered: a month with twice the rows may have twice the faults."""
    now, before = trend[-1], trend[-2] if len(trend) > 1 else 0
    if not before:
        return Label("新出现", "new") if now and any(delivered[:-1]) else Label("-", "-")
    if not now:
        return Label("已消除", "gone") if delivered[-1] else Label("-", "-")
    change = (now / max(1, delivered[-1])) / (before / max(1, delivered[-2]))
    return Label("增加", "more") if change > 1.1 else Label("减少", "fewer") if change < 0.9 else Label("持平", "the same")


def _fault(each: Fault, card: Scorecard, contracts: Contracts, lang: str) -> tuple[str, ...]:
    trend = " · ".join(f"{count:,}" for count in each.trend)
    aside = Label(f"{each.quarantined:,}（含整条消息 {each.messages} 条）", f"{each.quarantined:,} ({each.messages} whole messages)").get(lang)
    return (
        feed_label(card, each.feed).get(lang),
        field_label(each, contracts).get(lang),
        meaning(contracts, each.feed, each.rule, lang),
        aside if each.messages else f"{each.quarantined:,}",
        f"{each.marked:,}",
        trend,
        tendency(each.trend, each.delivered).get(lang),
    )


def _standing(each: Field) -> tuple[str, ...]:
    accuracy = " · ".join("-" if month.accuracy is None else f"{month.accuracy:.0%}" for month in each.checks)
    reliable = "-" if each.reliable is None else f"{each.reliable[0]:.0%} ({each.reliable[1]:.0%}-{each.reliable[2]:.0%})"
    fresh = "-" if each.fresh is None else f"{each.fresh:.0%}"
    return f"{each.claims:,}", f"{each.late:,}", f"{each.checks[-1].checked:,}", accuracy, reliable, fresh, f"{each.differing:,}"


def _looks(example: Example, contracts: Contracts, lang: str) -> str:
    return example.shape or (check_label(contracts, example.verdict, lang) if example.verdict else "-")
