"""Quarantined rows as they lie on the log, and what reasons, flags and checks mean in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from contracts.ipc import Unreadable, read_table
from contracts.model import Contracts, Feed
from contracts.normalising import HELD
from contracts.ports import Log
from contracts.quarantined import QUARANTINED
from contracts.topics import QUARANTINE

BUILT_IN = {
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
"""Reasons and flags that belong to no contract, in words."""
CHECKS = "doc_check"
"""The code list of what the check of an identity number says."""


def stored_row(log: Log, line: Mapping[str, Any]) -> dict[str, Any] | None:
    """The quarantined row behind a line of the desk's index, with its plain cells as JSON; None where the log does not hold it any more."""
    stored = log.read(QUARANTINE, line["part"], line["place"], limit_bytes=1)
    try:
        table = read_table(stored[0].message.value) if stored else None
    except Unreadable:
        return None
    rows = table.to_pylist() if table is not None and table.schema.equals(QUARANTINED) else []
    return next((row for row in rows if (row["delivery"], row["row"]) == (line["delivery"], line["row"])), None)


def in_words(contracts: Contracts, row: Mapping[str, Any], lang: str) -> str:
    """Why a row was set aside: the rule's words and, of an identity number, what is wrong with it (the line's `verdict`)."""
    said, check = meaning(contracts, row["source"], row["reason"], lang), row["verdict"]
    return f"{said}{'：' if lang == 'zh' else ': '}{check_label(contracts, check, lang)}" if check else said


@dataclass(frozen=True, slots=True)
class Shown:
    """One column of the contract beside a row: what it should hold, its cell where that is plain, and its cell's shape."""

    column: str
    header: str
    type: str
    rule: str
    cell: str | None
    shape: str | None


def beside(contracts: Contracts, row: Mapping[str, Any], shapes: Mapping[str, str], lang: str) -> list[Shown]:
    """The contract's columns in its order with a quarantined row's plain cells (what the check said of an identifier) and the shapes of all its cells."""
    versions = _versions(contracts, row["source"])
    cells = orjson.loads(row["cells"]) if row["cells"] else {}
    if not versions:
        return [Shown(name, "", "", "", cell, None) for name, cell in cells.items()]
    columns = {column.name: column for feed in versions for column in feed.columns}
    found = []
    for column in columns.values():
        check = cells.get(f"{column.name}_check") if column.identifier else None
        label = check_label(contracts, check, lang) if check and column.identifier == "subject" else check
        kind = f"{column.type} ({column.code_list})" if column.code_list else column.type
        cell = label if column.identifier else cells.get(column.name)
        found.append(Shown(column.name, column.header, kind, _rules(versions[-1], column.name, lang), cell, shapes.get(column.name)))
    return found


def _versions(contracts: Contracts, feed: str) -> list[Feed]:
    """All versions of a feed that are known, the newest last: its words win."""
    return [*contracts.older.get(feed, ()), *([contracts.feeds[feed]] if feed in contracts.feeds else [])]


def _rules(feed: Feed, column: str, lang: str) -> str:
    """What may be wrong with a column, in words."""
    return ("；" if lang == "zh" else "; ").join(rule.label.get(lang) for rule in feed.rules if rule.column == column)


def check_label(contracts: Contracts, check: str, lang: str) -> str:
    """The label of a check's verdict."""
    labels = contracts.code_lists[CHECKS].labels
    return labels[check].get(lang) if check in labels else check


def meaning(contracts: Contracts, feed: str, reason: str, lang: str) -> str:
    """A reason or flag in words: the rule's own label, or that of a built-in one."""
    rules = {rule.reason: rule.label.get(lang) for known in _versions(contracts, feed) for rule in known.rules}
    held = rules.get(reason.removeprefix(HELD)) if reason.startswith(HELD) else None
    if held:
        return f"整条消息暂缓采纳，其中过多行：{held}" if lang == "zh" else f"the whole message is held, too many of its rows: {held}"
    if reason in rules:
        return rules[reason]
    return BUILT_IN.get(reason, (reason, reason))[lang == "zh"]
