"""Why a row was set aside or marked, in words, and what is to be changed at the source so that it does not happen again; pure.

The words of a rule stand in its feed's contract. What to do about it stands in `advice.yaml`, once for all feeds, because a rule's name means the same in each; it is worded so that it holds for each.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

from contracts.model import Contracts, Feed, Label
from contracts.normalising import HELD

ADVICE = Path(__file__).parent / "advice.yaml"
BUILT_IN: Mapping[str, tuple[str, str]] = {
    "unidentified": ("the row's person cannot be identified", "无法识别该行人员"),
    "unreadable-key": ("the row's key cannot be read", "该行主键无法读取"),
    "future-observed": ("the observation lies more than a day after it was recorded", "观察时间晚于接收时间一天以上"),
    "identifier-in-wrong-column": ("an identity or mobile number stands outside its column", "身份号码或手机号出现在其他列"),
    "undecodable": ("the message cannot be read", "消息无法读取"),
    "unreadable-headers": ("the message does not say which part of which delivery it is", "消息未标明所属批次及序号"),
    "unknown-feed": ("no contract has the message's feed", "没有该消息数据源的契约"),
    "unknown-contract-version": ("the message follows a version of the contract that is not installed here", "消息所用契约版本未在本机安装"),
    "wrong-schema": ("the message holds a table of something else", "消息中的表与契约不符"),
    "missing-column": ("required columns are missing", "缺少必填列"),
    "duplicate-column": ("a column comes twice", "同一列出现两次"),
    "banned-column": ("the rows hold columns that are banned; nothing of them was kept", "含禁止采集的列，内容未保存"),
    "swapped-columns": ("two columns hold each other's values", "两列内容互换"),
    "broken-json": ("the rows are no JSON as the contract needs it", "各行不是契约要求的 JSON"),
    "no-header": ("the rows hold none of the contract's columns", "没有契约中的任何列"),
    "wrong-declaration": ("the feed does not deliver increments", "该数据源不交付增量"),
    "poison": ("the engine cannot compute this row", "引擎无法计算该行"),
    "older-version": (
        "the row came under another version of the contract than the newest of these rows; name its delivery to mend it in its own layout",
        "该行所依契约版本与这些行中最新者不同；请指定其批次，按其自身版式修复",
    ),
    "erased": ("the person's key was destroyed", "该人员的密钥已销毁"),
    "full-width": ("full-width characters were put right", "全角字符已转换"),
    "padded": ("blanks around a cell were taken away", "首尾空白已去除"),
    "legacy15": ("a 15-digit number was expanded", "十五位号码已升位"),
    "dated-by-delivery": ("the row has no time of its own and is dated by its delivery", "该行没有时间，以批次时点为准"),
}
"""Reasons and flags that belong to no contract, in words: English, Chinese."""
CHECKS = "doc_check"
"""The code list of what the check of an identity number says."""


def check_label(contracts: Contracts, check: str, lang: str) -> str:
    """The label of a check's verdict."""
    labels = contracts.code_lists[CHECKS].labels
    return labels[check].get(lang) if check in labels else check


def meaning(contracts: Contracts, feed: str, reason: str, lang: str) -> str:
    """A reason or flag in words: the rule's own label, or that of a built-in one."""
    rules = {rule.reason: rule.label.get(lang) for known in versions(contracts, feed) for rule in known.rules}
    held = rules.get(reason.removeprefix(HELD)) if reason.startswith(HELD) else None
    if held:
        return f"整条消息暂缓采纳，其中过多行：{held}" if lang == "zh" else f"the whole message is held, too many of its rows: {held}"
    if reason in rules:
        return rules[reason]
    return BUILT_IN.get(reason, (reason, reason))[lang == "zh"]


def known_reasons(contracts: Contracts) -> frozenset[str]:
    """Every reason for which some version of some feed sets rows aside, and those that belong to no contract."""
    rules = {rule.reason for feed in contracts.feeds for version in versions(contracts, feed) for rule in version.rules}
    return frozenset({*rules, *(f"{HELD}{rule}" for rule in rules), *BUILT_IN})


def advice(contracts: Contracts, feed: str, reason: str, column: str | None = None) -> Label:
    """What to change at the source. A rule of a feed that nobody wrote an advice for gets what its contract says of the column."""
    told = _advices()["rules"].get(reason.removeprefix(HELD))
    if told:
        return Label(**told)
    known = next((each for version in reversed(versions(contracts, feed)) for each in version.columns if each.name == column), None)
    if known is None:
        return Label("对照契约核对该规则。", "Check against the rule of the contract.")
    return Label(f"{known.header}：{known.description_zh or known.description}", f"{known.header}: {known.description}")


def advice_on_values(why: str) -> Label:
    """What to do about values that differ, by the reason of the mart `discrepancy`; also for `late` and `stale`."""
    told = _advices()
    return Label(**(told["why"].get(why) or told[why]))


@cache
def _advices() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    read: Mapping[str, Mapping[str, Mapping[str, str]]] = yaml.safe_load(ADVICE.read_text(encoding="utf-8"))
    return read


def versions(contracts: Contracts, feed: str) -> list[Feed]:
    """All versions of a feed that are known, the newest last: its words win."""
    return [*contracts.older.get(feed, ()), *([contracts.feeds[feed]] if feed in contracts.feeds else [])]
