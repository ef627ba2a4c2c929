"""`cabin broker`: a broker on this machine for development and tests, without containers."""

from __future__ import annotations

import typer

from cabin.session import Session


def group(lang: str) -> typer.Typer:
    """The subcommands, summaries in one language."""
    app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    texts = {
        "start": ("Fetch Apache Kafka, run it on loopback and wait until it answers.", "获取 Kafka，在本机回环地址运行并等待其应答。"),
        "stop": ("End it; its data stay.", "停止；数据保留。"),
        "status": ("Tell whether it runs and where.", "查看是否在运行及其地址。"),
    }
    for name, function in (("start", start), ("stop", stop), ("status", status)):
        app.command(name, help=texts[name][lang == "zh"])(function)
    return app


def start(ctx: typer.Context) -> int:
    """Says where it listens, for `CABIN_BROKERS`."""
    session: Session = ctx.obj
    broker = session.broker
    begun = broker.start()
    session.out.say(
        f"the broker {'answers' if begun else 'was running already'} at {broker.address}; set CABIN_BROKERS={broker.address} to work on it",
        f"消息代理{'已启动' if begun else '此前已在运行'}：{broker.address}；设置 CABIN_BROKERS={broker.address} 即可使用",
        address=broker.address,
        started=begun,
    )
    return 0


def stop(ctx: typer.Context) -> int:
    """Ends in order, killed after half a minute."""
    session: Session = ctx.obj
    ended = session.broker.stop()
    session.out.say("the broker has ended" if ended else "no broker was running", "消息代理已停止" if ended else "没有运行中的消息代理", stopped=ended)
    return 0


def status(ctx: typer.Context) -> int:
    """Exit code 0 where it answers, 3 where it does not."""
    session: Session = ctx.obj
    broker = session.broker
    answers = broker.answers()
    session.out.say(
        f"the broker {'answers' if answers else 'does not answer'} at {broker.address}",
        f"消息代理{'正常应答' if answers else '无应答'}：{broker.address}",
        address=broker.address,
        answers=answers,
    )
    return 0 if answers else 3
