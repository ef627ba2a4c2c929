"""`cabin sql`: a question to the published snapshot."""

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
    query: Annotated[str, typer.Argument(help="One SELECT statement; `-` reads it from standard input. 一条 SELECT 语句；写 `-` 则从标准输入读取。")],
    form: Annotated[Form, typer.Option("--format", help="How the answer is written. 输出格式。")] = Form.TABLE,
    output: Annotated[Path | None, typer.Option(help="The file to write; needed for parquet. 输出文件；输出 parquet 时必填。")] = None,
    limit: Annotated[int, typer.Option(help="At most so many rows; 0: all. 行数上限；0 表示全部。", min=0)] = 1000,
) -> int:
    """Never meets the writer: the snapshot is a file of its own that nobody changes."""
    from cabin.errors import OutputNeeded
    from warehouse.query import run_sql, written

    session: Session = ctx.obj
    if form is Form.PARQUET and output is None:
        raise OutputNeeded()
    text = sys.stdin.read() if query == "-" else query
    answer = run_sql(session.data / "published", text, limit=limit or None, memory_mb=session.settings.memory_mb // 2)
    if output is None and (form is Form.TABLE or session.out.as_json):
        names = answer.table.schema.names
        session.out.table("rows", {name: (name, name) for name in names}, zip(*(column.to_pylist() for column in answer.table.columns), strict=True))
    elif output is None:
        sys.stdout.write(written(answer.table, "csv" if form is Form.CSV else "json").decode())
    else:
        chosen = {".parquet": Form.PARQUET, ".json": Form.JSON}.get(output.suffix, Form.CSV) if form is Form.TABLE else form
        output.write_bytes(written(answer.table, "parquet" if chosen is Form.PARQUET else "json" if chosen is Form.JSON else "csv"))
        session.out.say(
            f"wrote {answer.table.num_rows:,} rows to {output}", f"已写入 {answer.table.num_rows:,} 行到 {output}", rows_written=answer.table.num_rows
        )
    if answer.cut:
        session.out.progress(f"only the first {limit:,} rows; --limit 0 gives all", f"仅显示前 {limit:,} 行；--limit 0 显示全部")
        session.out.document["cut"] = True
    return 0
