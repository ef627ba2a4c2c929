"""`cabin rebuild --verify`: everything again from raw, or the warehouse from history, in a clean place, compared by hashes."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from cabin.session import Session


class Origin(StrEnum):
    """What everything is computed from."""

    RAW = "raw"
    HISTORY = "history"


def command(
    ctx: typer.Context,
    origin: Annotated[
        Origin, typer.Option("--from", help="From raw messages, or the warehouse from history. 从原始消息重算，或从历史重建数据仓库。")
    ] = Origin.RAW,
    verify: Annotated[bool, typer.Option("--verify", help="Compare with what is published; nothing is changed. 与已发布内容比较，不做任何改动。")] = True,
) -> int:
    """Needs room for second marts while it runs, from raw also for a second log. `cabin history restore` puts what history gives in the warehouse's place."""
    from cabin.errors import RebuildDiffers
    from cabin.rebuilt import rebuild

    session: Session = ctx.obj
    columns = {"mart": ("mart", "数据集市"), "published": ("published", "已发布"), "rebuilt": ("rebuilt", "重算"), "equal": ("equal", "是否一致")}
    compared = rebuild(session, origin is Origin.HISTORY)
    session.out.table("marts", columns, [(name, held[:16], made[:16], "yes" if held == made else "NO") for name, held, made in compared])
    differing = [name for name, held, made in compared if held != made]
    if differing:
        raise RebuildDiffers(marts=", ".join(differing))
    session.out.say("every mart is equal", "所有数据集市一致", equal=True)
    return 0
