"""`cabin demo`: the whole job on an invented district."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cabin.session import Session


def command(
    ctx: typer.Context,
    people: Annotated[int, typer.Option(help="How many people live in the invented district. 示范区的人口数。", min=1_000)] = 20_000,
    folder: Annotated[Path, typer.Option(help="Where deliveries, truth and data go. 批次、真值和数据所在的目录。")] = Path("demo"),
    seed: Annotated[int, typer.Option(help="The same seed makes the same district. 随机种子；种子相同则示范区相同。")] = 7,
) -> int:
    """Generates, lands, runs and tells how right each department and the golden records are."""
    from cabin.demonstration import Demonstration

    session: Session = ctx.obj
    return Demonstration(session, folder, people, seed).run()
