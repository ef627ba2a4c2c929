"""Rules about what a feed's rows must keep to, how they are dated and ordered, and what claims they make."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from math import inf
from typing import Any

from contracts.evolution.pairs import FeedPair, changed, plain, told
from contracts.evolution.rule import Bump, Finds, Found, Rule, rule
from contracts.facts import LINK
from contracts.model import Feed, Limit, Mapping, Severity
from contracts.model import Rule as RowRule
from contracts.normalising.shared import words_of
from contracts.normalising.slots import KEYS, column_of

_feed = partial(rule, "feed")
ERROR, WARNING = Severity.ERROR, Severity.WARNING


def _severities(holds: Callable[[Severity | None, Severity | None], bool], pair: FeedPair) -> Iterator[Found]:
    for old, new in pair.rules:
        if holds(old.severity if old else None, new.severity if new else None):
            named = new or old
            yield Found(named.reason if named else "", plain(old.holds) if old else "", plain(new.holds) if new else "")


def _severity(holds: Callable[[Severity | None, Severity | None], bool]) -> Finds:
    return partial(_severities, holds)


def _same_severity(severity: Severity, of: Callable[[RowRule], str], pair: FeedPair) -> Iterator[Found]:
    """Rules of one severity in both versions that say something else."""
    for old, new in pair.rules:
        if old and new and old.severity is new.severity is severity and pair.rewritten(of(old)) != plain(of(new)):
            yield Found(new.reason, plain(of(old)), plain(of(new)))


def _limits(tighter: bool, pair: FeedPair) -> Iterator[Found]:
    for old, new in pair.rules:
        if old and new and old.limit != new.limit and (_strictness(new.limit) < _strictness(old.limit)) is tighter:
            yield Found(new.reason, *("-" if each is None else f"{each.percent:g} % / {each.least_rows}" for each in (old.limit, new.limit)))


def _strictness(limit: Limit | None) -> tuple[float, float]:
    return (limit.percent, limit.least_rows) if limit else (inf, inf)


def _said(row_rule: RowRule) -> str:
    return f"{row_rule.holds} {row_rule.blanks or ''}"


def _sql(of: Callable[[Feed], str | tuple[str, ...] | None]) -> Finds:
    """A piece of SQL of the feed says something else, apart from new names of columns."""

    def finds(pair: FeedPair) -> Iterator[Found]:
        old, new = (each if isinstance(each, tuple) else (each,) for each in (of(pair.old), of(pair.new)))
        if [pair.rewritten(sql) for sql in old] != [plain(sql) for sql in new]:
            yield Found("", told(tuple(filter(None, old))), told(tuple(filter(None, new))))

    return finds


def _subject(pair: FeedPair) -> Iterator[Found]:
    if pair.rewritten(pair.old.subject) != plain(pair.new.subject):
        yield Found("", told(pair.old.subject), told(pair.new.subject))


def _key_columns(mapping: Mapping) -> tuple[str, ...]:
    return tuple(name for name, _ in LINK) if mapping.target == "residency" else (KEYS.get(mapping.target, "entity"),)


def key_of(mapping: Mapping) -> tuple[str | None, ...]:
    """The SQL that says whether a row makes a fact and of what."""
    return mapping.where, mapping.entity, mapping.record, mapping.merged_into, *(column_of(mapping, name) for name in _key_columns(mapping))


def _harmless(pair: FeedPair, mapping: Mapping) -> bool:
    """Whether no row that was accepted is refused because of one more mapping: some other applies to every row, and a person was needed already."""
    always = [new for old, new in pair.mappings if old and new and not old.where and not new.where and new.rows == "landed"]
    return mapping.rows == "minors" or (bool(always) and (not _by_subject(pair.new, mapping) or any(_by_subject(pair.new, each) for each in always)))


def _by_subject(feed: Feed, mapping: Mapping) -> bool:
    return feed.subject is not None and any(feed.subject in words_of(sql) for sql in key_of(mapping)[1:] if sql)


def _targets(holds: Callable[[FeedPair, Mapping | None, Mapping | None], bool], pair: FeedPair) -> Iterator[Found]:
    for old, new in pair.mappings:
        if holds(pair, old, new):
            yield Found((new or old).target, *(told(each and tuple(filter(None, key_of(each)))) for each in (old, new)))  # type: ignore[union-attr]


def _key_changed(pair: FeedPair, old: Mapping | None, new: Mapping | None) -> bool:
    return bool(old and new and [pair.rewritten(sql) for sql in key_of(old)] != [plain(sql) for sql in key_of(new)])


def _attributes(holds: Callable[[str, str], bool], pair: FeedPair) -> Iterator[Found]:
    """Mapped columns of mappings in both versions, without those of the key; a text is empty where a version maps nothing."""
    for old, new in pair.mappings:
        if old and new:
            before, after = ({column.name: column.sql for column in each.columns} for each in (old, new))
            for name in dict.fromkeys([*before, *after]):
                texts = pair.rewritten(before.get(name)), plain(after.get(name))
                if name not in _key_columns(new) and holds(*texts):
                    yield Found(f"{new.target}.{name}", *texts)


def _modes(removed: bool, pair: FeedPair) -> Iterator[Found]:
    one, other = (pair.old, pair.new) if removed else (pair.new, pair.old)
    return (Found(mode) for mode in one.modes if mode not in other.modes)


def _expression(text: str) -> tuple[str, str]:
    zh, en = text.split("|")
    return f"{zh}由 {{old}} 改为 {{new}}", f"{en} changed from {{old}} to {{new}}"


def _minors(feed: Feed) -> Any:
    return feed.minors and f"birth: {told(feed.minors.birth)}; keep: {told(feed.minors.keep)}; stay: {told(feed.minors.stay)}"


def _level(feed: Feed) -> Any:
    level = feed.service_level
    return level and f"frequency: {told(level.frequency_hours)} h; latency: {told(level.latency_hours)} h"


ORDER = (
    "同一来源的新旧主张不再可比，须从原始消息重新归并。",
    "Claims of old and new messages are no longer comparable: everything has to be folded anew from raw.",
)
OTHER_CLAIMS = ("旧消息下次重建时形成不同的主张。", "The next rebuild makes other claims of old messages.")
DELIVERED = ("按旧方式交付的文件会被拒绝或读错。", "What is delivered as before is refused or misread.")

ROW_RULES: tuple[Rule, ...] = (
    _feed("error-rule-added", Bump.MAJOR, "producer", ("新增错误规则 {part}：{new}", "the error rule {part} was added: {new}"), ("以前接受的行可能进入隔离区。", "Rows that were accepted may go into quarantine."), _severity(lambda old, new: old is None and new is ERROR)),
    _feed("error-rule-removed", Bump.MINOR, "", ("删除错误规则 {part}：{old}", "the error rule {part} was removed: {old}"), ("以前隔离的行以后会接受。", "Rows that went into quarantine are accepted from now on."), _severity(lambda old, new: old is ERROR and new is None), True),
    _feed("error-rule-changed", Bump.MAJOR, "producer", ("错误规则 {part} 由 {old} 改为 {new}", "the error rule {part} changed from {old} to {new}"), ("以前接受的行可能进入隔离区：无法由文字判断是收紧还是放宽。", "Rows that were accepted may go into quarantine: the text does not tell whether it is tighter."), partial(_same_severity, ERROR, _said)),
    _feed("severity-raised", Bump.MAJOR, "producer", ("规则 {part} 由警告升为错误", "the rule {part} became an error"), ("以前只作标记的行会进入隔离区。", "Rows that were only flagged go into quarantine."), _severity(lambda old, new: old is WARNING and new is ERROR)),
    _feed("severity-lowered", Bump.MINOR, "", ("规则 {part} 由错误降为警告", "the rule {part} became a warning"), ("以前隔离的行以后带标记接受。", "Rows that went into quarantine are accepted with a flag."), _severity(lambda old, new: old is ERROR and new is WARNING), True),
    _feed("warning-rule-added", Bump.MINOR, "", ("新增警告规则 {part}：{new}", "the warning rule {part} was added: {new}"), ("行照常接受，另加标记或清空单元格。", "Rows are accepted as before, with a flag or a blank cell more."), _severity(lambda old, new: old is None and new is WARNING), True),
    _feed("warning-rule-removed", Bump.MINOR, "", ("删除警告规则 {part}：{old}", "the warning rule {part} was removed: {old}"), ("行照常接受，不再标记。", "Rows are accepted as before, without the flag."), _severity(lambda old, new: old is WARNING and new is None), True),
    _feed("warning-rule-changed", Bump.MINOR, "", ("警告规则 {part} 由 {old} 改为 {new}", "the warning rule {part} changed from {old} to {new}"), ("行照常接受，标记的行不同。", "Rows are accepted as before; others are flagged."), partial(_same_severity, WARNING, _said), True),
    _feed("limit-tightened", Bump.MINOR, "", ("规则 {part} 的比例上限由 {old} 收紧为 {new}", "the limit of the rule {part} was tightened from {old} to {new}"), ("单行判定不变；超出比例的消息整条待人决定。", "Rows are judged as before; messages above the limit wait for a person."), partial(_limits, True), True),
    _feed("limit-loosened", Bump.MINOR, "", ("规则 {part} 的比例上限由 {old} 放宽为 {new}", "the limit of the rule {part} was loosened from {old} to {new}"), ("单行判定不变；待人决定的消息减少。", "Rows are judged as before; fewer messages wait for a person."), partial(_limits, False), True),
    _feed("mode-removed", Bump.MAJOR, "producer", ("不再接受交付方式 {part}", "the mode {part} is no longer accepted"), ("以此方式交付的文件会被拒绝。", "Deliveries of this mode are refused."), partial(_modes, True)),
    _feed("mode-added", Bump.MINOR, "", ("另接受交付方式 {part}", "the mode {part} is accepted too"), ("以前的方式照常接受。", "The others are accepted as before."), partial(_modes, False)),
    _feed("format-changed", Bump.MAJOR, "producer", _expression("文件格式|the format"), DELIVERED, changed(lambda feed: feed.format)),
    _feed("encoding-changed", Bump.MAJOR, "producer", _expression("字符编码|the encoding"), DELIVERED, changed(lambda feed: feed.encoding)),
    _feed("delimiter-changed", Bump.MAJOR, "producer", _expression("分隔符|the delimiter"), DELIVERED, changed(lambda feed: feed.delimiter)),
    _feed("department-changed", Bump.MAJOR, "producer", _expression("提供部门|the department"), ("原部门的令牌不能再写入此数据源。", "Tokens of the former one cannot write this feed any more."), changed(lambda feed: feed.department.en)),
    _feed("topic-changed", Bump.MAJOR, "log consumer", _expression("主题|the topic"), ("旧消息留在旧主题，订阅方须改订。", "Old messages stay on the old one, subscribers look in vain."), changed(lambda feed: feed.topic)),
    _feed("observed-at-changed", Bump.MAJOR, "producer log", _expression("观测时间|when a row was observed"), ORDER, _sql(lambda feed: feed.observed_at), True),
    _feed("rank-changed", Bump.MAJOR, "log", _expression("次序|the rank"), ORDER, _sql(lambda feed: feed.rank), True),
    _feed("record-changed", Bump.MAJOR, "log", _expression("记录主键|the record"), ORDER, _sql(lambda feed: feed.record), True),
    _feed("operation-changed", Bump.MAJOR, "log", _expression("撤回条件|what withdraws a record"), ORDER, _sql(lambda feed: feed.operation), True),
    _feed("area-changed", Bump.MAJOR, "log", _expression("所属区划|the area of a row"), ORDER, _sql(lambda feed: feed.area), True),
    _feed("subject-changed", Bump.MAJOR, "producer log", _expression("主体列|the column of the subject"), ("没有主体代号的行会进入隔离区；旧消息按另一列加封。", "Rows without a token there go into quarantine; old messages are sealed by another one."), _subject, True),
    _feed("minors-changed", Bump.MAJOR, "log", _expression("未满十四周岁者的处理|what becomes of those under 14"), ("旧消息按旧办法处理，人数不可比。", "Old messages were reduced otherwise; counts are not comparable."), changed(_minors)),
    _feed("covers-changed", Bump.MINOR, "", _expression("覆盖人群|the populations covered"), ("未列入清单的含义改变。", "That somebody is not listed means something else."), changed(lambda feed: feed.covers), True),
    _feed("unkeyed-share-changed", Bump.MINOR, "", _expression("无主键行的允许比例|the share of rows without key"), ("全量清单是否算数的界限改变。", "Other full lists count as complete."), changed(lambda feed: feed.max_unkeyed), True),
    _feed("partial-changed", Bump.MINOR, "", _expression("是否部分清单|whether the list is partial"), OTHER_CLAIMS, changed(lambda feed: feed.partial), True),
    _feed("service-level-changed", Bump.MINOR, "", _expression("约定的交付频率与时延|the promised service level"), ("数据不受影响；迟交的判定不同。", "No data changes; other deliveries count as late."), changed(_level)),
    _feed("mapping-target-added", Bump.MINOR, "", ("新增映射目标 {part}", "the rows make facts of {part} too"), OTHER_CLAIMS, partial(_targets, lambda pair, old, new: bool(old is None and new and _harmless(pair, new))), True),
    _feed("mapping-target-demanding", Bump.MAJOR, "producer", ("新增映射目标 {part}，其主键可能缺失", "the rows make facts of {part} too, whose key they may lack"), ("以前接受、但没有此主键的行会进入隔离区。", "Rows without that key, accepted so far, go into quarantine."), partial(_targets, lambda pair, old, new: bool(old is None and new and not _harmless(pair, new))), True),
    _feed("mapping-target-removed", Bump.MAJOR, "producer consumer mart", ("不再映射到 {part}", "the rows make no facts of {part} any more"), ("读者不再得到这些内容；只有此主键的行会进入隔离区。", "Readers get nothing of it any more; rows with that key only go into quarantine."), partial(_targets, lambda pair, old, new: new is None), True),
    _feed("mapping-key-changed", Bump.MAJOR, "producer consumer mart", ("{part} 的主键由 {old} 改为 {new}", "the key of {part} changed from {old} to {new}"), ("同一行指向别的实体，主键不可读的行会进入隔离区。", "The same row is about another entity, or about none and goes into quarantine."), partial(_targets, _key_changed), True),
    _feed("mapping-column-added", Bump.MINOR, "", ("另提供 {part}：{new}", "{part} is said too: {new}"), OTHER_CLAIMS, partial(_attributes, lambda old, new: bool(new and not old)), True),
    _feed("mapping-column-removed", Bump.MAJOR, "consumer mart", ("不再提供 {part}", "{part} is said no more"), ("依赖此来源的读者不再得到此值。", "Who relies on this source for it gets nothing any more."), partial(_attributes, lambda old, new: bool(old and not new)), True),
    _feed("mapping-expression-changed", Bump.MINOR, "", ("{part} 由 {old} 改为 {new}", "{part} changed from {old} to {new}"), OTHER_CLAIMS, partial(_attributes, lambda old, new: bool(old and new and old != new)), True),
    _feed("text-changed", Bump.PATCH, "", ("说明或标签有改动：{part}", "labels or descriptions changed: {part}"), ("只是文字。", "Words only."), lambda pair: _texts(pair)),
)  # fmt: skip
"""In the order they are told."""


def _texts(pair: FeedPair) -> Iterator[Found]:
    parts = []
    if (pair.old.label, pair.old.catalogue, pair.old.department.zh) != (pair.new.label, pair.new.catalogue, pair.new.department.zh):
        parts.append(pair.new.name)
    parts += [
        new.name
        for old, new in pair.columns.kept
        if (old.description, old.description_zh) != (new.description, new.description_zh) or (old.header != new.header and new.header in old.other_headers)
    ]
    parts += [new.reason for old, new in pair.rules if old and new and old.label != new.label]
    if parts:
        yield Found(", ".join(dict.fromkeys(parts)))
