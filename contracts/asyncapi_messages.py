"""The messages of each topic as AsyncAPI describes them: headers, content type and payload. Read `asyncapi` first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from contracts.facts import CLOSED, FACTS, RELEASE, SWITCH, claim_schema, golden_schema
from contracts.json_schema import row_schema
from contracts.model import Contracts, Feed, Kind, Label
from contracts.normalising import Form, raw_schema
from contracts.notices import notice_headers, notice_json_schema
from contracts.subscribers import entity_headers, entity_json_schema
from contracts.tasks import task_headers, task_json_schema
from contracts.topics import pushed

ARROW, JSON, NDJSON = "application/vnd.apache.arrow.stream", "application/json", "application/x-ndjson"
ARROW_FORMAT = "application/vnd.apache.arrow.schema+json"
"""Our name for a list of Arrow fields: AsyncAPI knows none."""
HEADERS = {
    "ce_specversion": Label("CloudEvents 版本。", "Version of CloudEvents."),
    "ce_id": Label("消息的标识，在其来源内唯一。", "Names the message, uniquely within its source."),
    "ce_source": Label("由谁写入。", "Who wrote it."),
    "ce_type": Label("消息的类型。", "What it holds."),
    "ce_time": Label("北京时间。", "Beijing time."),
    "ce_dataschema": Label("契约及其版本。", "Contract and its version."),
    "content-type": Label("内容类型。", "How the value is written."),
    "rows": Label("行数。", "How many rows the value holds."),
    "feed": Label("数据源。", "The feed."),
    "delivery": Label("批次。", "The delivery."),
    "chunk": Label("在批次中的序号，从 0 开始。", "Number within the delivery, from 0 on."),
    "generation": Label("日志的代：主题重建后即为新的一代，后来者为准。", "Generation of the log: topics made anew are another one, and the later one wins."),
    "applied": Label("核定已处理到的主张位移（不含）。", "Offset of claims that the fold had come to (exclusive)."),
    "contracts": Label("折叠所依据的契约指纹；来源编号以其为准。", "Fingerprint of the contracts it was folded under: they number the sources."),
    "version": Label("版本，同一代内可比较；每个键取最大者。", "Version, comparable within one generation; keep the highest of each key."),
}
RAW_HEADERS = ("ce_id", "ce_source", "ce_type", "ce_time", "ce_dataschema", "content-type", "feed", "delivery", "chunk", "rows")
DERIVED_HEADERS = ("ce_id", "ce_source", "ce_type", "ce_time", "content-type", "rows")
NOTE_HEADERS = ("ce_id", "ce_source", "ce_type", "ce_time", "content-type")
CHANGE_HEADERS = ("ce_id", "ce_source", "ce_type", "content-type", "generation", "version", "applied", "contracts", "rows")
FORMS: dict[Form, Label] = {
    "rows": Label("交付的行：编号已换成代号，个人单元格已密封", "Delivered rows: numbers are tokens, personal cells are sealed"),
    "minors": Label("未满十四周岁者的精简行", "Reduced rows of persons under 14"),
    "presence": Label("被拒收的行的键", "Keys of refused rows"),
}


@dataclass(frozen=True, slots=True)
class Message:
    """One kind of message. `payload` is a JSON Schema or, for Arrow, the columns; None where no contract promises its shape."""

    name: str
    title: Label
    content_type: str
    headers: Sequence[str]
    payload: dict[str, Any] | pa.Schema | None = None

    def document(self, lang: str) -> dict[str, Any]:
        """The AsyncAPI Message Object."""
        listed = {name: {"type": "string", "description": HEADERS[name].get(lang)} for name in self.headers}
        if "ce_type" in listed:
            listed["ce_type"]["const"] = self.name
        made: dict[str, Any] = {"name": self.name, "title": self.title.get(lang), "contentType": self.content_type}
        made["headers"] = {"type": "object", "properties": listed, "required": list(listed)}
        if self.payload is not None:
            made["payload"] = arrow_payload(self.payload) if isinstance(self.payload, pa.Schema) else embedded(self.payload)
        return made


def arrow_payload(schema: pa.Schema) -> dict[str, Any]:
    """The columns of an Arrow stream by name and type."""
    return {"schemaFormat": ARROW_FORMAT, "schema": {"fields": [{"name": field.name, "type": str(field.type)} for field in schema]}}


def embedded(schema: dict[str, Any]) -> dict[str, Any]:
    """A JSON Schema inside a document, whose dialect is the document's."""
    return {name: value for name, value in schema.items() if name not in ("$schema", "$id")}


def messages_of(topic: str, contracts: Contracts, lang: str) -> list[Message]:
    """The messages of a declared topic."""
    place, _, name = topic.removeprefix("cabin.").partition(".")
    if place == "raw":
        return [*_raw(contracts.feeds[name]), *_notes(), *(_inbox_notes() if pushed(contracts.feeds[name]) else ())]
    if place == "inbox":
        return list(_inbox(contracts.feeds[name], lang))
    if place == "entity":
        return [_entity(contracts.kinds[name], contracts, lang)]
    return _single(place, contracts, lang)


