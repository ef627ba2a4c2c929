"""The agents: plain generators that turn events into batches of messages and hand them to the desk. Nothing escapes their bodies."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from typing import Any

from contracts.ports import Stored
from streams.agents.desk import Desk

WITHIN_SECONDS = 0.05
Agent = Callable[[Any], Coroutine[Any, Any, None]]
Decode = Callable[[Any], Stored]
"""An event of Faust as a message where it lies."""


def normalise(desk: Desk, decode: Decode, messages: int) -> Agent:
    """Raw messages to claims, quarantined rows and outcomes."""
    return _handing(desk.normalise, decode, messages)


def inbox(desk: Desk, decode: Decode, messages: int) -> Agent:
    """Messages that other systems push to raw messages."""
    return _handing(desk.land, decode, messages)


def reconcile(desk: Desk, decode: Decode, messages: int) -> Agent:
    """Claims to golden records."""
    return _handing(desk.fold, decode, messages)


def _handing(to: Callable[[Sequence[Stored]], Coroutine[Any, Any, None]], decode: Decode, messages: int) -> Agent:
    async def agent(stream: Any) -> None:
        batches: AsyncIterator[Sequence[Any]] = stream.take_events(messages, within=WITHIN_SECONDS)
        async for events in batches:
            await to([decode(event) for event in events])

    return agent
