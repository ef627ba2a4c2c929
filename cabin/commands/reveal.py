"""`cabin reveal`: one masked value in full, for a purpose that is recorded."""

from __future__ import annotations

from typing import Annotated

import typer

from cabin.session import Session


def command(
    ctx: typer.Context,
    kind: Annotated[str, typer.Argument(help="The entity's kind. 类别")],
    entity: Annotated[str, typer.Argument(help="The entity's id. 编号")],
    attribute: Annotated[str, typer.Argument(help="The attribute, or `number` for a person's identity number. 属性")],
    purpose: Annotated[str, typer.Option(help="Why you need it; kept in the ledger. 目的")] = "",
) -> int:
    """The ledger entry is on the log before the value is shown."""
    from cabin.clock import BeijingClock
    from cabin.errors import PurposeMissing
    from cabin.ledger import record_access
    from cabin.revealed import value_of

    session: Session = ctx.obj
    if not purpose.strip():
        raise PurposeMissing()
    value = value_of(session, kind, entity, attribute)
    record_access(
        session.log, BeijingClock(), {"viewer": session.settings.actor, "kind": kind, "entity": entity, "attribute": attribute, "purpose": purpose.strip()}
    )
    session.out.say(value, value, value=value)
    return 0
