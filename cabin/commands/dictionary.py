"""`cabin dictionary`: what tables, columns and codes mean."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cabin.session import Session


def command(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="A mart, kind, feed or code list; none: what there is. 数据集市、类别、数据源或代码表；不写则列出全部。")] = "",
    find: Annotated[str, typer.Option(help="Only fields that speak of these words. 仅列出涉及这些词语的字段。", metavar="<words>")] = "",
    to: Annotated[Path | None, typer.Option(help="Write a page instead: .html or .md. 改为写成网页：.html 或 .md。", metavar="<file>")] = None,
) -> int:
    """Of what is shipped and of the feeds in the data folder; nothing needs to be published."""
    from cabin.meanings import tell, write

    session: Session = ctx.obj
    if to is None:
        return 0 if tell(session, name, find) else 1
    write(session, name, find, to)
    return 0
