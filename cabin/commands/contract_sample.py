"""`cabin contract infer` and `cabin contract test`: from a sample to a contract, and a sample tried under one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cabin.session import Session


def infer(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="A sample as the department delivers it: CSV, XLSX, JSON lines. 部门交付的样例文件", metavar="<file>")],
    to: Annotated[Path | None, typer.Option(help="Write the draft into this new file. 将草稿写入该新文件。", metavar="<file>")] = None,
    feed: Annotated[str, typer.Option(help="What the feed is to be called. 数据源的名称。", metavar="<name>")] = "",
    label: Annotated[str, typer.Option(help="Its label in Chinese. 中文标签。", metavar="<words>")] = "",
    label_en: Annotated[str, typer.Option(help="Its label in English. 英文标签。", metavar="<words>")] = "",
    department: Annotated[str, typer.Option(help="The department that delivers it, in Chinese. 交付部门的中文名称。", metavar="<words>")] = "",
    department_en: Annotated[str, typer.Option(help="The department in English. 交付部门的英文名称。", metavar="<words>")] = "",
    purpose: Annotated[
        str, typer.Option(help="What all columns are processed for, a code of the list purpose. 全部列的处理目的（代码表中的代码）。", metavar="<code>")
    ] = "",
    codes: Annotated[
        list[str] | None,
        typer.Option(
            help="A header whose values are codes that may be written into the draft; may be given again. 取值为代码、可写入草稿的列，可重复。",
            metavar="<header>",
        ),
    ] = None,
) -> int:
    from cabin.drafting import infer as draft
    from contracts.drafting.model import Told
    from contracts.model import Label

    session: Session = ctx.obj
    told = Told(feed, Label(label, label_en), Label(department, department_en), purpose, tuple(codes or ()))
    return draft(session, file, told, to)


def try_sample(
    ctx: typer.Context,
    contract: Annotated[Path, typer.Argument(help="The contract's file. 契约文件", metavar="<file>")],
    sample: Annotated[Path, typer.Argument(help="A sample as the department delivers it. 部门交付的样例文件", metavar="<file>")],
    limit: Annotated[int, typer.Option(help="Show at most so many rows; all are counted. 最多显示的行数；全部计入合计。", min=1)] = 50,
) -> int:
    from cabin.problems import tell_problems
    from cabin.tried import contracts_with, tried
    from cabin.tried_told import tell
    from contracts.check import check
    from streams.errors import FileMissing

    session: Session = ctx.obj
    for file in (contract, sample):
        if not file.is_file():
            raise FileMissing(file=file.name)
    problems = check((contract,))
    tell_problems(session, problems)
    return 1 if problems else tell(session, tried(*contracts_with(session.data, contract), sample), limit)
