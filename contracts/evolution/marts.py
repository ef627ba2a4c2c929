"""Rules about marts: the grain, the columns and who reads them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from contracts.evolution.kinds import CAREFUL
from contracts.evolution.pairs import MartPair, changed, kept
from contracts.evolution.promises import promise_rules
from contracts.evolution.rule import Bump, Found, Rule, rule
from contracts.model import MartColumn

_mart = partial(rule, "mart")


def _careful(column: MartColumn) -> int:
    return CAREFUL.index(column.classification)


def _class(column: MartColumn) -> str:
    return column.classification


def _reused(old: MartColumn, new: MartColumn) -> bool:
    return old.name != new.name and old.label.zh != new.label.zh and old.label.en != new.label.en


def _consumers(gone: bool, pair: MartPair) -> Iterator[Found]:
    one, other = (pair.old, pair.new) if gone else (pair.new, pair.old)
    return (Found(each) for each in one.consumers if each not in other.consumers)


def _grain(pair: MartPair) -> Iterator[Found]:
    renamed = pair.columns.renamed
    if {renamed.get(name, name) for name in pair.old.grain} != set(pair.new.grain):
        yield Found("", ", ".join(pair.old.grain), ", ".join(pair.new.grain))


def _order(pair: MartPair) -> Iterator[Found]:
    before, after = [new.name for _, new in pair.columns.kept], [column.name for column in pair.new.columns]
    if before != [name for name in after if name in before]:
        yield Found("", ", ".join(before), ", ".join(name for name in after if name in before))


def _texts(pair: MartPair) -> Iterator[Found]:
    own = ("label", "description", "description_zh")
    parts = [pair.new.name] if any(getattr(pair.old, name) != getattr(pair.new, name) for name in (*own, "small_cells")) else []
    parts += [new.name for old, new in pair.columns.kept if any(getattr(old, name) != getattr(new, name) for name in own)]
    if parts:
        yield Found(", ".join(parts))


MART_RULES: tuple[Rule, ...] = (
    _mart("mart-grain-changed", Bump.MAJOR, "consumer mart", ("粒度由 {old} 改为 {new}", "the grain changed from {old} to {new}"), ("按旧主键连接的查询会重复或遗漏。", "Queries that join by the old key count twice or miss rows."), _grain),
    _mart("mart-column-removed", Bump.MAJOR, "consumer mart", ("列 {part} 已删除", "the column {part} was removed"), ("用到它的查询失败。", "Queries that name it fail."), lambda pair: (Found(each.name) for each in pair.columns.removed)),
    _mart("mart-column-added", Bump.MINOR, "", ("新增列 {part}", "the column {part} was added"), ("以前的查询照常。", "Queries go on as before."), lambda pair: (Found(each.name) for each in pair.columns.added)),
    _mart("mart-column-renamed", Bump.MAJOR, "consumer mart", ("列 {old} 改名为 {new}（id 不变）", "the column {old} is called {new} now (same id)"), ("用旧名的查询失败；宜保留旧列一个版本。", "Queries with the old name fail; keep the old column for one version."), kept("columns", lambda old, new: old.name != new.name and not _reused(old, new), lambda part: part.name)),
    _mart("mart-id-reused", Bump.NEVER, "consumer", ("id 原属列 {old}，现被另一列 {new} 占用", "the id of the column {old} belongs to another one, {new}, now"), ("id 不可再次使用。", "Ids are never used again."), kept("columns", _reused, lambda part: part.name)),
    _mart("mart-column-type-changed", Bump.MAJOR, "consumer mart", ("列 {part} 的类型由 {old} 改为 {new}", "the type of the column {part} changed from {old} to {new}"), ("按旧类型读取会出错或丢失精度。", "Readers by the old type fail or lose digits."), kept("columns", lambda old, new: old.type.upper() != new.type.upper(), lambda part: part.type)),
    _mart("mart-column-unit-changed", Bump.MAJOR, "consumer mart", ("列 {part} 的单位由 {old} 改为 {new}", "the unit of the column {part} changed from {old} to {new}"), ("同样的数字含义不同。", "The same number means something else."), kept("columns", lambda old, new: old.unit != new.unit, lambda part: part.unit)),
    _mart("mart-classification-raised", Bump.MAJOR, "consumer", ("列 {part} 的分类由 {old} 提高为 {new}", "the class of the column {part} was raised from {old} to {new}"), ("没有权限的读者看不到了。", "Readers without the right see it no more."), kept("columns", lambda old, new: _careful(new) > _careful(old), _class)),
    _mart("mart-classification-lowered", Bump.MAJOR, "", ("列 {part} 的分类由 {old} 降低为 {new}", "the class of the column {part} was lowered from {old} to {new}"), ("没有读者受影响，但此列开始公开：对当事人的承诺改变。", "No reader breaks, but it begins to be shown: what was promised to the persons changes."), kept("columns", lambda old, new: _careful(new) < _careful(old), _class)),
    _mart("mart-consumer-removed", Bump.MINOR, "", ("不再列为使用方：{part}", "the consumer {part} is named no more"), ("查询照常；以后的改动不再通知它。", "Its queries go on; of changes to come it is not told."), partial(_consumers, True)),
    _mart("mart-consumer-added", Bump.MINOR, "", ("新增使用方：{part}", "the consumer {part} was added"), ("以前的使用方照常。", "The others go on as before."), partial(_consumers, False)),
    _mart("mart-purpose-changed", Bump.MINOR, "", ("处理目的由 {old} 改为 {new}", "the purpose changed from {old} to {new}"), ("数据不受影响。", "No data changes."), changed(lambda mart: mart.purpose)),
    _mart("mart-columns-reordered", Bump.MINOR, "", ("列的次序由 {old} 改为 {new}", "the order of columns changed from {old} to {new}"), ("按列名读取的查询照常；按位置读取的须核对。", "Queries by name go on; those by position are to be looked at."), _order),
    *promise_rules("mart"),
    _mart("mart-text-changed", Bump.PATCH, "", ("说明或标签有改动：{part}", "labels or descriptions changed: {part}"), ("只是文字。", "Words only."), _texts),
)  # fmt: skip
"""In the order they are told."""
