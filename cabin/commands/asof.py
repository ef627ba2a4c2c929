"""`cabin asof`: what was believed at a time, about a time."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cabin.session import Session


def command(
    ctx: typer.Context,
    kind: Annotated[str, typer.Argument(help="person, dwelling, residency, business, venue, thing, event, place or industry. 类别")] = "",
    entity: Annotated[str, typer.Argument(help="One entity's id; without it all of the kind. 编号；不写则为该类别全部。")] = "",
    observed: Annotated[str | None, typer.Option(help="About when: a date (its end) or a moment. 所述时点：日期（取当日结束）或时刻。")] = None,
    recorded: Annotated[str | None, typer.Option(help="As known when: a date (its end) or a moment. 知悉时点：日期（取当日结束）或时刻。")] = None,
    released_at: Annotated[
        str | None,
        typer.Option(help="Under the contracts in force when; without it those of now. 采用何时生效的契约：日期（取当日结束）或时刻；不写则用现行契约。"),
    ] = None,
    marts: Annotated[
        Path | None, typer.Option(help="Write all marts as of then into this new DuckDB file. 把当时的全部数据集市写入这个新的 DuckDB 文件。", metavar="<file>")
    ] = None,
    limit: Annotated[int, typer.Option(help="At most so many entities; 0: all. 实体数上限；0 表示全部。", min=0)] = 1000,
) -> int:
    """Answers from history (`cabin history load`), under the contracts of now unless --released-at names a moment since which `cabin run` or `cabin loader` recorded them."""
    from cabin.believed import Asked, tell_entity, tell_kind, write_marts
    from cabin.errors import KindNeeded, OneQuestion
    from cabin.remembered import cut_of, moment_of

    session: Session = ctx.obj
    asked = Asked(cut_of(observed, recorded), moment_of(released_at))
    if marts is not None:
        if kind:
            raise OneQuestion()
        return write_marts(session, asked, marts)
    if not kind:
        raise KindNeeded()
    return tell_entity(session, asked, kind, entity) if entity else tell_kind(session, asked, kind, limit or None)
