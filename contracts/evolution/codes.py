"""Rules about code lists. A list has no version of its own: whoever uses it is to be bumped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from contracts.evolution.pairs import told
from contracts.evolution.rule import Bump, Found, Rule, rule
from contracts.model import CodeList, Label

_codes = partial(rule, "codes")


@dataclass(frozen=True)
class CodesPair:
    """Two versions of a code list."""

    old: CodeList
    new: CodeList


def _gone(pair: CodesPair) -> Iterator[Found]:
    return (Found(f"{pair.old.name} {code}", _label(label)) for code, label in pair.old.labels.items() if code not in pair.new.labels)


def _come(pair: CodesPair) -> Iterator[Found]:
    return (Found(f"{pair.new.name} {code}", "", _label(label)) for code, label in pair.new.labels.items() if code not in pair.old.labels)


def _relabelled(pair: CodesPair) -> Iterator[Found]:
    both = ((code, label, pair.new.labels.get(code)) for code, label in pair.old.labels.items())
    return (Found(f"{pair.new.name} {code}", _label(old), _label(new)) for code, old, new in both if new is not None and old != new)


def _width(pair: CodesPair) -> Iterator[Found]:
    if pair.old.width != pair.new.width:
        yield Found(pair.new.name, told(pair.old.width), told(pair.new.width))


def _label(label: Label) -> str:
    return f"{label.zh}/{label.en}"


CODE_RULES: tuple[Rule, ...] = (
    _codes("code-removed", Bump.MAJOR, "producer consumer mart", ("代码 {part}（{old}）已删除", "the code {part} ({old}) was removed"), ("仍用此代码的行可能被隔离；已有的值失去含义。", "Rows that use it may be refused; values that have it lose their meaning."), _gone),
    _codes("code-added", Bump.MINOR, "", ("新增代码 {part}（{new}）", "the code {part} ({new}) was added"), ("以前的代码照常；读者应能容忍未见过的代码。", "The others go on; readers have to bear codes they never met."), _come),
    _codes("code-relabelled", Bump.PATCH, "", ("代码 {part} 的名称由 {old} 改为 {new}", "the label of the code {part} changed from {old} to {new}"), ("只是文字；含义改变时应使用新代码。", "Words only; where the meaning changed, take a new code."), _relabelled),
    _codes("code-width-changed", Bump.MAJOR, "consumer mart", ("{part} 代码的长度由 {old} 改为 {new}", "the length of the codes of {part} changed from {old} to {new}"), ("补零后的值不同，与旧值不相等。", "Codes are padded otherwise and no longer equal old ones."), _width, True),
)  # fmt: skip
"""In the order they are told."""
