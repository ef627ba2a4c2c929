"""`cabin quality scorecard`: what was wrong with what a department delivered, and what to change at the source."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cabin.session import Session


def scorecard(
    ctx: typer.Context,
    department: Annotated[
        str | None,
        typer.Argument(help="As its feeds' contracts call it, or one of its feeds; without it all are listed. 部门名称或其数据源；不写则列出各部门。"),
    ] = None,
    month: Annotated[
        str | None,
        typer.Option(help="As 2026-03; without it the newest whole month with deliveries. 月份，如 2026-03；不写则为最近有批次的整月。", metavar="<month>"),
    ] = None,
    months: Annotated[int, typer.Option(help="So many months of trend. 趋势的月数。", min=1, max=24)] = 6,
    to: Annotated[
        Path | None,
        typer.Option(
            help="Write the page instead: .html or .pdf; without a department a folder for the pages of all. 改为写成页面：.html 或 .pdf；不写部门则为存放全部页面的文件夹。",
            metavar="<file>",
        ),
    ] = None,
) -> int:
    """Rank-free: about one department's feeds alone; values of persons are shown as their shape."""
    from cabin.scored import Span, tell_card, tell_departments, write_card, write_cards

    session: Session = ctx.obj
    span = Span(month, months)
    if department is None:
        tell_departments(session, span) if to is None else write_cards(session, span, to)
    elif to is None:
        tell_card(session, department, span)
    else:
        write_card(session, department, span, to)
    return 0
