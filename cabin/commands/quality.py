"""`cabin quality`: from promises to evidence."""

from __future__ import annotations

import typer

from cabin.commands.checks import check, history, suites
from cabin.commands.monitors import monitor, profile
from cabin.commands.scorecards import scorecard


def group(lang: str) -> typer.Typer:
    """The subcommands, summaries in one language."""
    app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    texts = {
        "check": (
            "Run the suites over the published snapshot; exit code 1 where a check fails, 3 where one cannot be judged.",
            "对已发布快照运行检查套件；有不通过的退出码为 1，有无法判定的为 3。",
        ),
        "suites": (
            "Write the suites that the contracts give, or see whether the committed ones are those.",
            "写出契约给出的检查套件，或核对已提交的套件是否一致。",
        ),
        "history": ("Show what became of checks, run by run.", "按运行查看检查结果。"),
        "monitor": ("List what is unlike it was before: late, fewer, blank, new, gone or shifted.", "列出与以往不同之处：迟到、行数、空白、新增、消失或偏移。"),
        "profile": ("Show what a feed's deliveries look like, field by field.", "查看某数据源批次的逐字段画像。"),
        "scorecard": (
            "Tell a department what was wrong with its deliveries, and what to change at the source.",
            "告知部门其批次哪里不对、在源头改什么。",
        ),
    }
    functions = (("check", check), ("suites", suites), ("history", history), ("monitor", monitor), ("profile", profile), ("scorecard", scorecard))
    for name, function in functions:
        app.command(name, help=texts[name][lang == "zh"])(function)
    return app
