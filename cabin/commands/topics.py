"""`cabin topics`: the declared topics against those of the broker. Creates what is missing; what differs is reported, never altered. What was derived can be made anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from cabin.session import Session

if TYPE_CHECKING:
    from streams.log.topics import Plan


def group(lang: str) -> typer.Typer:
    """The subcommands, summaries in one language."""
    app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    texts = {
        "plan": ("Show what the broker lacks and what differs; change nothing.", "查看消息代理缺少哪些主题、哪些设置不同；不作更改。"),
        "apply": ("Create the topics that are missing.", "创建缺少的主题。"),
        "renew": (
            "Take away what was derived, so that it is derived anew from the raw topics.",
            "清除派生数据，以便从原始主题重新派生。",
        ),
        "check": ("Exit code 1 where anything is missing or differs.", "有缺少或不同时退出码为 1。"),
    }
    for name, function in (("plan", plan), ("apply", apply), ("renew", renew), ("check", check)):
        app.command(name, help=texts[name][lang == "zh"])(function)
    return app


def plan(ctx: typer.Context) -> int:
    """A row per missing topic and per differing setting."""
    from cabin.brokers import planned

    session: Session = ctx.obj
    _tell(session, planned(session))
    return 0


def apply(ctx: typer.Context) -> int:
    """Exit code 1 where settings differ: only a person may decide over those, because altering a topic can lose what it holds."""
    from cabin.brokers import applied

    session: Session = ctx.obj
    created, left = applied(session)
    session.out.say(f"created {len(created)} topics", f"已创建 {len(created)} 个主题", created=[topic.name for topic in created])
    return _tell(session, left)


def renew(ctx: typer.Context) -> int:
    """Where claims are missing or damaged. Workers that run notice and begin anew by themselves; `cabin run` does it otherwise."""
    from cabin.brokers import renewed

    session: Session = ctx.obj
    renewed(session)
    session.out.say(
        "what was derived is gone; workers, or `cabin run`, derive it anew from the raw topics",
        "派生数据已清除；工作进程或 `cabin run` 将从原始主题重新派生",
    )
    return 0


def check(ctx: typer.Context) -> int:
    """For monitors."""
    from cabin.brokers import planned

    session: Session = ctx.obj
    return _tell(session, planned(session))


def _tell(session: Session, found: Plan) -> int:
    text = session.out.text
    rows = [(topic.name, text("missing", "缺少"), "", "") for topic in found.missing]
    rows += [(each.topic, each.setting, each.declared, each.held) for each in found.differences]
    rows += [(name, text("not declared", "未声明"), "", "") for name in found.undeclared]
    columns = {"topic": ("topic", "主题"), "setting": ("setting", "设置"), "declared": ("declared", "声明值"), "held": ("held", "现有值")}
    session.out.table("topics", columns, rows)
    fine = not found.missing and not found.differences
    session.out.say(
        "every topic is as declared" if fine else f"{len(found.missing)} topics missing, {len(found.differences)} settings differ",
        "所有主题与声明一致" if fine else f"缺少 {len(found.missing)} 个主题，{len(found.differences)} 项设置不同",
        fine=fine,
    )
    return 0 if fine else 1
