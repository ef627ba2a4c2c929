"""The routes of the gateway, registered in one `build`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from contracts.errors import CabinError, Unavailable
from contracts.model import Contracts, Feed
from contracts.ports import Meter, QuietMeter
from streams.errors import DeliveryRefused
from streams.gateway.asking import Asked, asked_in, asking, own_feed
from streams.gateway.berths import Berths
from streams.gateway.departments import Departments
from streams.gateway.edge import Edge, tell
from streams.gateway.errors import DeliveryUnknown, GatewayBusy, MethodNotAllowed, NoSuchPath
from streams.gateway.keys import Keys
from streams.gateway.limits import Limits, Rates
from streams.gateway.openapi import openapi
from streams.gateway.outcome import Outcome, outcome_of
from streams.gateway.problems import answer, language_of, problem, status_of
from streams.gateway.upload import Upload, received
from streams.landing import Landing, Report, continue_spools, land
from streams.lineage import tell_landed, tell_refused

DELIVERIES = "/v1/feeds/{feed}/deliveries"
MEND_SECONDS = 30


@dataclass(slots=True)
class Gateway:
    """What the routes work with. `landing` and `reading` are berths of their own, so that a long landing keeps nobody from asking."""

    contracts: Contracts
    departments: Departments
    keys: Keys
    landing: Berths
    reading: Berths
    uploads: Path
    limits: Limits = field(default_factory=Limits)
    lang: str = "en"
    meter: Meter = field(default_factory=QuietMeter)
    in_hand: int = 0
    rates: Rates = field(init=False)
    openapi: Mapping[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.rates = Rates(self.limits.rate)
        self.openapi = openapi(self.contracts, self.limits)

    async def deliver(self, request: Request) -> Response:
        """`POST` of a delivery: answered when the log has all of it, 201 the first time, 200 for a repetition."""
        department, feed = self._admitted(request)
        asked = asked_in(request, feed, department, self.limits)
        with self._one_more():
            upload = await received(request.stream(), self.uploads, feed.name + asked.ending, self.limits)
            began = time.perf_counter()
            report = await self.landing.use(lambda landing: self._told(landing, feed, lambda: self._land(landing, asked, upload)))
            seconds = time.perf_counter() - began
            self.meter.observe("cabin_gateway_landing_seconds", seconds, feed=feed.name)
            self.meter.observe("cabin_step_seconds", seconds, step="land")
        if not report.already_landed:
            self.meter.count("cabin_raw_rows_landed_total", report.landed, feed=feed.name)
        location = {"Location": DELIVERIES.replace("{feed}", feed.name) + f"/{report.delivery}"}
        return answer(report.document(), 200 if report.already_landed else 201, self._lang(request), location)

    async def outcome(self, request: Request) -> Response:
        """`GET` of a delivery: what became of it."""
        _, feed = self._admitted(request)
        delivery = request.path_params["delivery"]
        found: Outcome | None = await self.reading.use(lambda landing: outcome_of(landing.log, feed, delivery))
        if found is None:
            raise DeliveryUnknown(feed=feed.name)
        return answer(found.document(), 200, self._lang(request))

    async def document(self, request: Request) -> Response:
        """`GET` of the OpenAPI document."""
        return answer(self.openapi, 200, self._lang(request))

    async def health(self, request: Request) -> Response:
        """`GET` of health: 200 where deliveries can be landed now, 503 with the reason where not."""
        try:
            await self.reading.use(lambda landing: (landing.log.topics(), landing.sealer.sequence))
        except CabinError as error:
            tell(error)
            return answer({"live": True, "ready": False, "code": error.code}, 503, self._lang(request))
        return answer({"live": True, "ready": True}, 200, self._lang(request))

    async def refused(self, request: Request, error: Exception) -> Response:
        """The problem that an expected error is told as."""
        assert isinstance(error, CabinError)
        if status_of(error) >= 500:
            tell(error)
        return problem(error, self._lang(request))

    async def unrouted(self, request: Request, error: Exception) -> Response:
        """The problem of a path or method that is not served."""
        assert isinstance(error, HTTPException)
        return problem(MethodNotAllowed() if error.status_code == 405 else NoSuchPath(), self._lang(request), error.headers)

    async def mend(self) -> None:
        """Ends what an interrupted landing left half done on the log, now and whenever there is something of that kind."""
        while True:
            try:
                self.reading.later(partial(_tell_landed, await self.landing.use(_mended)))
            except Exception as error:  # told, and tried again: nobody waits for its answer
                tell(error)
            await asyncio.sleep(MEND_SECONDS)

    def _land(self, landing: Landing, asked: Asked, upload: Upload) -> Report:
        """Lands the upload, which is gone afterwards. A key is bound before anything of its content lands, and freed where the content was refused."""
        new = False
        try:
            if asked.key is not None:
                new = self.keys.take(asked.key, landing.sealer.digest(asked.said + upload.digest))
            return land(landing, asked.feed, upload.file, asked.declared)
        except DeliveryRefused:
            if asked.key is not None and new:
                self.keys.free(asked.key)
            raise
        finally:
            upload.remove()

    def _told(self, landing: Landing, feed: Feed, work: Callable[[], Report]) -> Report:
        """Landing that is a run of its own in lineage, also where nobody waits for its answer any more. Who asked waits for none of the telling."""
        began = landing.clock.now()
        try:
            report = work()
        except Exception as error:
            if not isinstance(error, Unavailable):  # it is tried again by whoever pushed
                failed, ended = error, landing.clock.now()
                self.reading.later(lambda teller: tell_refused(teller.log, began, ended, feed.name, failed))
            raise
        self.reading.later(partial(_tell_landed, [report]))
        return report

    def _admitted(self, request: Request) -> tuple[str, Feed]:
        department = asking(request.headers, self.departments)
        self.rates.take(department)
        feed = own_feed(self.contracts, request.path_params["feed"], department)
        request.scope["feed"] = feed.name
        return department, feed

    @contextmanager
    def _one_more(self) -> Iterator[None]:
        if self.in_hand >= self.limits.in_hand:
            raise GatewayBusy(count=self.in_hand)
        self.in_hand += 1
        try:
            self.meter.gauge("cabin_gateway_deliveries_in_hand", self.in_hand)
            yield
        finally:
            self.in_hand -= 1
            self.meter.gauge("cabin_gateway_deliveries_in_hand", self.in_hand)

    def _lang(self, request: Request) -> str:
        return language_of(request, self.lang)


def build(gateway: Gateway) -> Starlette:
    """The application. Its end waits for the landings under way."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        mending = asyncio.create_task(gateway.mend())
        try:
            yield
        finally:
            mending.cancel()
            await asyncio.to_thread(gateway.landing.close)
            await asyncio.to_thread(gateway.reading.close)
            gateway.keys.close()

    routes = [
        Route(DELIVERIES, gateway.deliver, methods=["POST"]),
        Route(DELIVERIES + "/{delivery}", gateway.outcome, methods=["GET"]),
        Route("/v1/openapi.json", gateway.document, methods=["GET"]),
        Route("/health", gateway.health, methods=["GET"]),
    ]
    app = Starlette(
        routes=routes,
        middleware=[Middleware(Edge, meter=gateway.meter, lang=gateway.lang)],
        exception_handlers={CabinError: gateway.refused, HTTPException: gateway.unrouted},
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False  # a redirect would repeat the path and the query as sent
    return app


def _tell_landed(reports: Sequence[Report], landing: Landing) -> None:
    tell_landed(landing.log, landing.clock, reports)


def _mended(landing: Landing) -> list[Report]:
    """Deliveries another landing works on just now are left to it."""
    return continue_spools(replace(landing, sizes=replace(landing.sizes, lock_seconds=0)))
