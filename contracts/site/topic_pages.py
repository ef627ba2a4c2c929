"""The AsyncAPI document for people: a page a topic with its messages, their fields and an example, and a list of topics beside the document itself. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from contracts.model import Label
from contracts.site import place
from contracts.site.contract_list import NAME
from contracts.site.examples import example
from contracts.site.markup import NONE, Html, code, joined, pairs, table, tag
from contracts.site.place import Here
from contracts.site.schema_table import payload_table
from contracts.site.search import said, search_field
from contracts.site.shell import Page

Documents = Mapping[str, Mapping[str, Any]]
"""The AsyncAPI document by language."""
TITLE = Label("消息主题", "Topics")
HINT, COUNT = Label("主题或含义", "topic or meaning"), Label("个主题", "topics")
FOR_WHOM = {"public": Label("对外", "for other systems"), "internal": Label("内部", "internal")}
WHAT, WHOM, MESSAGES = Label("内容", "Content"), Label("用途", "For whom"), Label("消息", "Messages")
DOCUMENT = Label("原始文档（AsyncAPI 3.1，JSON）", "The document itself (AsyncAPI 3.1, JSON)")
HEADERS, PAYLOAD, EXAMPLE = Label("消息头", "Headers"), Label("内容", "Payload"), Label("示例（虚构）", "Example (invented)")
PARTITIONS, OPERATION, CONTENT_TYPE = Label("分区数", "Partitions"), Label("操作", "Operation"), Label("内容类型", "Content type")
MEANING = Label("含义", "Meaning")
UNPROMISED = Label("契约未规定其内容的结构。", "No contract promises the shape of its value.")
BINARY = Label("Arrow IPC 流，以下为各列：", "An Arrow IPC stream of these columns:")


def pages(documents: Documents) -> list[Page]:
    """The list, and a page for each channel."""
    channels = documents["en"]["channels"]
    listed = Page(place.TOPICS, TITLE, place.TOPICS, lambda here: _list(documents[here.lang], here))
    return [listed, *(_page(documents, name) for name in channels)]


def _page(documents: Documents, name: str) -> Page:
    return Page(place.topic_path(name), Label(f"主题 {name}", f"Topic {name}"), place.TOPICS, lambda here: _topic(documents[here.lang], name, here))


def _list(document: Mapping[str, Any], here: Here) -> Html:
    rows, spoken = [], []
    for name, channel in document["channels"].items():
        whom = here.say(FOR_WHOM[channel["tags"][0]["name"]])
        rows.append([here.link(place.topic_path(name), code(name)), channel["title"], whom, str(len(channel["messages"]))])
        spoken.append(said(name, channel["title"], whom))
    raw = tag("p", here.link(place.ASYNCAPI, here.say(DOCUMENT)))
    listed = tag("section", table([here.say(each) for each in (NAME, WHAT, WHOM, MESSAGES)], rows, spoken), data_section=True)
    return joined([_told(document["info"]["description"]), raw, search_field(here, HINT, COUNT, len(rows)), listed], "\n")


def _told(text: str) -> Html:
    """Names in backticks are code."""
    return tag("p", *(code(part) if at % 2 else part for at, part in enumerate(text.split("`"))))


def _topic(document: Mapping[str, Any], name: str, here: Here) -> Html:
    channel = document["channels"][name]
    bound = channel["bindings"]["kafka"]
    operations = [each for each in document["operations"].values() if each["channel"]["$ref"] == f"#/channels/{name}"]
    facts = [(here.say(WHAT), channel["title"]), (here.say(WHOM), here.say(FOR_WHOM[channel["tags"][0]["name"]]))]
    facts += [(here.say(OPERATION), each["title"]) for each in operations]
    facts += [(here.say(PARTITIONS), str(bound["partitions"]))]
    facts += [(setting, ", ".join(value) if isinstance(value, list) else str(value)) for setting, value in bound["topicConfiguration"].items()]
    raw = tag("p", here.link(place.ASYNCAPI, here.say(DOCUMENT)))
    return joined([pairs(facts), raw, *(part for message in channel["messages"].values() for part in _message(message, here))], "\n")


def _message(message: Mapping[str, Any], here: Here) -> Iterator[Html]:
    yield tag("h2", message["title"], " ", code(message["name"]), id_=f"message-{message['name']}")
    yield tag("p", here.say(CONTENT_TYPE), " ", code(message["contentType"]))
    yield tag("h3", here.say(HEADERS))
    yield table([NAME.get(here.lang), MEANING.get(here.lang)], [[code(name), each["description"]] for name, each in message["headers"]["properties"].items()])
    yield tag("h3", here.say(PAYLOAD))
    payload = message.get("payload")
    if payload is None:
        yield tag("p", here.say(UNPROMISED))
        return
    yield tag("p", here.say(BINARY)) if "schemaFormat" in payload else NONE
    yield payload_table(payload, here)
    if "schemaFormat" not in payload:
        yield tag("h3", here.say(EXAMPLE))
        yield tag("pre", tag("code", json.dumps(example(payload), ensure_ascii=False, indent=2)))
