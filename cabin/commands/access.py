"""`cabin access`: the ledger of values looked at and tables taken out."""

from __future__ import annotations

from typing import Annotated

import typer

from cabin.session import Session


def command(
    ctx: typer.Context,
    viewer: Annotated[str, typer.Option(help="Only what this person looked at. 查看人")] = "",
    entity: Annotated[str, typer.Option(help="Only who looked at this entity. 要素编号")] = "",
    limit: Annotated[int, typer.Option(help="At most so many, newest first. 上限", min=1)] = 50,
    daily: Annotated[bool, typer.Option("--daily", help="Sums by person, purpose and day. 按查看人、目的和日期汇总")] = False,
) -> int:
    """Who looked at which value or took out which tables, why and when; the ledger never holds a value."""
    from cabin.accessed import by_day
    from cabin.ledger import accesses

    session: Session = ctx.obj
    wanted = {"viewer": viewer, "entity": entity}
    rows = [each for each in accesses(session.log) if all(not value or each[name] == value for name, value in wanted.items())]
    if daily:
        headings = {
            "day": ("day", "日期"),
            "viewer": ("who", "查看人"),
            "purpose": ("why", "目的"),
            "viewed": ("viewed", "查看"),
            "exported": ("exported", "导出"),
        }
        session.out.table("days", headings, [[getattr(each, name) for name in headings] for each in by_day(rows)[:limit]])
        return 0
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
