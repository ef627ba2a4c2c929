"""`cabin find`: entities by part of a name or address; by number only from a prompt."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from cabin.session import Session


def command(
    ctx: typer.Context,
    text: Annotated[str, typer.Argument(help="Part of a name, an address or a business name. 姓名、地址或企业名称的一部分。")] = "",
    number: Annotated[bool, typer.Option("--number", help="Ask for an identity number at a prompt. 在提示符处输入身份号码。")] = False,
    limit: Annotated[int, typer.Option(help="At most so many of each kind. 每类最多显示的个数。", min=1)] = 20,
) -> int:
    """A number typed on the command line would stay in the shell's history, so it is refused there."""
    from cabin.found import by_number, by_text, titled

    session: Session = ctx.obj
    answer = by_number(session, _asked(session), limit) if number else by_text(session, text, limit)
    kinds = {kind.name: kind.label for kind in session.contracts.kinds.values()}
    columns = {"kind": ("kind", "类别"), "entity": ("id", "编号"), "label": ("label", "名称"), "area": ("area", "区划")}
    session.out.table("found", columns, [(session.out.named(kinds, each.kind), each.entity, titled(session, each), each.area) for each in answer.found])
    if answer.cut:
        session.out.progress(f"only the first {limit:,} of a kind; --limit shows more", f"每类仅显示前 {limit:,} 个；可用 --limit 增加")
        session.out.document["cut"] = True
    if not answer.found:
        session.out.nothing(
            "Try fewer words or another part of the name or address; what landed since the last `cabin run` is not published yet.",
            "请减少词语或换用名称、地址的其他部分；上次 `cabin run` 之后接收的内容尚未发布。",
        )
    return 0 if answer.found else 1


def _asked(session: Session) -> str:
    from getpass import getpass

    from cabin.errors import NotInteractive

    if not sys.stdin.isatty():
        raise NotInteractive()
    return getpass(session.out.text("identity number (not shown): ", "身份号码（不显示）："))
