"""`cabin status`: where every row is, once or live."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cabin.session import Session

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cabin.output import Output
    from cabin.standing import Standing

REASONS = 8
"""As many reasons are told to people; `cabin quarantine counts` lists all, by feed."""


def command(
    ctx: typer.Context,
    watch: Annotated[bool, typer.Option("--watch", help="Show it live, until Ctrl-C. 实时显示，按 Ctrl-C 结束。")] = False,
    every: Annotated[float, typer.Option(help="Seconds between two looks when watching. 实时显示时的刷新间隔秒数。", min=0.1)] = 2.0,
    times: Annotated[int, typer.Option(help="Looks when watching; 0: without end. 实时显示的刷新次数；0 表示不限。", min=0)] = 0,
) -> int:
    """Reads the log, the published snapshot, file sizes and workers' metrics, never state, so it answers while others are at work."""
    from cabin.standing import Watch

    session: Session = ctx.obj
    looking = Watch(session)
    if watch:
        from cabin.watching import watched

        watched(session.out, looking.look, tell, every, times)
    else:
        tell(session.out, looking.look(), None)
    return 0


def tell(out: Output, standing: Standing, before: Standing | None) -> None:
    """One look; with rates where there was one before."""
    rates = standing.rates(before)
    _tell_steps(out, standing, rates)
    _tell_feeds(out, standing)
    _tell_reasons(out, standing)
    _tell_claims(out, standing)
    _tell_snapshot(out, standing)
    out.document["now"] = {
        "snapshot_age_seconds": standing.age_seconds,
        "state_bytes": standing.state_bytes,
        "outbox": standing.outbox,
        "rates": rates,
        "at_most": [step.name for step in standing.steps if step.at_most],
    }


def _tell_steps(out: Output, standing: Standing, rates: Mapping[str, float]) -> None:
    from contracts.metrics import STEPS

    columns = {
        "step": ("step", "步骤"),
        "rows": ("rows behind", "待处理行"),
        "messages": ("messages behind", "待处理消息"),
        "seconds": ("oldest, seconds", "最旧（秒）"),
        "rate": ("rows a second", "每秒行数"),
    }

    def said(value: float | None, at_most: bool = False) -> object:
        return value if out.as_json else "-" if value is None else f"{'≤ ' if at_most and value else ''}{value:,.0f}"

    rows = [
        [
            step.name if out.as_json else out.text(step.name, STEPS[step.name].zh),
            *(said(value, step.at_most) for value in (step.rows, step.messages, step.seconds)),
            said(rates.get(step.name)),
        ]
        for step in standing.steps
    ]
    out.table("steps", columns, rows)
    if any(step.at_most and step.messages for step in standing.steps):
        out.line(
            "≤: at most, as published changes tell; with CABIN_METRICS_PORT set, workers of this machine tell exactly",
            "≤：最多为此数，依据已发布的变更；设置 CABIN_METRICS_PORT 后，由本机工作进程给出准确值",
        )


def _tell_feeds(out: Output, standing: Standing) -> None:
    columns = {
        "feed": ("feed", "数据源"),
        "deliveries": ("deliveries", "批次"),
        "delivered": ("delivered", "送达"),
        "refused": ("refused", "拒收"),
        "reduced": ("reduced", "缩减"),
        "layout": ("layout rows", "版式行"),
        "landed": ("landed", "接收"),
        "normalised": ("normalised", "标准化"),
        "accepted": ("accepted", "采纳"),
        "quarantined": ("quarantined", "隔离"),
        "behind": ("behind", "待处理"),
    }
    out.table("feeds", columns, [[getattr(count, name) for name in columns] for count in standing.counts])


def _tell_reasons(out: Output, standing: Standing) -> None:
    """What became of rows that were not accepted, and whether every row is accounted for."""
    reasons = standing.reasons
    listed = ", ".join(f"`{reason}` {rows:,}" for reason, rows in reasons[:REASONS])
    if reasons:
        out.say(f"quarantined by reason: {listed}", f"隔离原因：{listed}")
    out.document["reasons"] = dict(reasons)
    broken = standing.broken
    names = ", ".join(f"`{name}`" for name in broken[:5])
    out.say(
        f"broken accounts: {len(broken)} {names}".rstrip(),
        f"账目不平的批次：{len(broken)} {names}".rstrip(),
        broken_accounts=list(broken),
    )


def _tell_claims(out: Output, standing: Standing) -> None:
    total, behind = standing.claims, standing.loading.rows
    out.say(
        f"claims on the log: {total:,}; folded and published: {total - behind:,}; behind: {behind:,}",
        f"日志中的主张：{total:,}；已核定并发布：{total - behind:,}；待处理：{behind:,}",
        claims=total,
        folded=total - behind,
        behind=behind,
    )


def _tell_snapshot(out: Output, standing: Standing) -> None:
    published = standing.published
    if published is None:
        out.say("nothing is published yet; `cabin run` does it", "尚未发布；请执行 `cabin run`", snapshot=None)
        return
    age = f"{standing.age_seconds or 0:,.0f}"
    en, zh = ("nothing recorded yet", "尚无任何记录") if published.empty else (f"as of {published.moment}", f"时点 {published.moment}")
    out.say(
        f"published snapshot: {published.name}, {en}, {age} seconds ago",
        f"已发布快照：{published.name}，{zh}，{age} 秒前发布",
        snapshot=published.name,
    )
    _tell_marked(out, standing)
    size = f"{standing.state_bytes / 1e6:,.0f} MB"
    waiting = "-" if standing.outbox is None else f"{standing.outbox:,}"
    out.line(f"state: {size}; outbox: {waiting}", f"状态文件：{size}；待发布消息：{waiting}")


def _tell_marked(out: Output, standing: Standing) -> None:
    """What is known about the promises of the published snapshot."""
    from cabin.marked import spite

    known = standing.marked
    if known is None:
        return
    out.line(f"promises: {known.fact.en}", f"承诺检查：{known.fact.zh}")
    told = spite(known.overridden)
    if told.en:
        out.line(f"published in spite of broken promises: {told.en}", f"承诺未兑现仍发布：{told.zh}")
    out.document["promises"] = known.document
