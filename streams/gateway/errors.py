"""What the gateway answers where it cannot do what was asked; no message holds a value from a request."""

from __future__ import annotations

from typing import ClassVar

from contracts.errors import CabinError, UsageError


class RequestRefused(CabinError):
    """A request that the gateway does not serve; `status` is that of its answer."""

    code = "request-refused"
    status: ClassVar[int] = 400


class ParameterUnusable(RequestRefused):
    """A query parameter has a value that it cannot have."""

    code = "parameter-unusable"
    fact = {"en": "the parameter {name} cannot be used", "zh": "参数 {name} 不可用"}
    hint = {"en": "Give it once, as: {rule}.", "zh": "请只给一次，形式为：{rule}。"}


class ParametersUnknown(RequestRefused):
    """The request has query parameters that mean nothing here."""

    code = "parameters-unknown"
    fact = {"en": "{count} query parameters are unknown", "zh": "有 {count} 个查询参数未知"}
    hint = {"en": "Leave them out or correct their names; known are: {known}.", "zh": "请去除或更正名称；可用的有：{known}。"}


class IdempotencyKeyUnusable(RequestRefused):
    """The header Idempotency-Key is empty, too long or not printable."""

    code = "idempotency-key-unusable"
    fact = {"en": "the Idempotency-Key cannot be used", "zh": "Idempotency-Key 不可用"}
    hint = {"en": "Send 1 to 200 printable ASCII characters, a random UUID for example.", "zh": "请使用 1 至 200 个可打印 ASCII 字符，例如随机 UUID。"}


class TokenMissing(RequestRefused):
    """The request carries no bearer token."""

    code = "token-missing"
    status = 401
    fact = {"en": "the request carries no bearer token", "zh": "请求没有携带令牌"}
    hint = {
        "en": "Send the department's token as `Authorization: Bearer ...`; the cabin's operator makes one with `cabin gateway token add`.",
        "zh": "请以 `Authorization: Bearer ...` 携带部门令牌；由方舱运维用 `cabin gateway token add` 生成。",
    }


class TokenUnknown(RequestRefused):
    """The bearer token is none of ours, or was revoked."""

    code = "token-unknown"
    status = 401
    fact = {"en": "the bearer token is unknown or revoked", "zh": "令牌无效或已撤销"}
    hint = {"en": "Ask the cabin's operator for a new token of your department.", "zh": "请向方舱运维申请本部门的新令牌。"}


class NotYourFeed(RequestRefused):
    """The feed is owned by another department than the token's."""

    code = "not-your-feed"
    status = 403
    fact = {"en": "the feed {feed} belongs to another department", "zh": "数据源 {feed} 属于其他部门"}
    hint = {"en": "Deliver to a feed of your own department; its contract names the owner.", "zh": "请交付到本部门的数据源；归属以契约为准。"}


class NoSuchPath(RequestRefused):
    """The gateway has nothing at this path."""

    code = "no-such-path"
    status = 404
    fact = {"en": "there is nothing at this path", "zh": "该路径不存在"}
    hint = {"en": "See /v1/openapi.json for what there is.", "zh": "可用路径见 /v1/openapi.json。"}


class DeliveryUnknown(RequestRefused):
    """No delivery of this feed has this id."""

    code = "delivery-unknown"
    status = 404
    fact = {"en": "the feed {feed} has no delivery with this id", "zh": "数据源 {feed} 没有该编号的批次"}
    hint = {"en": "Use the id that was answered; what got no 2xx answer should be sent again.", "zh": "请使用应答中的批次号；未得到 2xx 应答的请重新发送。"}


class MethodNotAllowed(RequestRefused):
    """The path does not know this method."""

    code = "method-not-allowed"
    status = 405
    fact = {"en": "this path does not know the method", "zh": "该路径不支持此方法"}
    hint = {"en": "The header Allow names those it knows.", "zh": "支持的方法见 Allow 头。"}


class BodyTooSlow(RequestRefused):
    """Nothing more of the body came for too long."""

    code = "body-too-slow"
    status = 408
    fact = {"en": "nothing more of the body came for {seconds} seconds; nothing was kept", "zh": "{seconds} 秒内未再收到正文；未保留任何内容"}
    hint = {"en": "Send it again, over a better line.", "zh": "请在网络稳定后重新发送。"}


