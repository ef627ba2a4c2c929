"""`cabin access`: the ledger of revealed values."""

from __future__ import annotations

from typing import Annotated

import typer

from cabin.session import Session


def command(
    ctx: typer.Context,
    viewer: Annotated[str, typer.Option(help="Only what this person looked at. 查看人")] = "",
    entity: Annotated[str, typer.Option(help="Only who looked at this entity. 要素编号")] = "",
    limit: Annotated[int, typer.Option(help="At most so many, newest first. 上限", min=1)] = 50,
) -> int:
    """Who looked at which value, why and when; the ledger never holds the value."""
    from cabin.ledger import accesses

    session: Session = ctx.obj
    wanted = {"viewer": viewer, "entity": entity}
    rows = [each for each in accesses(session.log) if all(not value or each[name] == value for name, value in wanted.items())]
    columns = {
        "recorded_at": ("when", "时间"),
        "viewer": ("who", "查看人"),
        "kind": ("kind", "类别"),
        "entity": ("id", "编号"),
        "attribute": ("attribute", "属性"),
        "purpose": ("why", "目的"),
    }
    session.out.table("accesses", columns, [[each[name] for name in columns] for each in rows[::-1][:limit]])
    return 0
