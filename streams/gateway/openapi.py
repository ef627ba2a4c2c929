"""The OpenAPI 3.1 document of the gateway, made from the contracts: every feed with its parameters and rows, every problem. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from contracts.errors import CabinError
from contracts.json_schema import row_schema
from contracts.model import Contracts, Feed, Label
from streams.errors import DeliveryInProgress, DeliveryRefused, SpoolUnwritable, UnknownFeed, VaultBehindLog
from streams.gateway.asking import ENDINGS, RULES
from streams.gateway.errors import RequestRefused
from streams.gateway.limits import Limits
from streams.gateway.problems import LATER, NOT_NOW, PROBLEM, TITLES, hint_of, status_of
from streams.log.errors import BrokerUnreachable

UNAVAILABLE: tuple[type[CabinError], ...] = (BrokerUnreachable, DeliveryInProgress, SpoolUnwritable, VaultBehindLog)
"""What an operator most often finds behind a 503; any other code of exit code 3 may come, too."""
READING = (401, 403, 404, 429, 500, 503)
COUNT = {"type": "integer", "minimum": 0}
COUNTS = {"type": "object", "additionalProperties": COUNT}
MOMENT = {"type": "string", "description": "北京时间 / Beijing time, ISO 8601 without zone"}
REPORT: Mapping[str, Any] = {
    "delivery": {"type": "string", "pattern": "^[a-z2-7]{12}$"},
    "feed": {"type": "string"},
    "mode": {"enum": ["increment", "snapshot", "correction", "withdrawal"]},
    "moment": {**MOMENT, "type": ["string", "null"]},
    "area": {"type": ["string", "null"]},
    "recorded_at": MOMENT,
    **dict.fromkeys(("delivered", "refused", "reduced", "layout", "landed"), COUNT),
    **dict.fromkeys(("refusals", "fixes", "faults"), COUNTS),
    "drift": {"type": "array", "items": {"type": "object"}},
    "totals": {"type": "array", "items": {"type": "object"}},
}
"""delivered = refused + reduced + layout + landed."""
OUTCOME: Mapping[str, Any] = {
    "normalised": {"type": "boolean"},
    **dict.fromkeys(("normalised_rows", "accepted", "quarantined"), COUNT),
    **dict.fromkeys(("reasons", "flags"), COUNTS),
}
"""normalised_rows = accepted + quarantined; `reasons` counts the quarantined by reason."""


def openapi(contracts: Contracts, limits: Limits) -> dict[str, Any]:
    """The document; each text in Chinese and English."""
    paths: dict[str, Any] = {"/health": _plain("health", Label("是否可接收", "Whether deliveries can be landed now"), "Health", 503)}
    paths["/v1/openapi.json"] = _plain("openapi", Label("本文档", "This document"), "Document")
    for feed in contracts.feeds.values():
        path = f"/v1/feeds/{feed.name}/deliveries"
        paths[path] = {"post": _deliver(feed, limits)}
        paths[path + "/{delivery}"] = {"get": _outcome(feed)}
    return {
        "openapi": "3.1.0",
        "info": {"title": "基础数字方舱接收网关 / Landing gateway of the cabin", "version": "1.0.0"},
        "paths": paths,
        "security": [{"department": []}],
        "components": {
            "securitySchemes": {"department": {"type": "http", "scheme": "bearer", "description": "部门令牌 / token of the department"}},
            "parameters": _parameters(),
            "schemas": {**_schemas(), **{f"row.{feed.name}": _row(feed) for feed in contracts.feeds.values()}},
            "responses": {f"problem-{status}": _problem(status, found) for status, found in _by_status().items()},
        },
    }


def problems() -> list[type[CabinError]]:
    """Every problem that the gateway itself can answer with, by status and code."""
    found = [*_leaves(RequestRefused), *_leaves(DeliveryRefused), UnknownFeed, *UNAVAILABLE]
    return sorted(found, key=lambda each: (status_of(each), each.code))


def _deliver(feed: Feed, limits: Limits) -> dict[str, Any]:
    row = {"$ref": f"#/components/schemas/row.{feed.name}"}
    lines = Label("每行一个 JSON 对象", "one JSON object a line")
    forms: dict[str, Any] = {form: {"schema": {"type": "string", "description": _both(lines)}} for form in ENDINGS}
    forms["text/csv"] = {"schema": {"type": "string", "description": ",".join(column.header for column in feed.columns)}}
    forms["application/json"] = {"schema": {"type": "array", "items": row, "description": f"<= {limits.array_megabytes} MB"}}
    landed = _content("Landed")
    location = {"Location": {"schema": {"type": "string"}, "description": "结果地址 / where its outcome is told"}}
    mode = {"name": "mode", "in": "query", "schema": {"enum": list(feed.modes)}, "description": _both(RULES["mode"])}
    statuses = [status for status in _by_status() if status != 405]
    return {
        "operationId": f"deliver_{feed.name}",
        "summary": f"{feed.label.zh}（{feed.department.zh}）/ {feed.label.en} ({feed.department.en})",
        "description": f"<= {limits.megabytes} MB, <= {limits.rate} requests a minute. 2xx: the log has the whole delivery durably.",
        "parameters": [mode, *({"$ref": f"#/components/parameters/{name}"} for name in _parameters())],
        "requestBody": {"required": True, "content": forms},
        "responses": {
            "201": {"description": "已接收 / landed", "headers": location, "content": landed},
            "200": {"description": "此前已接收，未重复写入 / landed before, nothing added", "headers": location, "content": landed},
            **_problem_refs(statuses),
        },
    }


def _outcome(feed: Feed) -> dict[str, Any]:
    return {
        "operationId": f"outcome_{feed.name}",
        "summary": f"{feed.label.zh}：批次结果 / {feed.label.en}: what became of a delivery",
        "parameters": [{"name": "delivery", "in": "path", "required": True, "schema": REPORT["delivery"]}],
        "responses": {"200": {"description": "结果 / the outcome", "content": _content("Outcome")}, **_problem_refs(READING)},
    }


def _plain(name: str, summary: Label, schema: str, *others: int) -> dict[str, Any]:
    """An operation that anybody may ask for."""
    answers = {str(status): {"description": _both(summary), "content": _content(schema)} for status in (200, *others)}
    return {"get": {"operationId": name, "summary": _both(summary), "security": [], "responses": answers}}


def _parameters() -> dict[str, Any]:
    schemas: dict[str, Any] = {
        "moment": {"type": "string"},
        "area": {"type": "string", "pattern": r"^(\d{2}|\d{4}|\d{6}|\d{9}|\d{12})$"},
        "rows": {"type": "integer", "minimum": 0},
        "part": {"type": "integer", "minimum": 1},
        "parts": {"type": "integer", "minimum": 1, "maximum": 1000},
        "supersedes": {"type": "array", "items": REPORT["delivery"]},
    }
    found = {name: {"name": name, "in": "query", "schema": schema, "description": _both(RULES[name])} for name, schema in schemas.items()}
    key = Label("重复发送时相同，新内容用新值", "the same for a repetition, another for new content")
    found["Idempotency-Key"] = {"name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "maxLength": 200}, "description": _both(key)}
    return found


def _schemas() -> dict[str, Any]:
    problem = {"type": "string"}
    told = {"type": problem, "title": problem, "status": {"type": "integer"}, "detail": problem, "code": problem, "hint": problem}
    return {
        "Problem": {"type": "object", "properties": told, "required": list(told), "description": "RFC 9457"},
        "Landed": _object({**REPORT, "already_landed": {"type": "boolean"}}),
        "Outcome": _object({**REPORT, **OUTCOME}),
        "Health": {"type": "object", "properties": {"live": {"type": "boolean"}, "ready": {"type": "boolean"}, "code": problem}, "required": ["live", "ready"]},
        "Document": {"type": "object"},
    }


def _row(feed: Feed) -> dict[str, Any]:
    """The contract's schema of a row, without a base address of its own."""
    return {name: value for name, value in row_schema(feed).items() if name not in ("$schema", "$id")}


