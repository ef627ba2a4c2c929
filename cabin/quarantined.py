"""Quarantined rows as they lie on the log."""

from __future__ import annotations

from typing import Any

from contracts.model import Contracts
from contracts.ports import Log
from streams.local import QUARANTINE
from streams.normalise import decode

BUILT_IN = {
    "unidentified": ("the row's person cannot be identified", "无法识别该行人员"),
    "unreadable-key": ("the row's key cannot be read", "该行主键无法读取"),
    "future-observed": ("the observation lies more than a day after it was recorded", "观察时间晚于接收时间一天以上"),
    "identifier-in-wrong-column": ("an identity or mobile number stands outside its column", "身份号码或手机号出现在其他列"),
    "undecodable": ("the message cannot be read", "消息无法读取"),
}
"""Reasons that belong to no contract, in words."""


def quarantined(
    log: Log, feed: str | None = None, reason: str | None = None, delivery: str | None = None, row: int | None = None, limit: int = 50
) -> list[dict[str, Any]]:
    """The newest quarantined rows that match, each once, newest delivery first."""
    found: dict[tuple[str, int], dict[str, Any]] = {}
    wanted = {"source": feed, "reason": reason, "delivery": delivery, "row": row}
    for partition in range(log.partitions):
        offset, end = 0, log.end(QUARANTINE, partition)
        while offset < end:
            read = log.read(QUARANTINE, partition, offset)
            for stored in read:
                for each in decode(stored.message.value).to_pylist():
                    if all(value is None or each[name] == value for name, value in wanted.items()):
                        found[each["delivery"], each["row"]] = each
            offset = read[-1].position.offset + 1
    ordered = sorted(found.values(), key=lambda each: (each["delivery"] or "", each["row"]))
    return sorted(ordered, key=lambda each: each["recorded_at"], reverse=True)[:limit]


def meaning(contracts: Contracts, feed: str, reason: str, lang: str) -> str:
    """A reason in words: the rule's own label, or that of a built-in one."""
    known = contracts.feeds.get(feed)
    for rule in known.rules if known else ():
        if rule.reason == reason:
            return rule.label.get(lang)
    return BUILT_IN.get(reason, (reason, reason))[lang == "zh"]
