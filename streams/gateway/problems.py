"""Errors as problem details (RFC 9457): the cabin's stable code, fact and hint, in the language of Accept-Language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from contracts.errors import CabinError, Unavailable, UsageError
from contracts.model import Label
from streams.errors import DeliveryRefused, UnknownFeed
from streams.gateway.errors import GatewayBusy, RequestRefused, TooManyRequests

PROBLEM = "application/problem+json"
RETRY_SECONDS = 10
TITLES = {
    400: Label("请求有误", "Bad request"),
    401: Label("未认证", "Not authenticated"),
    403: Label("无权限", "Not allowed"),
    404: Label("不存在", "Not found"),
    405: Label("方法不支持", "Method not allowed"),
    408: Label("超时", "Timed out"),
    409: Label("冲突", "Conflict"),
    413: Label("过大", "Too large"),
    415: Label("格式不支持", "Unsupported form"),
    422: Label("批次被拒收", "Delivery refused"),
    429: Label("请求过多", "Too many requests"),
    500: Label("内部错误", "Internal fault"),
    503: Label("暂不可用", "Unavailable at present"),
}
NOT_NOW = Label("方舱暂时无法接收；批次未确认", "the cabin cannot serve this at present; nothing is acknowledged")
LATER = Label("请稍后重新发送，不会重复接收。", "Send it again later: it lands once.")
"""For departments; the machinery behind it (addresses, folders) concerns the operator, whose log names it."""
HINTS = {
    "unknown-feed": Label("数据源名称见 /v1/openapi.json。", "The feeds are listed in /v1/openapi.json."),
    "snapshot-undeclared": Label("请给出查询参数 moment、area 和 rows。", "Give the query parameters moment, area and rows."),
}
"""Hints for HTTP where the command line's own name options."""


def status_of(error: type[CabinError] | CabinError) -> int:
    """The HTTP status of an error or of a class of errors."""
    kind = error if isinstance(error, type) else type(error)
    if issubclass(kind, RequestRefused):
        return kind.status
    for base, status in ((UnknownFeed, 404), (DeliveryRefused, 422), (Unavailable, 503), (UsageError, 400)):
        if issubclass(kind, base):
            return status
    return 500


def hint_of(error: type[CabinError] | CabinError) -> Label:
    """What to do about it over HTTP; names in braces stand for values."""
    return HINTS.get(error.code) or Label(error.hint["zh"], error.hint["en"])


def document_of(error: CabinError, lang: str) -> dict[str, Any]:
    """The problem as a document."""
    fact, hint = error.render(lang)
    if isinstance(error, Unavailable):
        fact, hint = NOT_NOW.get(lang), LATER.get(lang)
    elif error.code in HINTS:
        hint = hint_of(error).get(lang)
    status = status_of(error)
    return {"type": f"urn:cabin:problem:{error.code}", "title": TITLES[status].get(lang), "status": status, "detail": fact, "code": error.code, "hint": hint}


def problem(error: CabinError, lang: str, headers: Mapping[str, str] | None = None) -> Response:
    """The answer that tells an error."""
    return answer(document_of(error, lang), status_of(error), lang, {**_headers_of(error), **(headers or {})}, PROBLEM)


def answer(document: Mapping[str, Any], status: int, lang: str, headers: Mapping[str, str] | None = None, media_type: str = "application/json") -> Response:
    """A JSON answer in a language."""
    told = {"Content-Language": lang, "Vary": "Accept-Language", "Cache-Control": "no-store", **(headers or {})}
    return Response(orjson.dumps(document), status, told, media_type)


def language_of(request: Request, default: str) -> str:
    """`zh` or `en`, whichever Accept-Language wants more; the installation's own where it says nothing of them."""
    best, found = 0.0, default
    for each in request.headers.get("accept-language", "").split(","):
        name, _, parameters = each.partition(";")
        lang = name.strip().lower()[:2]
        weight = _weight(parameters)
        if lang in ("zh", "en") and weight > best:
            best, found = weight, lang
    return found


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    try:
        return float(value) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0


def _headers_of(error: CabinError) -> dict[str, str]:
    status = status_of(error)
    if isinstance(error, TooManyRequests):
        return {"Retry-After": str(error.values["seconds"])}
    if isinstance(error, (Unavailable, GatewayBusy)):
        return {"Retry-After": str(RETRY_SECONDS)}
    return {"WWW-Authenticate": "Bearer"} if status == 401 else {}