def _problem(status: int, found: list[type[CabinError]]) -> dict[str, Any]:
    codes = [each.code for each in found]
    code = {"type": "string", "examples": codes} if status == 503 else {"enum": codes}
    schema = {"allOf": [{"$ref": "#/components/schemas/Problem"}, {"properties": {"code": code}}]}
    examples = {each.code: {"summary": each.code, "value": {"code": each.code, "status": status, **_texts(each)}} for each in found}
    headers = {"Retry-After": {"schema": {"type": "integer"}, "description": "秒 / seconds"}} if status in (429, 503) else {}
    described = {"description": _both(TITLES[status]), "content": {PROBLEM: {"schema": schema, "examples": examples}}}
    return {**described, "headers": headers} if headers else described


def _texts(error: type[CabinError]) -> dict[str, str]:
    """Fact and hint in both languages, names in braces where values stand."""
    if error in UNAVAILABLE:
        return {"detail": _both(NOT_NOW), "hint": _both(LATER)}
    return {"detail": f"{error.fact['zh']} / {error.fact['en']}", "hint": _both(hint_of(error))}


def _by_status() -> dict[int, list[type[CabinError]]]:
    found: dict[int, list[type[CabinError]]] = {}
    for each in problems():
        found.setdefault(status_of(each), []).append(each)
    return found


def _problem_refs(statuses: Any) -> dict[str, Any]:
    return {str(status): {"$ref": f"#/components/responses/problem-{status}"} for status in statuses}


def _content(schema: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}


def _object(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": dict(properties), "required": list(properties)}


def _both(label: Label) -> str:
    return f"{label.zh} / {label.en}"


def _leaves(base: type[CabinError]) -> Iterator[type[CabinError]]:
    for each in base.__subclasses__():
        if each.__subclasses__():
            yield from _leaves(each)
        else:
            yield each
