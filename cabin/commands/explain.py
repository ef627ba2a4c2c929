"""`cabin explain`: why an entity's values are what they are."""

from __future__ import annotations

from typing import Annotated

import typer

from cabin.session import Session


def command(
    ctx: typer.Context,
    kind: Annotated[str, typer.Argument(help="person, dwelling, residency, business, venue, thing, event, place or industry. 类别")],
    entity: Annotated[str, typer.Argument(help="The entity's id, as `cabin find` shows it. 编号")],
) -> int:
    """Every attribute: value, status, the rule that chose it, who says what and when, the origins, what would change it."""
    from cabin.explained import tell
    from warehouse.explain import explain

    session: Session = ctx.obj
    tell(session, explain(session.data / "published", session.contracts, kind, entity))
    return 0
