"""`cabin land`: deliveries into the log."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cabin.session import Session


def command(
    ctx: typer.Context,
    feed: Annotated[str, typer.Argument(help="The feed, e.g. ps_resident; `auto` takes it from each file's manifest. 数据源")],
    files: Annotated[list[Path], typer.Argument(help="Delivered files, or folders of them. 批次文件或目录", metavar="FILE...")],
    moment: Annotated[str | None, typer.Option(help="The moment a snapshot describes, ISO. 时点")] = None,
    area: Annotated[str | None, typer.Option(help="The division code it covers. 区划代码")] = None,
    mode: Annotated[str | None, typer.Option(help="increment, snapshot, correction or withdrawal. 方式")] = None,
    rows: Annotated[int | None, typer.Option(help="The declared number of rows. 申报行数", min=0)] = None,
    supersedes: Annotated[list[str] | None, typer.Option(help="A delivery that this one replaces. 被替换的批次")] = None,
) -> int:
    """Lands each file whole or not at all; the rest of a folder goes on when one file is refused."""
    from cabin.landed import land_files
    from streams.landing import declared_from

    session: Session = ctx.obj
    declared = declared_from(moment=moment, area=area, mode=mode, rows=rows, supersedes=tuple(supersedes or ()))
    return land_files(session, feed, files, declared)
