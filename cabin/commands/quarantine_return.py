"""`cabin quarantine return` and `reveal`: quarantined rows back to their department, and one sealed cell for a recorded purpose."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cabin.session import Session

Purpose = Annotated[str, typer.Option(help="Why personal cells are needed; kept in the ledger. 需要个人单元格的目的，记入台账。")]


def return_rows(
    ctx: typer.Context,
    to: Annotated[
        str, typer.Argument(help="A feed, or a department of which all feeds are meant. 数据源，或部门（含其全部数据源）。", metavar="FEED|DEPARTMENT")
    ],
    file: Annotated[
        Path, typer.Option("--to", help="The workbook; of several feeds each gets its name besides. 工作簿；多个数据源时各自附加名称。", metavar="<file>")
    ],
    purpose: Purpose = "",
    limit: Annotated[int, typer.Option(help="At most so many rows a feed. 每个数据源的行数上限。", min=1)] = 100_000,
) -> int:
    """The department's own layout and a column that says what is wrong; personal cells are blank without a purpose."""
    from cabin.returning import returned_feeds

    session: Session = ctx.obj
    written = returned_feeds(session, to, file, purpose.strip(), limit)
    if not written:
        session.out.say("nothing is open there", "该处没有未处理的隔离行", returned=[])
        return 0
    for each in written:
        session.out.line(f"{each['file']}: {each['rows']:,} rows of {each['feed']}", f"{each['file']}：{each['feed']} {each['rows']:,} 行")
    session.out.document["returned"] = written
    return 0


def reveal(
    ctx: typer.Context,
    delivery: Annotated[str, typer.Argument(help="The delivery's id. 批次号。")],
    row: Annotated[int, typer.Argument(help="The row's number. 行号。")],
    column: Annotated[str, typer.Argument(help="The column. 列。")],
    purpose: Purpose = "",
) -> int:
    """The ledger entry is on the log before the cell is shown."""
    from cabin.returning import revealed_cell

    session: Session = ctx.obj
    value = revealed_cell(session, delivery, row, column, purpose.strip())
    session.out.say(value, value, value=value)
    return 0
