"""`cabin export`: marts and history for other engines; golden records for subscribers, to load before they follow the topic."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cabin.session import Session


def group(lang: str) -> typer.Typer:
    """The command itself exports marts and history; `entity` is for subscribers, summaries in one language."""
    app = typer.Typer(invoke_without_command=True, rich_markup_mode=None, callback=tables)
    text = (
        "Write the last record of every entity of a kind, and the positions to follow its topic from.",
        "写出某类别每个要素的最新记录，以及跟随其主题的起始位置。",
    )
    app.command("entity", help=text[lang == "zh"])(entity)
    return app


def tables(
    ctx: typer.Context,
    to: Annotated[
        Path | None,
        typer.Option(help="Where exports go; without it into the data folder's `export`. 导出目录；不写则为数据目录中的 `export`。", metavar="<folder>"),
    ] = None,
    every: Annotated[
        str | None, typer.Option(help="Go on at this interval until stopped: 15m, 1h, 1d. 按此间隔持续导出直到停止：15m、1h、1d。", metavar="<interval>")
    ] = None,
    kept: Annotated[int, typer.Option(help="So many exports stay for those who still read them. 保留的导出个数，供仍在读取者使用。", min=1)] = 2,
    history: Annotated[bool, typer.Option(help="With history, which holds personal values in clear. 是否包含历史；历史含个人信息明文。")] = True,
    purpose: Annotated[str, typer.Option(help="Why; kept in the access ledger. 目的，记入查阅台账。")] = "export",
) -> int:
    """What is published now, all of it or nothing."""
    if ctx.invoked_subcommand is not None:
        return 0
    from cabin.exporting import Wanted, export_every, export_once

    wanted = Wanted(to, history, kept, purpose.strip() or "export")
    return export_once(ctx.obj, wanted) if every is None else export_every(ctx.obj, wanted, every)


def entity(
    ctx: typer.Context,
    kind: Annotated[str, typer.Argument(help="person, dwelling, residency, business, venue, thing, event, place or industry. 类别")],
    to: Annotated[Path, typer.Option(help="Where to write. 输出目录")],
    purpose: Annotated[str, typer.Option(help="Why; kept in the access ledger. 目的，记入查阅台账。")] = "export",
) -> int:
    """Only of a cabin on a broker: the topic is what is exported."""
    from cabin.accessed import export_entry
    from cabin.clock import BeijingClock
    from cabin.exported import export_entities
    from cabin.ledger import record_access

    session: Session = ctx.obj
    brokers = session.settings.named_brokers.addresses
    if kind not in session.contracts.kinds:
        from cabin.errors import NotFound
        from contracts.model import Label

        raise NotFound(what=Label("类别", "kind"), look="cabin contract list")
    done = export_entities(brokers, kind, to, BeijingClock().now())
    record_access(session.log, BeijingClock(), export_entry(session.settings.actor, purpose.strip() or "export", kind, done.entities))
    session.out.say(
        f"wrote {done.entities} records to {to / done.file}; follow the topic from {to / 'positions.json'}",
        f"已将 {done.entities} 条记录写入 {to / done.file}；请从 {to / 'positions.json'} 中的位置跟随主题",
        file=str(to / done.file),
        entities=done.entities,
        positions={str(number): end for number, end in done.positions.items()},
    )
    return 0
