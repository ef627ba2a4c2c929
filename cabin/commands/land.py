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
    feed: Annotated[
        str,
        typer.Argument(
            help="The feed, e.g. ps_resident; `auto` takes it from each file's manifest. 数据源名称，如 ps_resident；写 `auto` 则取自各文件的清单。"
        ),
    ],
    files: Annotated[list[Path], typer.Argument(help="Delivered files, or folders of them. 送达的文件，或存放它们的目录。", metavar="FILE")],
    moment: Annotated[str | None, typer.Option(help="The moment a snapshot describes, ISO. 全量清单所述的时点（ISO 格式）。")] = None,
    area: Annotated[str | None, typer.Option(help="The division code it covers. 所涵盖的区划代码。")] = None,
    mode: Annotated[
        str | None, typer.Option(help="increment, snapshot, correction or withdrawal. 方式：increment 增量、snapshot 全量、correction 更正、withdrawal 撤回。")
    ] = None,
    rows: Annotated[int | None, typer.Option(help="The declared number of rows. 申报的行数。", min=0)] = None,
    supersedes: Annotated[list[str] | None, typer.Option(help="A delivery that this one replaces. 被本批次替换的批次。")] = None,
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
