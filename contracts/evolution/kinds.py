"""Rules about kinds: what a golden record holds, how values are chosen, how long they are kept."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from contracts.evolution.pairs import KindPair, changed, kept
from contracts.evolution.promises import promise_rules
from contracts.evolution.rule import Bump, Found, Rule, rule
from contracts.model import Attribute, Classification

_kind = partial(rule, "kind")
CAREFUL = (Classification.PLAIN, Classification.PERSONAL, Classification.IDENTIFIER)
ANEW = ("须重新归并：同样的主张得出另一个黄金值。", "Everything has to be folded anew: the same claims give other golden values.")


def _careful(attribute: Attribute) -> int:
    return CAREFUL.index(attribute.classification)


def _class(attribute: Attribute) -> str:
    return attribute.classification


def _reused(old: Attribute, new: Attribute) -> bool:
    return old.id == new.id and old.name != new.name and old.label.zh != new.label.zh and old.label.en != new.label.en


def _priorities(pair: KindPair) -> Iterator[Found]:
    for unit in dict.fromkeys([*pair.old.priorities, *pair.new.priorities]):
        old, new = pair.old.priorities.get(unit, ()), pair.new.priorities.get(unit, ())
        if old != new:
            yield Found(unit, _ranks(old), _ranks(new))


def _ranks(ranks: tuple[tuple[str, ...], ...]) -> str:
    return " > ".join("=".join(rank) for rank in ranks) or "-"


def _retention(shorter: bool, pair: KindPair) -> Iterator[Found]:
    old, new = pair.old.retention_days, pair.new.retention_days
    if old != new and (new < old) is shorter:
        yield Found("", str(old), str(new))


def _texts(pair: KindPair) -> Iterator[Found]:
    parts = [pair.new.name] if _said(pair, "label", "description", "description_zh", "title") else []
    parts += [
        new.name for old, new in pair.attributes.kept if (old.label, old.description, old.description_zh) != (new.label, new.description, new.description_zh)
    ]
    if parts:
        yield Found(", ".join(parts))


def _said(pair: KindPair, *names: str) -> bool:
    return any(getattr(pair.old, name) != getattr(pair.new, name) for name in names)


KIND_RULES: tuple[Rule, ...] = (
    _kind("attribute-removed", Bump.MAJOR, "consumer mart", ("属性 {part} 已删除", "the attribute {part} was removed"), ("读取它的订阅方和集市读不到了。", "Subscribers and marts that read it find it no more."), lambda pair: (Found(each.name) for each in pair.attributes.removed)),
    _kind("attribute-added", Bump.MINOR, "", ("新增属性 {part}", "the attribute {part} was added"), ("以前的属性照常读取。", "The others are read as before."), lambda pair: (Found(each.name) for each in pair.attributes.added), True),
    _kind("attribute-renamed", Bump.MAJOR, "log consumer mart", ("属性 {old} 改名为 {new}（id 不变）", "the attribute {old} is called {new} now (same id)"), ("用旧名读取的读不到；旧版数据源的映射也要用新名。", "Who reads the old name finds nothing; mappings of old versions of feeds need the new one."), kept("attributes", lambda old, new: old.name != new.name and not _reused(old, new), lambda part: part.name)),
    _kind("attribute-id-reused", Bump.NEVER, "consumer", ("id 原属属性 {old}，现被另一属性 {new} 占用", "the id of the attribute {old} belongs to another one, {new}, now"), ("旧值会被当成别的内容；id 不可再次使用。", "Old values would be taken for something else; ids are never used again."), kept("attributes", _reused, lambda part: part.name)),
    _kind("attribute-type-changed", Bump.MAJOR, "consumer mart", ("属性 {part} 的类型由 {old} 改为 {new}", "the type of the attribute {part} changed from {old} to {new}"), ("订阅方和集市按旧类型读取会出错。", "Subscribers and marts read it by the old type."), kept("attributes", lambda old, new: old.type != new.type, lambda part: part.type), True),
    _kind("attribute-classification-raised", Bump.MAJOR, "consumer", ("属性 {part} 的分类由 {old} 提高为 {new}", "the class of the attribute {part} was raised from {old} to {new}"), ("主题和集市不再公开此值。", "Topics and marts show it no more."), kept("attributes", lambda old, new: _careful(new) > _careful(old), _class)),
    _kind("attribute-classification-lowered", Bump.MAJOR, "", ("属性 {part} 的分类由 {old} 降低为 {new}", "the class of the attribute {part} was lowered from {old} to {new}"), ("没有读者受影响，但主题和集市开始公开此值：对当事人的承诺改变。", "No reader breaks, but topics and marts begin to show it: what was promised to the persons changes."), kept("attributes", lambda old, new: _careful(new) < _careful(old), _class)),
    _kind("attribute-code-list-changed", Bump.MAJOR, "consumer mart", ("属性 {part} 的代码表由 {old} 改为 {new}", "the code list of the attribute {part} changed from {old} to {new}"), ("代码的含义不同。", "Its codes mean something else."), kept("attributes", lambda old, new: old.code_list != new.code_list, lambda part: part.code_list), True),
    _kind("attribute-unit-changed", Bump.MAJOR, "consumer mart", ("属性 {part} 的单位由 {old} 改为 {new}", "the unit of the attribute {part} changed from {old} to {new}"), ("同样的数字含义不同。", "The same number means something else."), kept("attributes", lambda old, new: old.unit != new.unit, lambda part: part.unit)),
    _kind("attribute-group-changed", Bump.MINOR, "", ("属性 {part} 的组由 {old} 改为 {new}", "the group of the attribute {part} changed from {old} to {new}"), ANEW, kept("attributes", lambda old, new: old.group != new.group, lambda part: part.group), True),
    _kind("freshness-changed", Bump.MINOR, "", ("属性 {part} 的鲜活度由 {old} 天改为 {new} 天", "the freshness of the attribute {part} changed from {old} to {new} days"), ANEW, kept("attributes", lambda old, new: old.freshness_days != new.freshness_days, lambda part: part.freshness_days), True),
    _kind("visit-changed", Bump.MINOR, "", ("属性 {part} 可否由走访核实由 {old} 改为 {new}", "whether a visit speaks about the attribute {part} changed from {old} to {new}"), ANEW, kept("attributes", lambda old, new: old.visit != new.visit, lambda part: part.visit), True),
    _kind("priorities-changed", Bump.MINOR, "", ("{part} 的来源优先级由 {old} 改为 {new}", "the priorities of {part} changed from {old} to {new}"), ANEW, _priorities, True),
    _kind("attribute-purpose-changed", Bump.MINOR, "", ("属性 {part} 的处理目的或依据由 {old} 改为 {new}", "the purpose or basis of the attribute {part} changed from {old} to {new}"), ("数据不受影响；须重新告知。", "No data changes; the persons are to be told."), kept("attributes", lambda old, new: (old.purpose, old.legal_basis) != (new.purpose, new.legal_basis), lambda part: f"{part.purpose}/{part.legal_basis}")),
    _kind("retention-shortened", Bump.MAJOR, "consumer", ("保存期限由 {old} 天缩短为 {new} 天", "the retention was shortened from {old} to {new} days"), ("读者依赖的旧记录会提前消失。", "Records that readers rely on vanish earlier."), partial(_retention, True)),
    _kind("retention-lengthened", Bump.MINOR, "", ("保存期限由 {old} 天延长为 {new} 天", "the retention was lengthened from {old} to {new} days"), ("没有读者受影响；请核对依据。", "No reader breaks; check the basis."), partial(_retention, False)),
    _kind("kind-topic-changed", Bump.MAJOR, "consumer", ("主题由 {old} 改为 {new}", "the topic changed from {old} to {new}"), ("订阅方在旧主题上收不到消息。", "Subscribers of the old one receive nothing."), changed(lambda kind: kind.topic)),
    *promise_rules("kind"),
    _kind("kind-text-changed", Bump.PATCH, "", ("说明或标签有改动：{part}", "labels or descriptions changed: {part}"), ("只是文字。", "Words only."), _texts),
)  # fmt: skip
"""In the order they are told."""
