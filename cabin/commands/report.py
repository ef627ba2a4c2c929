"""`cabin report`: one page for a grid."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def command(
    ctx: typer.Context,
    grid: Annotated[str, typer.Argument(help="Its code, as in `visit_plan` and `coverage`. 网格编码，与 `visit_plan`、`coverage` 中一致。")],
    to: Annotated[Path | None, typer.Option(help="Write a page instead: .html or .pdf. 改为写成页面：.html 或 .pdf。", metavar="<file>")] = None,
    most: Annotated[int, typer.Option(help="So many dwellings of the worklist. 走访清单的房屋数。", min=1, max=200)] = 15,
    weeks: Annotated[int, typer.Option(help="So many weeks of the trend. 趋势的周数。", min=1, max=104)] = 26,
) -> int:
    """From the published snapshot; names are surname and stars, as in all marts."""
    from cabin.reported import report
    from warehouse.report import Span

    report(ctx.obj, grid, Span(most, weeks), to)
    return 0
