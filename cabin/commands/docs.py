"""`cabin docs`: data docs for browsers without a network."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def group(lang: str) -> typer.Typer:
    """The subcommands, summaries in one language."""
    app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    texts = {
        "build": (
            "Write contracts, dictionary, suites, results, scorecards, lineage and topics as one folder of pages.",
            "将契约、数据字典、检查套件、结果、记分卡、血缘和主题写成一个网页目录。",
        ),
    }
    app.command("build", help=texts["build"][lang == "zh"])(build)
    return app


def build(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Argument(help="A new or empty folder, or the site before, which is replaced. 新的或空的目录，或将被替换的原有站点。")],
) -> int:
    """Both languages; nothing is landed, published or checked for it."""
    from cabin.site.built import build as build_site

    build_site(ctx.obj, folder)
    return 0
