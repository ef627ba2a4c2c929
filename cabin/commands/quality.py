"""`cabin quality`: from promises to evidence."""

from __future__ import annotations

import typer

from cabin.commands.monitors import monitor, profile


def group(lang: str) -> typer.Typer:
    """The subcommands, summaries in one language."""
    app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    texts = {
        "monitor": ("List what is unlike it was before: late, fewer, blank, new, gone or shifted.", "列出与以往不同之处：迟到、行数、空白、新增、消失或偏移。"),
        "profile": ("Show what a feed's deliveries look like, field by field.", "查看某数据源批次的逐字段画像。"),
    }
    for name, function in (("monitor", monitor), ("profile", profile)):
        app.command(name, help=texts[name][lang == "zh"])(function)
    return app
