"""`cabin marts`: the tables for readers, what they are made from, and how two snapshots of them differ."""

from __future__ import annotations

from typing import Annotated

import typer

from cabin.session import Session


def group(lang: str) -> typer.Typer:
    """The subcommands, summaries in one language."""
    app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    texts = {
        "list": ("List marts in the order in which they are built, and the snapshots there are.", "按生成顺序列出数据集市，以及现有快照。"),
        "show": ("Show one mart: its head, columns, SQL and some rows.", "查看一个数据集市：说明、列、SQL 和若干行。"),
        "build": ("Make every mart anew from what is loaded, and publish them as a snapshot.", "用已载入的内容重新生成全部数据集市，并发布为快照。"),
        "diff": ("Compare two snapshots by key; exit code 1 where they differ.", "按键比较两个快照；不同时退出码为 1。"),
    }
    for name, function in (("list", list_marts), ("show", show), ("build", build), ("diff", diff)):
        app.command(name, help=texts[name][lang == "zh"])(function)
    return app


def list_marts(ctx: typer.Context) -> int:
    """Rows are those of the published snapshot."""
    from cabin.marts import tell_marts, tell_snapshots

    session: Session = ctx.obj
    tell_marts(session)
    session.out.line("", "")
    tell_snapshots(session)
    return 0


def show(
    ctx: typer.Context,
    mart: Annotated[str, typer.Argument(help="Its name, as in the list. 名称")],
    rows: Annotated[int, typer.Option(help="So many rows of the published snapshot. 显示已发布快照中的行数。", min=0)] = 5,
) -> int:
    """Names in rows are surname and stars, as everywhere in marts."""
    from cabin.marts import tell_mart

    tell_mart(ctx.obj, mart, rows)
    return 0


def build(
    ctx: typer.Context,
    despite: Annotated[
        list[str] | None,
        typer.Option(help="Publish though this promise is broken; may be given again. 该承诺未兑现时仍发布，可重复给出。", metavar="<table.check>"),
    ] = None,
    reason: Annotated[str, typer.Option(help="Why; it is recorded. 理由，将被记录。", metavar="<text>")] = "",
) -> int:
    """`cabin run` renews what changed, and publishes only where anything did; this makes all of it anew in any case. `cabin rebuild` computes from raw and compares."""
    from cabin.pipeline import Pipeline
    from cabin.published import decided

    session: Session = ctx.obj
    session.log.end("", 0)
    decision = decided(session.settings, tuple(despite or ()), reason)
    with Pipeline.open(session.settings, session.out.progress) as pipeline:
        snapshot, count = pipeline.publish(whole=True, despite=decision), len(pipeline.contracts.marts)
    session.out.say(
        f"made {count} marts anew, published snapshot {snapshot}", f"已重新生成 {count} 个数据集市，已发布快照 {snapshot}", marts=count, snapshot=snapshot
    )
    return 0


def diff(
    ctx: typer.Context,
    a: Annotated[str, typer.Argument(help="A snapshot's name, or its file. 快照名称或文件", metavar="<snapshot>")],
    b: Annotated[str, typer.Argument(help="Another one; `current` is the published one. 另一个快照；`current` 为已发布者", metavar="<snapshot>")] = "current",
    mart: Annotated[list[str] | None, typer.Option(help="Only this mart; may be given again. 仅比较该数据集市，可重复给出。", metavar="<mart>")] = None,
    rows: Annotated[int, typer.Option(help="Show so many differing rows of each mart. 每个数据集市显示的不同行数。", min=0)] = 5,
) -> int:
    """A row is known by the mart's grain."""
    from cabin.compared import Asked, compare

    return 0 if compare(ctx.obj, Asked(a, b, tuple(mart or ()), rows)) else 1
