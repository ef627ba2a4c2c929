"""`cabin sql`: a question to the published snapshot, typed or saved."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cabin.session import Session


class Form(StrEnum):
    """How the answer is written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


def command(
    ctx: typer.Context,
    query: Annotated[
        str | None, typer.Argument(help="One SELECT statement; `-` reads it from standard input. 一条 SELECT 语句；写 `-` 则从标准输入读取。")
    ] = None,
    saved: Annotated[str | None, typer.Option(help="A saved query instead. 改用已存查询。", metavar="<name>")] = None,
    values: Annotated[
        list[str] | None, typer.Option("--with", help="A value for a saved query; may be given again. 已存查询的参数值，可重复给出。", metavar="<name=value>")
    ] = None,
    listing: Annotated[bool, typer.Option("--list", help="List saved queries. 列出已存查询。")] = False,
    show: Annotated[bool, typer.Option("--show", help="Show the saved query instead of asking it. 只查看该已存查询，不执行。")] = False,
    form: Annotated[Form, typer.Option("--format", help="How the answer is written. 输出格式。")] = Form.TABLE,
    output: Annotated[Path | None, typer.Option(help="The file to write; needed for parquet. 输出文件；输出 parquet 时必填。")] = None,
    limit: Annotated[int, typer.Option(help="At most so many rows; 0: all. 行数上限；0 表示全部。", min=0)] = 1000,
) -> int:
    """Never meets the writer: the snapshot is a file of its own that nobody changes. A process of its own answers, with bounded time and memory."""
    from cabin.asked import Wanted, answer, tell_query, tell_saved

    session: Session = ctx.obj
    if listing:
        tell_saved(session)
    elif saved is not None and show:
        tell_query(session, saved)
    else:
        text = sys.stdin.read() if query == "-" else query
        answer(session, Wanted(text, saved, tuple(values or ()), str(form), output, limit or None))
    return 0
