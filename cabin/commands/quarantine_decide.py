"""`cabin quarantine reject`, `undo` and `history`: decisions over quarantined rows, who took them, when and why."""

from __future__ import annotations

from typing import Annotated

import typer

from cabin.commands.quarantine_fix import Column, Delivery, Feed, Reason, Row, Shape, Why, tell_others
from cabin.session import Session


def reject(
    ctx: typer.Context,
    delivery: Delivery = None,
    row: Row = None,
    feed: Feed = None,
    broken: Reason = None,
    column: Column = None,
    shape: Shape = None,
    reason: Why = "",
) -> int:
    """The rows stay on the log and in the account, as rejected."""
    from cabin.desk import desk_of
    from cabin.quarantined import checked_reason
    from quality.desk.decide import rejected
    from quality.desk.pattern import Pattern
    from quality.desk.work import taken

    session: Session = ctx.obj
    checked_reason(session, broken)
    desk = desk_of(session)
    step = rejected(desk, Pattern(delivery, row, feed, broken, column, shape), reason)
    rows = taken(desk, step)
    session.out.say(f"rejected {rows:,} rows as step {step.step}", f"已驳回 {rows:,} 行（步骤 {step.step}）", step=step.step, rejected=rows)
    tell_others(session, step.count - rows)
    return 0


def undo(ctx: typer.Context, step: Annotated[str, typer.Argument(help="The step. 步骤编号。")], reason: Why = "") -> int:
    """A rejection or a planned fix; what was redriven is on the log for good."""
    from cabin.desk import desk_of
    from quality.desk.decide import undone

    session: Session = ctx.obj
    made = undone(desk_of(session), step, reason)
    session.out.say(f"step {step} is undone; its rows are open again", f"步骤 {step} 已撤销，其各行恢复为未处理", step=made.step, undone=step)
    return 0


def history(ctx: typer.Context, limit: Annotated[int, typer.Option(help="At most so many, newest first. 上限，最新在前。", min=1)] = 50) -> int:
    """Every step at the desk: who, when, why, over how many rows."""
    from contracts.desk import KIND_LABELS, STEP_STATES
    from quality.desk import ask
    from quality.desk.index import opened

    session: Session = ctx.obj
    with opened(session.data / "desk", session.log) as con:
        steps = ask.history(con, limit)
    columns = {
        "recorded_at": ("when", "时间"),
        "step": ("step", "步骤"),
        "kind": ("kind", "操作"),
        "of": ("of", "针对"),
        "feed": ("feed", "数据源"),
        "rows": ("rows", "行数"),
        "state": ("state", "状态"),
        "actor": ("who", "操作人"),
        "reason": ("why", "原因"),
        "pattern": ("pattern", "范围"),
        "fix": ("fix", "修复"),
    }
    named = {"kind": KIND_LABELS, "state": STEP_STATES}
    session.out.table("steps", columns, [[session.out.named(named.get(name, {}), each[name]) for name in columns] for each in steps])
    return 0
