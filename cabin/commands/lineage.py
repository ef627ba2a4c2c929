"""`cabin lineage`: what columns are made from, and what rests on them. Of one row's values `cabin explain` tells."""

from __future__ import annotations

from typing import Annotated

import typer


def group(lang: str) -> typer.Typer:
    """The subcommands, summaries in one language."""
    app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    texts = {
        "show": (
            "Walk from a table's column back to what departments deliver, or forward to its readers.",
            "从某表的列回溯到各部门交付的列，或向前查看依赖它的读者。",
        ),
        "send": (
            "Forward what jobs make of what, and how their runs ended, as OpenLineage events to a URL or into a file.",
            "将各任务的来源与运行情况以 OpenLineage 事件转发到 URL 或写入文件。",
        ),
    }
    for name, function in (("show", show), ("send", send)):
        app.command(name, help=texts[name][lang == "zh"])(function)
    return app


def show(
    ctx: typer.Context,
    column: Annotated[str, typer.Argument(help="TABLE.COLUMN, as `population.residents`. 表.列，如 `population.residents`。", metavar="<table.column>")],
    forward: Annotated[
        bool, typer.Option("--forward", help="What rests on it instead, also on a feed's column. 改为查看依赖它的内容，也可用于数据源的列。")
    ] = False,
) -> int:
    """Of the contracts and marts of this release; nothing needs to be published."""
    from cabin.traced import show as tell

    tell(ctx.obj, column, forward)
    return 0


def send(
    ctx: typer.Context,
    to: Annotated[
        str, typer.Option(help="http://..., https://... or a file, one event a line. http://…、https://… 或文件，每行一个事件。", metavar="<url|file>")
    ],
    every: Annotated[
        str | None, typer.Option(help="Go on at this interval until stopped: 30s, 5m. 按此间隔持续转发直到停止：30s、5m。", metavar="<interval>")
    ] = None,
) -> int:
    """From where the last forwarding to the same place ended."""
    from cabin.sending import send_every, send_once

    return send_once(ctx.obj, to) if every is None else send_every(ctx.obj, to, every)
