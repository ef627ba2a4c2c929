"""Rules about what kinds and marts promise of themselves as wholes (`quality`): readers lean on it, though no query fails by it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from contracts.evolution.pairs import KindPair, MartPair
from contracts.evolution.rule import Bump, Flavour, Found, Rule, rule
from contracts.model import Promise

Holder = KindPair | MartPair


def promise_rules(flavour: Flavour) -> tuple[Rule, ...]:
    """The three rules of one flavour, whose codes begin with it."""

    def made(what: str, fact: tuple[str, str], meaning: tuple[str, str], finds: Any) -> Rule:
        return rule(flavour, f"{flavour}-promise-{what}", Bump.MINOR, "", fact, meaning, finds)

    return (
        made("removed", ("不再承诺 {part}：{old}", "the promise {part} was dropped: {old}"), ("查询照常；此项不再检查。", "Queries go on; it is checked no more."), _removed),
        made("added", ("新增承诺 {part}：{new}", "the promise {part} was added: {new}"), ("查询照常；另有一项检查。", "Queries go on; one more thing is checked."), _added),
        made("changed", ("承诺 {part} 由 {old} 改为 {new}", "the promise {part} changed from {old} to {new}"), ("查询照常；检查的内容、级别或限度不同。", "Queries go on; what is checked, how severely or within which limit is another."), _changed),
    )  # fmt: skip


def _removed(pair: Holder) -> Iterator[Found]:
    kept = {each.name for each in pair.new.quality}
    return (Found(each.name, old=_said(each)) for each in pair.old.quality if each.name not in kept)


def _added(pair: Holder) -> Iterator[Found]:
    known = {each.name for each in pair.old.quality}
    return (Found(each.name, new=_said(each)) for each in pair.new.quality if each.name not in known)


def _changed(pair: Holder) -> Iterator[Found]:
    before = {each.name: each for each in pair.old.quality}
    both = ((before[each.name], each) for each in pair.new.quality if each.name in before)
    return (Found(new.name, _said(old), _said(new)) for old, new in both if _said(old) != _said(new))


def _said(promise: Promise) -> str:
    """Everything about a promise but its words for people."""
    arguments = ", ".join(f"{name} = {value}" for name, value in sorted(promise.arguments.items()))
    return f"{promise.check} ({arguments}), {promise.severity}, {promise.limit.rows} / {promise.limit.share}"
