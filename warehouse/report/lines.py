"""The words and rows of a grid's page, the same on a terminal, in HTML and in PDF. Pure."""

from __future__ import annotations

from contracts.model import Label
from contracts.pages.page import Table
from warehouse.report.facts import GridReport, Question, Visit
from warehouse.report.guide import MEANINGS, MEASURES, OUTCOMES, REASONS, word

OBJECTS = {"dwelling": Label("房屋", "dwelling"), "business": Label("企业", "business"), "venue": Label("场所", "venue")}
COUNTS = {
    "known": Label("已知房屋", "known dwellings"),
    "visited": Label("一年内走访", "visited within a year"),
    "never_visited": Label("从未走访", "never visited"),
    "disputed": Label("有不一致", "disputed"),
    "stale": Label("有过期值", "with old values"),
    "hazards": Label("超期隐患", "overdue hazards"),
    "open_disputes": Label("未办结纠纷", "open disputes"),
}


def counts(report: GridReport) -> list[tuple[Label, int]]:
    """The numbers at the top."""
    told = {name: getattr(report.counts, name, report.hazards) for name in COUNTS}
    return [(label, told[name]) for name, label in COUNTS.items()]


def worklist(report: GridReport, lang: str) -> Table:
    """Where to go first, why, and what to ask."""
    labels = {each.name: each.label for each in report.questions}
    heads = {
        "dwelling": Label("房屋", "Dwelling"),
        "why": Label("原因", "Why"),
        "ask": Label("问什么", "Ask"),
        "residents": Label("居住人", "Residents"),
        "values": Label("不一致/过期/未核实", "Disputed/old/unver."),
        "visited_on": Label("上次走访", "Last visit"),
    }
    rows = tuple(_visit(each, labels, lang) for each in report.worklist)
    title = Label(f"先走访（{report.counts.known} 处中的 {len(rows)} 处）", f"Visit first ({len(rows)} of {report.counts.known})")
    return Table("worklist", title, heads, rows, (0.20, 0.25, 0.31, 0.06, 0.11, 0.07), frozenset({"residents", "values"}))


def overdue(report: GridReport, lang: str, most: int) -> Table:
    """Hazards past their day, the oldest first."""
    heads = {
        "object": Label("对象", "Object"),
        "kind": Label("类别", "Kind"),
        "found_on": Label("发现", "Found"),
        "due_on": Label("期限", "Due"),
        "overdue_days": Label("超期天数", "Days overdue"),
        "event": Label("检查编号", "Inspection"),
    }
    shown = report.overdue[:most]
    rows = tuple(
        (each.object.get(lang), word(OBJECTS, each.what or "-").get(lang), str(each.found_on), str(each.due_on), str(each.overdue_days), each.event)
        for each in shown
    )
    title = Label(f"超期隐患（{report.hazards} 起中的 {len(rows)} 起）", f"Overdue hazards ({len(rows)} of {report.hazards})")
    return Table("overdue", title, heads, rows, (0.38, 0.08, 0.11, 0.11, 0.09, 0.23), frozenset({"overdue_days"}))


def questions(report: GridReport, lang: str) -> Table:
    """What to ask, in how many dwellings and why, who differs, which answers there are and how long one holds."""
    heads = {
        "ask": Label("问什么", "Ask"),
        "dwellings": Label("房屋", "Dwellings"),
        "why": Label("为什么问（房屋数）", "Why (dwellings)"),
        "differing": Label("说法不同的来源", "Sources that differ"),
        "answers": Label("怎么记", "Answers"),
        "fresh_days": Label("有效天数", "Holds, days"),
    }
    rows = tuple(_question(each, lang) for each in report.questions)
    numbers = frozenset({"dwellings", "fresh_days"})
    return Table("questions", Label("问什么、为什么", "What to ask, and why"), heads, rows, (0.11, 0.08, 0.23, 0.13, 0.38, 0.07), numbers)


def measures(report: GridReport, lang: str) -> Table:
    """How the grid does beside its township and all."""
    heads = {
        "measure": Label("指标", "Measure"),
        "grid": Label("本网格", "This grid"),
        "township": Label("所在乡镇街道", "Its township"),
        "all": Label("全区", "All"),
        "meaning": Label("含义", "Meaning"),
    }
    rows = tuple(
        (word(MEASURES, each.name).get(lang), *(share_text(share) for share in (each.grid, each.township, each.all)), word(MEANINGS, each.name).get(lang))
        for each in report.measures
    )
    return Table("measures", Label("指标", "Measures"), heads, rows, (0.18, 0.09, 0.12, 0.09, 0.52), frozenset({"grid", "township", "all"}))


def outcomes_line(report: GridReport, lang: str) -> str:
    """What visits found in the weeks shown."""
    told = Label("、", ", ").get(lang).join(f"{word(OUTCOMES, outcome).get(lang)} {count}" for outcome, count in report.outcomes.items())
    return Label(f"各周走访结果（项）：{told or '无'}", f"Findings of visits in these weeks: {told or 'none'}").get(lang)


def moment_line(report: GridReport, lang: str) -> str:
    """Of when and of what it is."""
    at = report.moment.strftime("%Y-%m-%d %H:%M")
    return Label(f"网格 {report.grid} · {report.place.zh} · 截至 {at}（北京时间）", f"Grid {report.grid} · {report.place.en} · as of {at}, Beijing time").get(
        lang
    )


def share_text(share: float | None) -> str:
    return "-" if share is None else f"{share:.1%}"


def _visit(each: Visit, labels: dict[str, Label], lang: str) -> tuple[str, ...]:
    comma = Label("、", ", ").get(lang)
    why = comma.join(REASONS[reason].get(lang) for reason in REASONS if reason in each.reasons)
    ask = comma.join(labels[name].get(lang) if name in labels else name for name in each.ask)
    values = f"{each.disputed}/{each.stale}/{each.never_verified}"
    return each.address.get(lang), why, ask, str(each.residents), values, str(each.visited_on or Label("从未", "never").get(lang))


def _question(each: Question, lang: str) -> tuple[str, ...]:
    semi = Label("，", ", ").get(lang)
    why = semi.join(
        f"{REASONS[reason].get(lang)} {count}"
        for reason, count in (("dispute", each.disputed), ("freshness", each.stale), ("expected_gain", each.never_verified))
        if count
    )
    differing = semi.join(f"{source.get(lang)} {count}" for source, count in each.differing)
    answers = Label("；", "; ").get(lang).join(code.get(lang) for code in each.codes) or each.about.get(lang)
    return each.label.get(lang), str(each.dwellings), why, differing or "-", answers, str(each.fresh_days or "-")
