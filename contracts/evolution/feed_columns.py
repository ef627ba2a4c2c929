"""Rules about the layout of a feed: its columns, what they are called, what may stand in them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from contracts.ban import scanned, text_limit
from contracts.evolution.pairs import FeedPair, kept, told
from contracts.evolution.rule import Bump, Found, Rule, rule
from contracts.model import AttributeType, Classification, Column, Feed

_feed = partial(rule, "feed")
WIDER: dict[AttributeType, frozenset[AttributeType]] = {
    "code": frozenset({"text", "address"}),
    "text": frozenset({"code", "address"}),
    "address": frozenset({"code", "text"}),
    "integer": frozenset({"decimal", "code", "text", "address"}),
    "decimal": frozenset({"code", "text", "address"}),
    "date": frozenset({"timestamp", "code", "text", "address"}),
    "timestamp": frozenset({"code", "text", "address"}),
    "boolean": frozenset(),
}
"""The types that accept every cell a type accepts; how long a text may be is judged by itself."""
CAREFUL = (Classification.PLAIN, Classification.PERSONAL, Classification.IDENTIFIER)
ENDLESS = 1 << 30


def headers(column: Column) -> frozenset[str]:
    return frozenset({column.header, *column.other_headers})


def limit(column: Column, feed: Feed) -> int:
    """The characters that a cell of the column may have."""
    return text_limit(column, feed) if scanned(column) else ENDLESS


def reused(old: Column, new: Column) -> bool:
    """Whether the id means another column now: neither its name nor any of its headers is left."""
    return old.name != new.name and not headers(old) & headers(new)


def _added(required: bool, pair: FeedPair) -> Iterator[Found]:
    return (Found(column.name, "", column.header) for column in pair.columns.added if column.required is required)


def _limits(raised: bool, pair: FeedPair) -> Iterator[Found]:
    for old, new in pair.columns.kept:
        before, after = limit(old, pair.old), limit(new, pair.new)
        if before != after and (after > before) is raised:
            yield Found(new.name, *("-" if each == ENDLESS else str(each) for each in (before, after)))


def _headers_gone(pair: FeedPair) -> Iterator[Found]:
    return (Found(new.name, told(sorted(headers(old) - headers(new))), new.header) for old, new in pair.columns.kept if headers(old) - headers(new))


def _headers_come(pair: FeedPair) -> Iterator[Found]:
    return (Found(new.name, old.header, told(sorted(headers(new) - headers(old)))) for old, new in pair.columns.kept if headers(new) - headers(old))


def _careful(column: Column) -> int:
    return CAREFUL.index(column.classification)


def _type(column: Column) -> str:
    return column.type


COLUMN_RULES: tuple[Rule, ...] = (
    _feed("column-removed", Bump.MAJOR, "producer log", ("列 {part} 已删除", "the column {part} was removed"), ("仍带此列的推送会被拒绝；日志中旧消息的此列不再读取。", "Rows pushed with it are refused; in messages on the log it is read no more."), lambda pair: (Found(each.name, each.header) for each in pair.columns.removed)),
    _feed("column-added-required", Bump.MAJOR, "producer", ("新增必需列 {part}（表头 {new}）", "the required column {part} (header {new}) was added"), ("按旧格式交付的文件缺少此列，会被拒绝。", "A delivery in the old layout lacks it and is refused."), partial(_added, True)),
    _feed("column-added-optional", Bump.MINOR, "", ("新增可选列 {part}（表头 {new}）", "the optional column {part} (header {new}) was added"), ("旧文件、旧消息中此列为空。", "In old deliveries and messages it is blank."), partial(_added, False)),
    _feed("column-renamed", Bump.MAJOR, "log", ("列 {old} 改名为 {new}（id 不变）", "the column {old} is called {new} now (same id)"), ("日志中旧消息用旧名；保留旧版本文件，同 id 的列自动对应。", "Messages on the log use the old name; keep the old version, columns of the same id are matched by themselves."), kept("columns", lambda old, new: old.name != new.name and old.id == new.id and not reused(old, new), lambda part: part.name)),
    _feed("id-reused", Bump.NEVER, "producer log", ("id 原属列 {old}，现被另一列 {new} 占用", "the id of the column {old} belongs to another one, {new}, now"), ("旧消息中的值会被当成别的内容；id 不可再次使用。", "Values of old messages would be taken for something else; ids are never used again."), kept("columns", lambda old, new: old.id == new.id and reused(old, new), lambda part: part.name)),
    _feed("id-changed", Bump.MAJOR, "log", ("列 {part} 的 id 由 {old} 改为 {new}", "the id of the column {part} changed from {old} to {new}"), ("同名的列不再视为同一列，旧消息无法自动对应。", "The column is no longer known as the same one, so nothing is derived for old messages."), kept("columns", lambda old, new: old.id != new.id, lambda part: part.id)),
    _feed("header-removed", Bump.MAJOR, "producer", ("列 {part} 不再接受表头 {old}", "the column {part} no longer answers to the header {old}"), ("用旧表头交付的部门会被拒绝；可在同义词中保留旧表头。", "A department that uses the old header is refused; keep it among the synonyms."), _headers_gone),
    _feed("header-added", Bump.MINOR, "", ("列 {part} 另接受表头 {new}", "the column {part} answers to the header {new} too"), ("旧表头照常接受。", "The old one is accepted as before."), _headers_come),
    _feed("type-narrowed", Bump.MAJOR, "producer", ("列 {part} 的类型由 {old} 收窄为 {new}", "the type of the column {part} was narrowed from {old} to {new}"), ("以前接受的写法会被拒绝。", "What was accepted in its cells is refused."), kept("columns", lambda old, new: old.type != new.type and new.type not in WIDER[old.type] and old.type in WIDER[new.type], _type)),
    _feed("type-widened", Bump.MINOR, "", ("列 {part} 的类型由 {old} 放宽为 {new}", "the type of the column {part} was widened from {old} to {new}"), ("以前接受的写法照常接受。", "What was accepted in its cells is accepted as before."), kept("columns", lambda old, new: old.type != new.type and new.type in WIDER[old.type], _type)),
    _feed("type-changed", Bump.MAJOR, "producer", ("列 {part} 的类型由 {old} 改为 {new}", "the type of the column {part} changed from {old} to {new}"), ("以前接受的写法有一部分会被拒绝。", "Some of what was accepted in its cells is refused."), kept("columns", lambda old, new: old.type != new.type and new.type not in WIDER[old.type] and old.type not in WIDER[new.type], _type)),
    _feed("required-tightened", Bump.MAJOR, "producer", ("列 {part} 由可选改为必需", "the column {part} is required now"), ("不带此列的交付会被拒绝。", "A delivery without it is refused."), kept("columns", lambda old, new: new.required and not old.required)),
    _feed("required-loosened", Bump.MINOR, "", ("列 {part} 由必需改为可选", "the column {part} is optional now"), ("带不带此列都接受。", "Deliveries are accepted with and without it."), kept("columns", lambda old, new: old.required and not new.required)),
    _feed("text-limit-lowered", Bump.MAJOR, "producer", ("列 {part} 的字数上限由 {old} 降为 {new}", "the column {part} may hold {new} characters now, not {old}"), ("较长的文字会被拒绝。", "Longer texts are refused."), partial(_limits, False)),
    _feed("text-limit-raised", Bump.MINOR, "", ("列 {part} 的字数上限由 {old} 升为 {new}", "the column {part} may hold {new} characters now instead of {old}"), ("以前接受的文字照常接受。", "What was accepted is accepted as before."), partial(_limits, True)),
    _feed("classification-raised", Bump.MAJOR, "log", ("列 {part} 的分类由 {old} 提高为 {new}", "the class of the column {part} was raised from {old} to {new}"), ("旧消息中此列未加封，新版本到别处去找。", "In old messages the cells lie open, where the new version does not look."), kept("columns", lambda old, new: _careful(new) > _careful(old), lambda part: part.classification)),
    _feed("classification-lowered", Bump.MAJOR, "log", ("列 {part} 的分类由 {old} 降低为 {new}", "the class of the column {part} was lowered from {old} to {new}"), ("以后的单元格不再加封；旧消息中的仍加封，新版本到别处去找。请先核对处理目的。", "Cells to come lie open; in old messages they are sealed, where the new version does not look. Check the purpose first."), kept("columns", lambda old, new: _careful(new) < _careful(old), lambda part: part.classification)),
    _feed("identifier-added", Bump.MAJOR, "log", ("列 {part} 成为标识（{new}）", "the column {part} became an identifier ({new})"), ("旧消息中是原值而不是代号。", "Old messages hold cells where the new version expects tokens."), kept("columns", lambda old, new: bool(new.identifier and not old.identifier), lambda part: part.identifier)),
    _feed("identifier-removed", Bump.MAJOR, "log", ("列 {part} 不再是标识（{old}）", "the column {part} is no identifier ({old}) any more"), ("旧消息中是代号而不是原值。", "Old messages hold tokens where the new version expects cells."), kept("columns", lambda old, new: bool(old.identifier and not new.identifier), lambda part: part.identifier)),
    _feed("identifier-changed", Bump.MAJOR, "producer log", ("列 {part} 的标识由 {old} 改为 {new}", "the column {part} identifies {new} now, not {old}"), ("旧消息中的代号属于另一类；没有代号的主体行会进入隔离区。", "The tokens of old messages are of another sort; rows whose subject has none go into quarantine."), kept("columns", lambda old, new: bool(old.identifier and new.identifier and _identified(old) != _identified(new)), lambda part: " ".join(filter(None, _identified(part))))),
    _feed("reduction-changed", Bump.MAJOR, "log", ("列 {part} 保留的部分由 {old} 改为 {new}", "of the column {part} {new} is kept now, not {old}"), ("旧消息中保留的部分不同（- 为全部）。", "Old messages hold another part of it (-: all)."), kept("columns", lambda old, new: old.keep != new.keep, lambda part: part.keep)),
    _feed("column-code-list-changed", Bump.MINOR, "", ("列 {part} 的代码表由 {old} 改为 {new}", "the code list of the column {part} changed from {old} to {new}"), ("代码的含义按新表解释；接受与否由规则决定。", "Codes are explained by the other list; rules decide what is accepted."), kept("columns", lambda old, new: old.code_list != new.code_list, lambda part: part.code_list)),
    _feed("purpose-changed", Bump.MINOR, "", ("列 {part} 的处理目的由 {old} 改为 {new}", "the purpose of the column {part} changed from {old} to {new}"), ("数据不受影响；须重新告知并核对依据。", "No data changes; the persons are to be told, and the basis checked."), kept("columns", lambda old, new: old.purpose != new.purpose, lambda part: part.purpose)),
    _feed("legal-basis-changed", Bump.MINOR, "", ("列 {part} 的法律依据由 {old} 改为 {new}", "the legal basis of the column {part} changed from {old} to {new}"), ("数据不受影响。", "No data changes."), kept("columns", lambda old, new: old.legal_basis != new.legal_basis, lambda part: part.legal_basis)),
)  # fmt: skip
"""In the order they are told."""


def _identified(column: Column) -> tuple[str | None, ...]:
    return column.identifier, column.identifier_when, column.sex_column, column.birth_column
