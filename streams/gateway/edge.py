"""Around every request: one line about it, its count, and an answer where something unforeseen was raised.

The line names method, route, status, time and, once it is known, the feed; never the path as sent, the query, a header or the body.
"""

from __future__ import annotations

import time
import traceback
from dataclasses import dataclass, field

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contracts.errors import CabinError
from contracts.ports import Meter
from streams.gateway.errors import GatewayFault
from streams.gateway.problems import language_of, problem

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
NOBODY = 499
"""The status of a request whose client went away before it was answered."""


@dataclass(frozen=True, slots=True)
class Edge:
    """ASGI middleware."""

    app: ASGIApp
    meter: Meter
    lang: str

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        watched = _Watched(send)
        began = time.perf_counter()
        try:
            await self._served(scope, receive, watched)
        finally:
            self._told(scope, watched.status, time.perf_counter() - began)

    def _told(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "none")
        method = scope["method"] if scope["method"] in METHODS else "other"
        self.meter.count("cabin_gateway_requests_total", route=route, method=method, status=str(status))
        feed = {"feed": scope["feed"]} if "feed" in scope else {}
        structlog.get_logger().info("gateway.request", method=method, route=route, status=status, seconds=round(seconds, 4), **feed)

    async def _served(self, scope: Scope, receive: Receive, send: _Watched) -> None:
        try:
            await self.app(scope, receive, send)
        except ClientDisconnect:
            send.status = NOBODY
        except Exception as error:
            tell(error)
            if not send.begun:
                request = Request(scope)
                await problem(GatewayFault(), language_of(request, self.lang))(scope, receive, send)


@dataclass(slots=True)
class _Watched:
    """Passes on what is sent and remembers the status."""

    send: Send
    status: int = NOBODY
    begun: bool = field(default=False)

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status, self.begun = message["status"], True
        await self.send(message)


def tell(error: BaseException) -> None:
    """One line for the operator. An expected error says its fact, which holds no value; of any other only its type and the lines of code that raised it."""
    log = structlog.get_logger()
    if isinstance(error, CabinError):
        log.warning("gateway.unavailable", error=type(error).__name__, error_code=error.code, error_fact=error.render("en")[0])
        return
    places = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)[:-5:-1]]
    log.error("gateway.fault", error=type(error).__name__, error_code="unexpected", error_where=" < ".join(places))
