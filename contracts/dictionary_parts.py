"""What a feed, a kind or a mart promises besides its fields, in words: the facts of its head, the rules of its rows, what the rows become."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from contracts.model import Contracts, Feed, Kind, Label, Mart, Minors, Rule, ServiceLevel

Pair = tuple[Label, str]

MODES = {
    "increment": Label("增量", "increment"),
    "snapshot": Label("全量", "snapshot"),
    "correction": Label("更正", "correction"),
    "withdrawal": Label("撤回", "withdrawal"),
}
SEVERITIES = {"error": Label("错误：隔离该行", "error: the row is quarantined"), "warning": Label("警告：标记该行", "warning: the row is flagged")}
RULES = {
    "rule": Label("规则", "Rule"),
    "column": Label("列", "Column"),
    "severity": Label("级别", "Severity"),
    "says": Label("含义", "Meaning when broken"),
    "holds": Label("条件", "Condition"),
    "blanks": Label("清空", "Blanks"),
}
"""The headings of `rules`, by the name a machine reads."""
MAPPING = {
    "target": Label("目标", "Target"),
    "column": Label("目标列", "Target column"),
    "sql": Label("表达式", "Expression"),
    "where": Label("条件", "Where"),
}
"""The headings of `mapped`."""


def facts(contracts: Contracts, part: str, name: str, lang: str) -> list[tuple[str, str]]:
    """What stands at the head of a feed, kind or mart (`part`): label and text, in contract order; SQL as it is written."""
    if part == "feed":
        told = _feed(contracts.feeds[name], lang)
    elif part == "kind":
        told = _kind(contracts.kinds[name], lang)
    else:
        told = _mart(contracts.marts[name], lang)
    return [(label.get(lang), text) for label, text in told]


def rules(feed: Feed, lang: str) -> list[tuple[str, ...]]:
    """Every rule a row must keep, in the order in which they are asked; the cells of `RULES`."""
    return [(rule.reason, rule.column or "", severity_of(rule, lang), rule.label.get(lang), rule.holds, rule.blanks or "") for rule in feed.rules]


def severity_of(rule: Rule, lang: str) -> str:
    """What a broken row suffers, and how much of a message may break the rule before all of it is held."""
    said = SEVERITIES[rule.severity].get(lang)
    if rule.limit is None:
        return said
    return f"{said}，超过 {rule.limit.percent:g}% 整条暂缓" if lang == "zh" else f"{said}, above {rule.limit.percent:g} % the message is held"


def mapped(feed: Feed) -> list[tuple[str, ...]]:
    """What a row becomes, one line per target column, the entity and the record first; the cells of `MAPPING`."""
    lines: list[tuple[str, ...]] = []
    for mapping in feed.mappings:
        where = " and ".join(each for each in (mapping.where, "rows = minors" if mapping.rows == "minors" else None) if each)
        keys = [("(entity)", mapping.entity), ("(record)", mapping.record), ("(merged_into)", mapping.merged_into)]
        given = [*((name, sql) for name, sql in keys if sql), *((column.name, column.sql) for column in mapping.columns)]
        lines += [(mapping.target, name, sql, where) for name, sql in given]
    return lines


def _feed(feed: Feed, lang: str) -> Iterable[Pair]:
    yield Label("目录编号", "Catalogue"), feed.catalogue
    yield Label("部门", "Department"), feed.department.get(lang)
    yield Label("格式", "Format"), feed.format
    yield Label("编码", "Encoding"), feed.encoding
    yield Label("方式", "Modes"), _joined((MODES[mode].get(lang) for mode in feed.modes), lang)
    yield Label("观测时间", "Observed at"), "; ".join(feed.observed_at) or Label("批次的时点", "the delivery's moment").get(lang)
    yield from _optional(((Label("先后", "Rank"), feed.rank),))
    yield Label("所属区划", "Area"), feed.area
    yield Label("记录", "Record"), feed.record or Label("实体编号", "the entity's id").get(lang)
    yield from _optional(((Label("撤回条件", "Withdraws when"), feed.operation), (Label("主体", "Subject"), feed.subject)))
    if feed.minors:
        yield Label("未满十四周岁", "Under 14"), _minors(feed.minors).get(lang)
    yield Label("覆盖", "Covers"), _joined(feed.covers, lang) or Label("不覆盖任何人群", "nobody").get(lang)
    yield from _service_level(feed, lang)


def _minors(minors: Minors) -> Label:
    """How they are told, and what is kept of them; the number of the person a row is about tells them in every feed."""
    told = Label("身份号码", "the identity number") if minors.birth is None else Label(f"身份号码或 {minors.birth} ", f"the identity number or {minors.birth}")
    kept = ", ".join(minors.keep)
    counted = Label(f"只按 {kept} 计数", f"only counted, by {kept}") if kept else Label("该行内容不保留", "nothing of the row is kept")
    stay = Label("；与儿童以外的人和事有关的行保留，其号码不保留", "; rows about more than the child stay without its number") if minors.stay else Label("", "")
    return Label(f"按{told.zh}识别，{counted.zh}{stay.zh}", f"told by {told.en}, {counted.en}{stay.en}")


def _service_level(feed: Feed, lang: str) -> Iterable[Pair]:
    level = feed.service_level or ServiceLevel()
    told = ((Label("交付周期", "Delivers every"), level.frequency_hours), (Label("最长时延", "Recorded within"), level.latency_hours))
    yield from ((label, Label(f"{hours:g} 小时", f"{hours:g} hours").get(lang)) for label, hours in told if hours is not None)


def _kind(kind: Kind, lang: str) -> Iterable[Pair]:
    yield Label("保留", "Kept for"), Label(f"{kind.retention_days} 天", f"{kind.retention_days} days").get(lang)
    for unit, ranks in kind.priorities.items():
        name = Label("来源次序", "Order of sources") if unit == "*" else Label(f"来源次序：{unit}", f"Order of sources: {unit}")
        yield name, " > ".join(" = ".join(rank) for rank in ranks)


def _mart(mart: Mart, lang: str) -> Iterable[Pair]:
    yield Label("粒度", "Grain"), ", ".join(mart.grain)
    yield from _optional(((Label("小数抑制", "Small cells"), mart.small_cells.get(lang) if mart.small_cells else None),))


def _optional(pairs: Sequence[tuple[Label, str | None]]) -> Iterable[Pair]:
    yield from ((label, text) for label, text in pairs if text)


def _joined(words: Iterable[str], lang: str) -> str:
    return Label("、", ", ").get(lang).join(words)