def _raw(feed: Feed) -> Iterable[Message]:
    for form, title in FORMS.items():
        if form != "minors" or feed.minors is not None:
            yield Message(f"raw.{form}", title, ARROW, RAW_HEADERS, raw_schema(feed, form))


def _notes() -> list[Message]:
    """What landing and people say beside rows, one JSON object each."""
    closed = Message(
        "delivery.closed",
        Label("批次结束：方式、时点、区划、各项行数", "A delivery is closed: mode, moment, area, counts of rows"),
        JSON,
        RAW_HEADERS,
        _object(CLOSED),
    )
    switch = Message("switch", Label("召回或撤下的决定", "A decision to recall or withdraw"), JSON, NOTE_HEADERS, _object(SWITCH))
    return [closed, switch, Message("aliases", Label("发布的地址别名表", "A released table of address aliases"), JSON, NOTE_HEADERS)]


def _inbox_notes() -> Iterable[Message]:
    """What landing says of messages that other systems pushed."""
    yield Message("inbox.taken", Label("取走了一段推送消息", "A range of pushed messages was taken"), JSON, NOTE_HEADERS)
    yield Message("inbox.passed", Label("一段推送消息没有自己的批次", "A range of pushed messages has no delivery of its own"), JSON, NOTE_HEADERS)


def _object(schema: pa.Schema) -> dict[str, Any]:
    return {"type": "object", "properties": {name: {} for name in schema.names}}


def _inbox(feed: Feed, lang: str) -> Iterable[Message]:
    row = row_schema(feed, lang)
    yield Message("row", Label("一行", "One row"), JSON, ("content-type",), row)
    yield Message("lines", Label("每行文本一个 JSON 对象", "One JSON object a line"), NDJSON, ("content-type",), {"type": "string"})
    yield Message("table", Label("以部门列名为列的 Arrow 表", "An Arrow table with the department's headers"), ARROW, ("content-type",))


def _entity(kind: Kind, contracts: Contracts, lang: str) -> Message:
    title = Label(f"{kind.label.zh}的核定记录；空值表示不再有任何有效主张", f"{kind.label.en}: golden record; a null value says that no claim counts any more")
    record = entity_json_schema(kind, contracts, lang)
    return Message(f"entity.{kind.name}", title, JSON, tuple(entity_headers(kind, "", "", 0)), {"oneOf": [embedded(record), {"type": "null"}]})


def _single(topic: str, contracts: Contracts, lang: str) -> list[Message]:
    """The messages of the topics that there is one of."""
    kinds = contracts.kinds.values()
    if topic == "claims":
        title = Label("主张", "Claims")
        claims = [
            Message(f"claim.{kind.name}", Label(f"{title.zh}：{kind.label.zh}", f"{title.en}: {kind.label.en}"), ARROW, DERIVED_HEADERS, claim_schema(kind))
            for kind in kinds
        ]
        return [*claims, *(Message(name, Label(f"事实 {name}", f"Facts: {name}"), ARROW, DERIVED_HEADERS, schema) for name, schema in FACTS.items())]
    if topic == "changes":
        return [
            Message(
                f"golden.{kind.name}",
                Label(f"核定变化：{kind.label.zh}", f"Golden changes: {kind.label.en}"),
                ARROW,
                CHANGE_HEADERS,
                golden_schema(kind, contracts.sources(kind.name)),
            )
            for kind in kinds
        ]
    if topic == "discrepancies":
        title = Label("部门须更正的一项", "One thing for a department to correct")
        return [Message("discrepancy", title, JSON, tuple(notice_headers("", "", 0)), notice_json_schema(contracts, lang))]
    if topic == "tasks":
        title = Label("一项任务的最新情况", "Where one task stands")
        return [Message("task", title, JSON, tuple(task_headers("", "", 0)), task_json_schema(contracts, lang))]
    others = {
        "outcomes": Message(
            "outcome",
            Label("一条原始消息的结果：行数、接受、按原因隔离", "What became of a raw message: rows, accepted, quarantined by reason"),
            JSON,
            NOTE_HEADERS,
        ),
        "quarantine": Message(
            "quarantined", Label("被隔离的行及原因，个人单元格已密封", "Rows set aside with their reason; personal cells are sealed"), ARROW, DERIVED_HEADERS
        ),
        "releases": Message("release", Label("契约的一次发布，每行一个文本", "One release of contracts, a row a text"), ARROW, DERIVED_HEADERS, RELEASE),
        "lineage": Message("lineage", Label("一个 OpenLineage 2-0-2 事件", "One event of OpenLineage 2-0-2"), JSON, NOTE_HEADERS),
        "access": Message("access", Label("一次查看完整值的记录，不含该值", "One reveal of a full value, without the value"), JSON, NOTE_HEADERS),
    }
    return [others[topic]] if topic in others else []
