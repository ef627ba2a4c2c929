"""`cabin land`: deliveries into the log."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from cabin.session import Session

if TYPE_CHECKING:
    from contracts.model import Mode


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
    from streams.landing import Declared
    from streams.landing.manifest import moment_of

    session: Session = ctx.obj
    declared = Declared(
        moment=moment_of(files[0], moment) if moment else None,
        area=area,
        mode=cast("Mode | None", mode),
        rows=rows,
        supersedes=tuple(supersedes or ()),
    )
    return land_files(session, None if feed == "auto" else feed, files, declared)
