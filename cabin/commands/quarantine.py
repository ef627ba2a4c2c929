"""`cabin quarantine`: rows that broke an error rule, with reasons; personal cells stay sealed."""

from __future__ import annotations

from typing import Annotated

import typer

from cabin.session import Session

Feed = Annotated[str | None, typer.Option(help="Only this feed. 数据源")]


def group(lang: str) -> typer.Typer:
    """The subcommands, summaries in one language."""
    app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    texts = {
        "counts": ("Count quarantined rows by feed and reason.", "按数据源和原因统计隔离行。"),
        "list": ("List quarantined rows.", "列出隔离行。"),
        "show": ("Show one row: reason, the rule in words, its plain cells.", "查看一行：原因、规则说明与非个人单元格。"),
    }
    for name, function in (("counts", counts), ("list", list_rows), ("show", show)):
        app.command(name, help=texts[name][lang == "zh"])(function)
    return app


def counts(ctx: typer.Context, feed: Feed = None) -> int:
    from cabin.ledger import counts as by_feed

    session: Session = ctx.obj
    rows = [(count.feed, reason, rows) for count in by_feed(session.log) if feed in (None, count.feed) for reason, rows in sorted(count.reasons.items())]
    session.out.table("counts", {"feed": ("feed", "数据源"), "reason": ("reason", "原因"), "rows": ("rows", "行数")}, rows)
    return 0


def list_rows(
    ctx: typer.Context,
    feed: Feed = None,
    reason: Annotated[str | None, typer.Option(help="Only this reason. 原因")] = None,
    limit: Annotated[int, typer.Option(help="At most so many rows. 行数上限", min=1)] = 50,
) -> int:
    from cabin.quarantined import quarantined

    session: Session = ctx.obj
    columns = {
        "feed": ("feed", "数据源"),
        "delivery": ("delivery", "批次"),
        "row": ("row", "行"),
        "reason": ("reason", "原因"),
        "column": ("column", "列"),
        "recorded_at": ("recorded at", "接收时间"),
    }
    found = quarantined(session.log, feed=feed, reason=reason, limit=limit)
    session.out.table("rows", columns, [(row["source"], row["delivery"], row["row"], row["reason"], row["column"], row["recorded_at"]) for row in found])
    return 0


def show(
    ctx: typer.Context,
    delivery: Annotated[str, typer.Argument(help="The delivery's id. 批次号")],
    row: Annotated[int, typer.Argument(help="The row's number. 行号")],
) -> int:
    import orjson

    from cabin.errors import NotFound
    from cabin.quarantined import meaning, quarantined
    from contracts.model import Label

    session: Session = ctx.obj
    found = quarantined(session.log, delivery=delivery, row=row, limit=1)
    if not found:
        raise NotFound(what=Label("隔离行", "quarantined row"), look="cabin quarantine list")
    one = found[0]
    said = meaning(session.contracts, one["source"], one["reason"], session.settings.lang)
    session.out.say(
        f"{one['source']} {delivery} row {row}: {one['reason']} - {said}",
        f"{one['source']} {delivery} 第 {row} 行：{one['reason']}，{said}",
        reason=one["reason"],
        meaning=said,
    )
    cells = orjson.loads(one["cells"]) if one["cells"] else {}
    headers = {column.name: column.header for column in session.contracts.feeds[one["source"]].columns}
    sealed = session.out.text("(personal cells are sealed)", "（个人单元格已密封）") if one["sealed"] else ""
    session.out.table(
        "cells",
        {"column": ("column", "列"), "header": ("header", "表头"), "cell": ("cell", "内容")},
        [(name, headers.get(name, ""), cell) for name, cell in cells.items()],
    )
    if sealed:
        session.out.say(sealed, sealed, sealed=True)
    return 0
