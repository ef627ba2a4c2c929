"""Quarantined rows as they lie on the log, and what reasons, flags and checks mean in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from contracts.ipc import Unreadable, read_table
from contracts.model import Contracts, Feed
from contracts.normalising import HELD
from contracts.ports import Log, Message
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
    "erased": ("the person's key was destroyed", "该人员的密钥已销毁"),
    "full-width": ("full-width characters were put right", "全角字符已转换"),
    "padded": ("blanks around a cell were taken away", "首尾空白已去除"),
    "legacy15": ("a 15-digit number was expanded", "十五位号码已升位"),
    "dated-by-delivery": ("the row has no time of its own and is dated by its delivery", "该行没有时间，以批次时点为准"),
}
"""Reasons and flags that belong to no contract, in words."""
CHECKS = "doc_check"
"""The code list of what the check of an identity number says."""


def quarantined(
    log: Log, feed: str | None = None, reason: str | None = None, delivery: str | None = None, row: int | None = None, limit: int = 50
) -> list[dict[str, Any]]:
    """The newest quarantined rows that match, each once, newest delivery first."""
    found: dict[tuple[str, int, int | None], dict[str, Any]] = {}
    wanted = {"source": feed, "reason": reason, "delivery": delivery, "row": row}
    for partition in range(log.partitions):
        offset, end = 0, log.end(QUARANTINE, partition)
        while offset < end:
            read = log.read(QUARANTINE, partition, offset)
            for stored in read:
                for each in _rows(stored.message):
                    if all(value is None or each[name] == value for name, value in wanted.items()):
                        found[each["delivery"], each["row"], None if each["row"] else each["chunk"]] = each
            offset = read[-1].position.offset + 1
    ordered = sorted(found.values(), key=lambda each: (each["delivery"] or "", each["row"]))
    return sorted(ordered, key=lambda each: each["recorded_at"], reverse=True)[:limit]


def _rows(message: Message) -> list[dict[str, Any]]:
    """The rows of a message of the topic; none where it is a stranger's."""
    try:
        table = read_table(message.value)
    except Unreadable:
        return []
    return table.to_pylist() if table.schema.equals(QUARANTINED) else []


def verdict(row: Mapping[str, Any]) -> str | None:
    """What the check said about the number of a row without a readable person; None for rows that were set aside for something else."""
    if row["reason"] != "unidentified" or not row["cells"]:
        return None
    said: str | None = orjson.loads(row["cells"]).get(f"{row['column']}_check")
    return said


def in_words(contracts: Contracts, row: Mapping[str, Any], lang: str) -> str:
    """Why a row was set aside: the rule's words and, of an identity number, what is wrong with it."""
    said, check = meaning(contracts, row["source"], row["reason"], lang), verdict(row)
    return f"{said}{'：' if lang == 'zh' else ': '}{check_label(contracts, check, lang)}" if check else said


def cells_of(contracts: Contracts, row: Mapping[str, Any], lang: str) -> list[tuple[str, str, str]]:
    """The plain cells as (column, header, cell); beside an identifier what its check said."""
    columns = {column.name: column for feed in _versions(contracts, row["source"]) for column in feed.columns}
    found = []
    for name, cell in (orjson.loads(row["cells"]) if row["cells"] else {}).items():
        checked = columns.get(name.removesuffix("_check")) if name not in columns else None
        shown = check_label(contracts, cell, lang) if checked is not None and checked.identifier == "subject" else cell
        header = columns[name].header if name in columns else checked.header if checked else ""
        found.append((name, header, shown))
    return found


def _versions(contracts: Contracts, feed: str) -> list[Feed]:
    """All versions of a feed that are known, the newest last: its words win."""
    return [*contracts.older.get(feed, ()), *([contracts.feeds[feed]] if feed in contracts.feeds else [])]


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
