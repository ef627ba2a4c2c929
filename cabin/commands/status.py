"""`cabin status`: where every row is."""

from __future__ import annotations

import typer

from cabin.session import Session


def command(ctx: typer.Context) -> int:
    """Reads the log and the published snapshot only, so it answers while a run is at work."""
    from cabin.ledger import claims_after, counts
    from cabin.published import about

    session: Session = ctx.obj
    known = counts(session.log)
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
    session.out.table("feeds", columns, [[getattr(count, name) for name in columns] for count in known])
    published = about(session.data)
    followed = published is not None and published.generation == session.log.generation
    total, behind = claims_after(session.log, published.positions if published and followed else {})
    session.out.say(
        f"claims on the log: {total:,}; folded and published: {total - behind:,}; behind: {behind:,}",
        f"日志中的主张：{total:,}；已核定并发布：{total - behind:,}；待处理：{behind:,}",
        claims=total,
        folded=total - behind,
        behind=behind,
    )
    if published:
        session.out.say(
            f"published snapshot: {published.name}, as of {published.moment}", f"已发布快照：{published.name}，时点 {published.moment}", snapshot=published.name
        )
    else:
        session.out.say("nothing is published yet; `cabin run` does it", "尚未发布；请执行 `cabin run`", snapshot=None)
    return 0
