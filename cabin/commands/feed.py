"""`cabin feed`: list and show feeds; withdraw, restore and recall are facts on the log and reversible."""

from __future__ import annotations

from typing import Annotated

import typer

from cabin.session import Session

Reason = Annotated[str, typer.Option(help="Why; kept with the decision. 原因，随决定保存。")]
Undo = Annotated[bool, typer.Option("--undo", help="Take the recall back. 撤销召回。")]
Name = Annotated[str, typer.Argument(help="The feed, e.g. ps_resident. 数据源名称，如 ps_resident。")]


def group(lang: str) -> typer.Typer:
    """The subcommands, summaries in one language."""
    app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    texts = {
        "list": ("List feeds with their rows and whether they count.", "列出数据源、行数及是否计入。"),
        "show": ("Show a feed's deliveries.", "查看某数据源的批次。"),
        "withdraw": ("Let nothing a feed says count, until it is restored.", "撤下某数据源的全部内容，直到恢复。"),
        "restore": ("Let a withdrawn feed count again.", "恢复已撤下的数据源。"),
        "recall": ("Let one delivery count as never made.", "召回一个批次。"),
    }
    for name, function in (("list", list_feeds), ("show", show), ("withdraw", withdraw), ("restore", restore), ("recall", recall)):
        app.command(name, help=texts[name][lang == "zh"])(function)
    return app


def list_feeds(ctx: typer.Context) -> int:
    from cabin.ledger import counts, switched_off

    session: Session = ctx.obj
    known = {count.feed: count for count in counts(session.log)}
    off = switched_off(session.log)
    lang = session.settings.lang
    columns = {
        "feed": ("feed", "数据源"),
        "label": ("label", "名称"),
        "department": ("department", "部门"),
        "deliveries": ("deliveries", "批次"),
        "landed": ("rows landed", "已接收行"),
        "counts": ("counts", "是否计入"),
    }
    rows = []
    for feed in session.contracts.feeds.values():
        count = known.get(feed.name)
        state = session.out.text("withdrawn", "已撤下") if feed.name in off else session.out.text("yes", "是")
        rows.append((feed.name, feed.label.get(lang), feed.department.get(lang), count.deliveries if count else 0, count.landed if count else 0, state))
    session.out.table("feeds", columns, rows)
    return 0


def show(ctx: typer.Context, feed: Name) -> int:
    from cabin.ledger import closings, switched_off
    from contracts.dictionary_parts import MODES
    from streams.landing import feed_named

    session: Session = ctx.obj
    feed_named(session.contracts, feed)
    off = switched_off(session.log)
    columns = {
        "delivery": ("delivery", "批次"),
        "mode": ("mode", "方式"),
        "moment": ("moment", "时点"),
        "area": ("area", "区划"),
        "delivered": ("delivered", "送达"),
        "refused": ("refused", "拒收"),
        "reduced": ("reduced", "缩减"),
        "layout": ("layout rows", "版式行"),
        "landed": ("landed", "接收"),
        "wrong_totals": ("wrong totals", "合计不符"),
        "recorded_at": ("recorded at", "接收时间"),
        "recalled": ("recalled", "已召回"),
    }
    names = list(columns)[:-1]
    rows = [
        [*(session.out.named(MODES, closed.get(name)) if name == "mode" else closed.get(name) for name in names), session.out.flag(closed["delivery"] in off)]
        for closed in closings(session.log)
        if closed["source"] == feed
    ]
    session.out.table("deliveries", columns, rows)
    return 0


def withdraw(ctx: typer.Context, feed: Name, reason: Reason) -> int:
    return _switch_feed(ctx.obj, feed, True, reason)


def restore(ctx: typer.Context, feed: Name, reason: Reason) -> int:
    return _switch_feed(ctx.obj, feed, False, reason)


def recall(ctx: typer.Context, delivery: Annotated[str, typer.Argument(help="The delivery's id. 批次号。")], reason: Reason, undo: Undo = False) -> int:
    from cabin.errors import NotFound
    from cabin.ledger import closings
    from contracts.model import Label

    session: Session = ctx.obj
    feed = next((closed["source"] for closed in closings(session.log) if closed["delivery"] == delivery), None)
    if feed is None:
        raise NotFound(what=Label("批次", "delivery"), look="cabin feed show FEED")
    return _decide(session, feed, {"switch": "recall", "target": delivery, "on": not undo, "reason": reason})


def _switch_feed(session: Session, feed: str, on: bool, reason: str) -> int:
    from streams.landing import feed_named

    feed_named(session.contracts, feed)
    return _decide(session, feed, {"switch": "withdraw", "target": feed, "on": on, "reason": reason})


def _decide(session: Session, feed: str, fact: dict[str, object]) -> int:
    from cabin.clock import BeijingClock
    from cabin.ledger import decide, switched_off

    if (fact["target"] in switched_off(session.log)) == fact["on"]:
        session.out.say("this is so already; nothing was written", "现状即如此，未写入任何内容", decision=None)
        return 0
    whole = decide(session.log, BeijingClock(), feed, {**fact, "actor": session.settings.actor})
    session.out.say("the decision is on the log; `cabin run` applies it", "决定已写入日志；执行 `cabin run` 后生效", decision=whole)
    return 0
