"""`cabin quality monitor` and `profile`: what is unlike it was before, and what each delivery looked like."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from cabin.session import Session

Since = Annotated[str | None, typer.Option(help="From this day on, e.g. 2026-06-30. 自该日起，如 2026-06-30。", metavar="<day>")]


def monitor(
    ctx: typer.Context,
    feed: Annotated[str | None, typer.Option(help="Only this feed. 仅限该数据源。")] = None,
    since: Since = None,
    at: Annotated[str | None, typer.Option(help="What was so at this day's end or moment. 截至该日结束或该时刻。", metavar="<moment>")] = None,
) -> int:
    from cabin.monitored import tell_alarms
    from cabin.remembered import moment_of
    from streams.landing import feed_named

    session: Session = ctx.obj
    if feed is not None:
        feed_named(session.contracts, feed)
    return tell_alarms(session, feed, _day(since), moment_of(at))


def profile(
    ctx: typer.Context,
    feed: Annotated[str, typer.Argument(help="The feed, e.g. ps_resident. 数据源名称，如 ps_resident。")],
    field: Annotated[str | None, typer.Option(help="This field, delivery by delivery. 该字段逐批的画像。")] = None,
    since: Since = None,
) -> int:
    from cabin.monitored import tell_profile
    from contracts.profiling import fields_of
    from quality.monitors.errors import UnknownField
    from streams.landing import feed_named

    session: Session = ctx.obj
    known = fields_of(feed_named(session.contracts, feed))
    if field is not None and field not in known:
        raise UnknownField(feed=feed, fields=", ".join(known))
    tell_profile(session, feed, field, _day(since))
    return 0


def _day(text: str | None) -> date | None:
    from cabin.errors import MomentUnreadable

    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError as error:
        raise MomentUnreadable() from error
