"""The landing gateway: departments push deliveries over HTTP; an answer of 2xx means that the log has all of it durably. A thin edge over `streams.landing`.

Reading order: `app` (the routes), `asking` (who asks, for which feed, with what), `upload` (body to file), `berths` (landings in threads), `keys` (repeated
requests), `outcome` (what became of a delivery); then `departments` (tokens), `limits`, `problems`, `edge` (access line, metrics), `openapi`.
"""

from streams.gateway.app import Gateway, build
from streams.gateway.berths import Berths, Watch
from streams.gateway.departments import Departments, Known
from streams.gateway.keys import Keys
from streams.gateway.limits import Limits
from streams.gateway.openapi import openapi

__all__ = ["Berths", "Departments", "Gateway", "Keys", "Known", "Limits", "Watch", "build", "openapi"]