class IdempotencyKeyReused(RequestRefused):
    """The same Idempotency-Key came with another content before."""

    code = "idempotency-key-reused"
    status = 409
    fact = {"en": "this Idempotency-Key was used for another delivery", "zh": "该 Idempotency-Key 已用于另一批次"}
    hint = {
        "en": "Use a new key for new content; a repetition must be the same in body and parameters.",
        "zh": "新内容请使用新的键；重复发送时正文和参数须完全相同。",
    }


class DeliveryTooLarge(RequestRefused):
    """The body is larger than the gateway takes."""

    code = "delivery-too-large"
    status = 413
    fact = {"en": "the delivery is larger than {megabytes} MB", "zh": "批次超过 {megabytes} MB"}
    hint = {
        "en": "Divide it into parts (`part`, `parts`), or ask for it to be landed with `cabin land`.",
        "zh": "请分部分交付（`part`、`parts`），或改用 `cabin land` 接收。",
    }


class ArrayTooLarge(RequestRefused):
    """A JSON array is held in memory as a whole, so it may not be as large as lines may."""

    code = "array-too-large"
    status = 413
    fact = {"en": "a JSON array may have at most {megabytes} MB", "zh": "JSON 数组最多 {megabytes} MB"}
    hint = {"en": "Send the rows as JSON lines (application/x-ndjson).", "zh": "请改用每行一个对象的形式（application/x-ndjson）。"}


class ContentTypeUnknown(RequestRefused):
    """The body is in no form that the gateway takes."""

    code = "content-type-unknown"
    status = 415
    fact = {"en": "the Content-Type is none that is taken here", "zh": "Content-Type 不在可接收范围内"}
    hint = {"en": "Send one of: {known}.", "zh": "请使用以下之一：{known}。"}


class ContentEncodingUnsupported(RequestRefused):
    """The body is compressed."""

    code = "content-encoding-unsupported"
    status = 415
    fact = {"en": "the body is compressed", "zh": "正文经过压缩"}
    hint = {"en": "Send it as it is, without Content-Encoding.", "zh": "请不压缩发送，不带 Content-Encoding。"}


class TooManyRequests(RequestRefused):
    """The department asks more often than agreed."""

    code = "too-many-requests"
    status = 429
    fact = {"en": "your department sends more than {rate} requests a minute", "zh": "本部门每分钟请求超过 {rate} 次"}
    hint = {"en": "Wait {seconds} seconds; put more rows into one delivery.", "zh": "请等待 {seconds} 秒；每批次可多放一些行。"}


class GatewayFault(RequestRefused):
    """Something went wrong that was not foreseen."""

    code = "gateway-fault"
    status = 500
    fact = {"en": "something went wrong in the gateway; the delivery is not acknowledged", "zh": "网关内部出错；批次未确认"}
    hint = {
        "en": "Send it again later: it lands once. If it goes on, tell the cabin's operator the time and this code.",
        "zh": "请稍后重新发送，不会重复接收；若仍出错，请将时间和本代码告知方舱运维。",
    }


class GatewayBusy(RequestRefused):
    """As many deliveries as the gateway takes at once are on their way."""

    code = "gateway-busy"
    status = 503
    fact = {"en": "the gateway has {count} deliveries in hand", "zh": "网关正在处理 {count} 个批次"}
    hint = {"en": "Send it again in some seconds.", "zh": "请数秒后重新发送。"}


class DepartmentUnknown(UsageError):
    """No feed is owned by a department of this name."""

    code = "department-unknown"
    fact = {"en": "no feed belongs to a department of this name", "zh": "没有数据源属于该名称的部门"}
    hint = {"en": "Name one of: {known}.", "zh": "请使用以下之一：{known}。"}


class TokenNotFound(UsageError):
    """There is no such token to revoke."""

    code = "token-not-found"
    fact = {"en": "the department has no such token", "zh": "该部门没有这样的令牌"}
    hint = {"en": "See `cabin gateway token list`.", "zh": "请查看 `cabin gateway token list`。"}
