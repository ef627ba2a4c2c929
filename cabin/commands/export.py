"""`cabin export`: golden records for subscribers, to load before they follow the topic."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cabin.session import Session


def group(lang: str) -> typer.Typer:
    """The subcommands, summaries in one language."""
    app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    app.callback()(lambda: None)  # a group of one command keeps its name
    text = (
        "Write the last record of every entity of a kind, and the positions to follow its topic from.",
        "写出某类别每个要素的最新记录，以及跟随其主题的起始位置。",
    )
    app.command("entity", help=text[lang == "zh"])(entity)
    return app


def entity(
    ctx: typer.Context,
    kind: Annotated[str, typer.Argument(help="person, dwelling, residency, business, venue, thing, event, place or industry. 类别")],
    to: Annotated[Path, typer.Option(help="Where to write. 输出目录")],
) -> int:
    """Only of a cabin on a broker: the topic is what is exported."""
    from cabin.clock import BeijingClock
    from cabin.exported import export_entities

    session: Session = ctx.obj
    brokers = session.settings.named_brokers.addresses
    if kind not in session.contracts.kinds:
        from cabin.errors import NotFound
        from contracts.model import Label

        raise NotFound(what=Label("类别", "kind"), look="cabin contract list")
    done = export_entities(brokers, kind, to, BeijingClock().now())
    session.out.say(
        f"wrote {done.entities} records to {to / done.file}; follow the topic from {to / 'positions.json'}",
        f"已将 {done.entities} 条记录写入 {to / done.file}；请从 {to / 'positions.json'} 中的位置跟随主题",
        file=str(to / done.file),
        entities=done.entities,
        positions={str(number): end for number, end in done.positions.items()},
    )
    return 0
