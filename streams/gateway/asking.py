"""What a request says: who asks, for which feed, what is declared about the delivery, in which form it comes, under which key."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from starlette.datastructures import Headers, QueryParams
from starlette.requests import Request

from contracts.model import Contracts, Feed, Label
from streams.errors import WrongDeclaration
from streams.gateway.departments import Departments, owner
from streams.gateway.errors import (
    ContentEncodingUnsupported,
    ContentTypeUnknown,
    DeliveryTooLarge,
    IdempotencyKeyUnusable,
    NotYourFeed,
    ParametersUnknown,
    ParameterUnusable,
    TokenMissing,
)
from streams.gateway.limits import Limits
from streams.landing import Declared, feed_named
from streams.landing.manifest import moment_of

ENDINGS = {
    "text/csv": ".csv",
    "application/x-ndjson": ".ndjson",
    "application/ndjson": ".ndjson",
    "application/jsonl": ".ndjson",
    "application/json": ".json",
}
"""Forms of a body, by Content-Type, and the file ending by which landing knows them."""
FEED_NAME = re.compile(r"[a-z_]{1,40}")
KEY = re.compile(r"[\x21-\x7e]{1,200}")
RULES: Mapping[str, Label] = {
    "mode": Label("increment、snapshot、correction、withdrawal 中该数据源允许的方式", "one of the feed's modes: increment, snapshot, correction, withdrawal"),
    "moment": Label("ISO 日期或时间，北京时间；其中的 + 须写作 %2B", "an ISO date or time, Beijing time; write + as %2B"),
    "area": Label("2、4、6、9 或 12 位区划代码", "a division code of 2, 4, 6, 9 or 12 digits"),
    "rows": Label("不超过 10 位的整数", "a whole number of at most 10 digits"),
    "part": Label("1 至 parts 的整数", "a whole number from 1 to `parts`"),
    "parts": Label("1 至 1000 的整数", "a whole number from 1 to 1000"),
    "supersedes": Label("12 位批次号；可多次给出", "a delivery id of 12 characters; may be given several times"),
}
"""The parameters of a delivery and what each may be; they mean what the options of `cabin land` and the fields of a manifest mean."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A delivery as asked for: `ending` names the body's form, `key` is the digest of the idempotency key, `said` all that was declared, as sent."""

    feed: Feed
    declared: Declared
    ending: str
    key: str | None
    said: bytes


def asked_in(request: Request, feed: Feed, department: str, limits: Limits) -> Asked:
    """What is known before a byte of the body is read. Raises every refusal below."""
    headers, query = request.headers, request.query_params
    ending, declared, key = _ending(headers), declared_in(query, feed), _key(headers, department)
    announced = headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limits.size:
        raise DeliveryTooLarge(megabytes=limits.megabytes)
    return Asked(feed, declared, ending, key, orjson.dumps([feed.name, sorted(query.multi_items())]))


def asking(headers: Headers, departments: Departments) -> str:
    """The department that asks. Raises: `TokenMissing`, `TokenUnknown`."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise TokenMissing()
    return departments.holder(token.strip())


def own_feed(contracts: Contracts, name: str, department: str) -> Feed:
    """The named feed, which the department owns. Raises: `UnknownFeed`, `NotYourFeed`."""
    feed = feed_named(contracts, name if FEED_NAME.fullmatch(name) else "?")
    if owner(feed) != department:
        raise NotYourFeed(feed=feed.name)
    return feed


def _ending(headers: Headers) -> str:
    """The file ending of the body's form. Raises: `ContentTypeUnknown`, `ContentEncodingUnsupported`."""
    ending = ENDINGS.get(headers.get("content-type", "").partition(";")[0].strip().lower())
    if ending is None:
        raise ContentTypeUnknown(known=", ".join(ENDINGS))
    if headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise ContentEncodingUnsupported()
    return ending


def _key(headers: Headers, department: str) -> str | None:
    """The digest of the request's idempotency key within its department; None where it has none. Raises: `IdempotencyKeyUnusable`."""
    key = headers.get("idempotency-key")
    if key is None:
        return None
    if not KEY.fullmatch(key):
        raise IdempotencyKeyUnusable()
    return hashlib.sha256(f"{department}\0{key}".encode()).hexdigest()


def declared_in(query: QueryParams, feed: Feed) -> Declared:
    """What the parameters declare. Raises: `ParametersUnknown`, `ParameterUnusable`; no value is repeated in them."""
    unknown = set(query) - set(RULES)
    if unknown:
        raise ParametersUnknown(count=len(unknown), known=", ".join(RULES))
    parts = _one(query, "parts", _whole(1, 1_000))
    declared = Declared(
        moment=_one(query, "moment", lambda text: _moment(feed, text)),
        area=_one(query, "area", lambda text: text if re.fullmatch(r"\d{2}|\d{4}|\d{6}|\d{9}|\d{12}", text, re.ASCII) else None),
        mode=_one(query, "mode", lambda text: text if text in feed.modes else None),
        rows=_one(query, "rows", _whole(0, 9_999_999_999)),
        part=_one(query, "part", _whole(1, parts or 1)),
        parts=parts,
        supersedes=tuple(query.getlist("supersedes")),
    )
    if any(not re.fullmatch("[a-z2-7]{12}", each) for each in declared.supersedes):
        raise ParameterUnusable(name="supersedes", rule=RULES["supersedes"])
    return declared


def _moment(feed: Feed, text: str) -> datetime | None:
    """The moment; None where the text is none."""
    try:
        return moment_of(Path(feed.name), text)
    except (WrongDeclaration, OverflowError):
        return None


def _one(query: QueryParams, name: str, read: Callable[[str], Any]) -> Any:
    """The parameter's value, None where it is not given."""
    given = query.getlist(name)
    if not given:
        return None
    value = read(given[0]) if len(given) == 1 else None
    if value is None:
        raise ParameterUnusable(name=name, rule=RULES[name])
    return value


def _whole(least: int, most: int) -> Callable[[str], int | None]:
    def read(text: str) -> int | None:
        return int(text) if re.fullmatch(r"\d{1,10}", text, re.ASCII) and least <= int(text) <= most else None

    return read
