"""`cabin quarantine`: rows that broke an error rule, with reasons, and what soft rules flagged; personal cells stay sealed."""

from __future__ import annotations

from typing import Annotated

import typer

from cabin.session import Session

Feed = Annotated[str | None, typer.Option(help="Only this feed. 仅限该数据源。")]


def group(lang: str) -> typer.Typer:
    """The subcommands, summaries in one language."""
    app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    from cabin.commands.quarantine_fix import fix, redrive

    texts = {
        "counts": ("Count quarantined rows, or with --warnings flagged ones, by feed and reason.", "按数据源和原因统计隔离行；加 --warnings 统计提示。"),
        "list": ("List quarantined rows.", "列出隔离行。"),
        "show": ("Show one row: reason, the rule in words, its plain cells.", "查看一行：原因、规则说明与非个人单元格。"),
        "fix": ("Mend one row or all rows of a pattern: tried first, redriven with --go.", "修复一行或一类行：先试算，加 --go 重投。"),
        "redrive": ("Redrive a planned fix, or go on with interrupted ones.", "重投已计划的修复，或继续中断的重投。"),
    }
    for name, function in (("counts", counts), ("list", list_rows), ("show", show), ("fix", fix), ("redrive", redrive)):
        app.command(name, help=texts[name][lang == "zh"])(function)
    return app


def counts(
    ctx: typer.Context,
    feed: Feed = None,
    warnings: Annotated[
        bool, typer.Option("--warnings", help="Count what soft rules say about accepted rows, and what was mended. 改为统计已采纳行的提示与修复。")
    ] = False,
) -> int:
    from cabin.ledger import counts as by_feed
    from cabin.quarantined import meaning

    session: Session = ctx.obj
    known, lang = session.contracts, session.settings.lang
    rows = [
        (count.feed, reason, rows, meaning(known, count.feed, reason, lang))
        for count in by_feed(session.log)
        if feed in (None, count.feed)
        for reason, rows in sorted((count.flags if warnings else count.reasons).items())
    ]
    columns = {"feed": ("feed", "数据源"), "reason": ("reason", "原因"), "rows": ("rows", "行数"), "meaning": ("meaning", "说明")}
    session.out.table("counts", columns, rows)
    return 0


def list_rows(
    ctx: typer.Context,
    feed: Feed = None,
    reason: Annotated[str | None, typer.Option(help="Only this reason. 仅限该原因。")] = None,
    limit: Annotated[int, typer.Option(help="At most so many rows. 行数上限。", min=1)] = 50,
) -> int:
    from cabin.quarantined import in_words, quarantined, verdict

    session: Session = ctx.obj
    columns = {
        "feed": ("feed", "数据源"),
        "delivery": ("delivery", "批次"),
        "row": ("row", "行"),
        "reason": ("reason", "原因"),
        "column": ("column", "列"),
        "verdict": ("check", "校验"),
        "meaning": ("meaning", "说明"),
        "recorded_at": ("recorded at", "接收时间"),
    }
    rows = [
        (
            *(row[name] for name in ("source", "delivery", "row", "reason", "column")),
            verdict(row),
            in_words(session.contracts, row, session.settings.lang),
            row["recorded_at"],
        )
        for row in quarantined(session.log, feed=feed, reason=reason, limit=limit)
    ]
    session.out.table("rows", columns, rows)
    return 0


def show(
    ctx: typer.Context,
    delivery: Annotated[str, typer.Argument(help="The delivery's id. 批次号。")],
    row: Annotated[int, typer.Argument(help="The row's number. 行号。")],
) -> int:
    from cabin.errors import NotFound
    from cabin.quarantined import cells_of, in_words, quarantined, verdict
    from contracts.model import Label

    session: Session = ctx.obj
    found = quarantined(session.log, delivery=delivery, row=row, limit=1)
    if not found:
        raise NotFound(what=Label("隔离行", "quarantined row"), look="cabin quarantine list")
    one = found[0]
    said = in_words(session.contracts, one, session.settings.lang)
    column = one["column"]
    session.out.say(
        f"{one['source']} {delivery} row {row}{f', column {column}' if column else ''}: {one['reason']} - {said}",
        f"{one['source']} {delivery} 第 {row} 行{f'，列 {column}' if column else ''}：{one['reason']}，{said}",
        reason=one["reason"],
        column=column,
        verdict=verdict(one),
        meaning=said,
    )
    columns = {"column": ("column", "列"), "header": ("header", "表头"), "cell": ("cell", "内容")}
    session.out.table("cells", columns, cells_of(session.contracts, one, session.settings.lang))
    if one["sealed"]:
        session.out.say("(personal cells are sealed)", "（个人单元格已密封）", sealed=True)
    return 0
