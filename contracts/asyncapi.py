"""The AsyncAPI 3.1 document of an installation: every topic as a channel with its messages, and what other systems may do with it. Made from the contracts, in Chinese or English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contracts.asyncapi_messages import messages_of
from contracts.model import Contracts, Label
from contracts.topics import Topic, topics

VERSION = "3.1.0"
TITLE = Label("基础数字方舱：消息主题", "Digital base-management cabin: topics")
ABOUT = Label(
    "订阅者读取 `cabin.entity.<类别>`、`cabin.discrepancies` 和 `cabin.tasks`；推送系统写入 `cabin.inbox.<数据源>`；其余主题为内部所用。压缩主题每个键只保留最后一条，值为空表示删除；"
    "核定记录不含个人属性。先导出快照再跟随主题的做法见 docs/subscribers.zh.md。",
    "Subscribers read `cabin.entity.<kind>`, `cabin.discrepancies` and `cabin.tasks`; systems that push write `cabin.inbox.<feed>`; the other topics are internal. A compacted topic keeps the last message of each key, a null value "
    "deletes; golden records hold no personal attribute. How to load a snapshot and follow a topic from there: docs/subscribers.en.md.",
)
BROKERS = Label("该安装的消息代理。", "The brokers of the installation.")
TEXTS = {
    "raw": Label("原始记录，永久保留；只由接收环节写入", "Raw records, kept for ever; written by landing only"),
    "inbox": Label("推送系统写入的行，保留一小时，由接收环节取走", "Rows that systems push, kept for an hour and taken by landing"),
    "entity": Label("每个要素的最新核定记录", "The latest golden record of each entity"),
    "discrepancies": Label("各部门须更正的内容：出现与消除", "What departments should correct: opened and closed"),
    "tasks": Label("任务：派发、签收、反馈、核查的最新情况", "Tasks: where each stands between dispatch and verification"),
    "claims": Label("各类主张与相关事实", "Claims of all kinds and the facts around them"),
    "changes": Label("核定记录的变化", "Changes of golden records"),
    "quarantine": Label("违反规则的行", "Rows that broke a rule"),
    "outcomes": Label("每条原始消息的处理结果", "What became of each raw message"),
    "access": Label("查看完整值的台账", "The ledger of revealed values"),
    "releases": Label("契约及各表的发布版本", "Releases of contracts and tables"),
    "lineage": Label("OpenLineage 事件：各任务的来源与运行情况", "OpenLineage events: what jobs make of what, and how their runs ended"),
}
OFFERED = {"entity": "send", "discrepancies": "send", "tasks": "send", "inbox": "receive"}
"""What the cabin does on the topics that others take part in."""
DOES = {
    "send": Label("订阅", "Subscribe to"),
    "receive": Label("推送到", "Push into"),
}


def document(contracts: Contracts, partitions: int, lang: str) -> dict[str, Any]:
    """The whole document for an installation of so many partitions."""
    declared = topics(contracts, partitions)
    return {
        "asyncapi": VERSION,
        "info": {"title": TITLE.get(lang), "version": "1.0.0", "description": ABOUT.get(lang), "x-contracts": contracts.fingerprint},
        "defaultContentType": "application/json",
        "servers": {"brokers": _server(lang)},
        "channels": {topic.name: _channel(topic, contracts, lang) for topic in declared},
        "operations": {_operation_name(topic): _operation(topic, contracts, lang) for topic in declared if _place(topic) in OFFERED},
    }


def _server(lang: str) -> dict[str, Any]:
    broker = {"default": "127.0.0.1:19092", "description": BROKERS.get(lang)}
    return {"host": "{broker}", "protocol": "kafka", "description": BROKERS.get(lang), "variables": {"broker": broker}}


def _channel(topic: Topic, contracts: Contracts, lang: str) -> dict[str, Any]:
    place = _place(topic)
    return {
        "address": topic.name,
        "title": TEXTS[place].get(lang),
        "messages": {message.name: message.document(lang) for message in messages_of(topic.name, contracts, lang)},
        "tags": [{"name": "public" if place in OFFERED else "internal"}],
        "bindings": {"kafka": {"partitions": topic.partitions, "topicConfiguration": _configured(topic.settings), "bindingVersion": "0.5.0"}},
    }


def _operation(topic: Topic, contracts: Contracts, lang: str) -> dict[str, Any]:
    """Actions are the cabin's: it sends what others subscribe to and receives what they push."""
    action = OFFERED[_place(topic)]
    channel = f"#/channels/{topic.name}"
    told = [{"$ref": f"{channel}/messages/{message.name}"} for message in messages_of(topic.name, contracts, lang)]
    return {"action": action, "channel": {"$ref": channel}, "title": f"{DOES[action].get(lang)} {topic.name}", "messages": told}


def _operation_name(topic: Topic) -> str:
    """`sendEntityPerson`, `receiveInboxDivision`."""
    words = topic.name.removeprefix("cabin.").replace("_", ".").split(".")
    return OFFERED[_place(topic)] + "".join(word.capitalize() for word in words)


def _place(topic: Topic) -> str:
    return topic.name.removeprefix("cabin.").partition(".")[0]


def _configured(settings: Mapping[str, str]) -> dict[str, Any]:
    """A topic's settings as the Kafka binding writes them."""
    return {name: value.split(",") if name == "cleanup.policy" else int(value) for name, value in settings.items()}
