"""`cabin quarantine`: rows that broke an error rule, with reasons, what soft rules flagged, and what is done about them; personal cells stay sealed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Annotated

import typer

from cabin.commands.quarantine_decide import history, reject, undo
from cabin.commands.quarantine_fix import Column, Delivery, Feed, Reason, Shape, fix, redrive
from cabin.commands.quarantine_return import return_rows, reveal
from cabin.session import Session
from contracts.model import Label

State = Annotated[str, typer.Option(help="open, redriven, rejected or all. 状态：open 未处理、redriven 已重投、rejected 已驳回、all 全部。", metavar="<state>")]
STATES = ("open", "redriven", "rejected", "all")
FACETS = {
    "feed": Label("数据源", "feed"),
    "department": Label("部门", "department"),
    "reason": Label("原因", "reason"),
    "column": Label("列", "column"),
    "shape": Label("形态", "shape"),
    "age": Label("时长（天）", "age, days"),
}


def group(lang: str) -> typer.Typer:
    """The subcommands, summaries in one language."""
    app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    texts = (
        (
            "counts",
            counts,
            "Count quarantined rows, or with --warnings flagged ones, by feed and reason.",
            "按数据源和原因统计隔离行；加 --warnings 统计提示。",
        ),
        ("list", list_rows, "List quarantined rows.", "列出隔离行。"),
        ("facets", facets, "Count rows by feed, department, reason, field, shape and age.", "按数据源、部门、原因、字段、形态和时长统计。"),
        ("trend", trend, "Count rows by the day or week they were set aside.", "按隔离的日或周统计。"),
        ("show", show, "Show one row: reason, the contract beside it, its plain cells.", "查看一行：原因、对照契约与非个人单元格。"),
        ("fix", fix, "Mend one row or all rows of a pattern: tried first, redriven with --go.", "修复一行或一类行：先试算，加 --go 重投。"),
        ("redrive", redrive, "Redrive a planned fix, or go on with interrupted ones.", "重投已计划的修复，或继续中断的重投。"),
        ("reject", reject, "Reject one row or all rows of a pattern, with a reason.", "说明原因后驳回一行或一类行。"),
        ("undo", undo, "Take a step back that was not redriven.", "撤销尚未重投的步骤。"),
        ("history", history, "List every step: who, when, why.", "列出每一步：谁、何时、为何。"),
        ("return", return_rows, "Write open rows as a workbook for their department.", "将未处理的行写成工作簿退回部门。"),
        ("reveal", reveal, "Show one sealed cell, for a purpose that is recorded.", "查看一个密封单元格；目的会被记录。"),
    )
    for name, function, en, zh in texts:
        app.command(name, help=zh if lang == "zh" else en)(function)
    return app


def counts(
    ctx: typer.Context,
    feed: Feed = None,
    warnings: Annotated[
        bool, typer.Option("--warnings", help="Count what soft rules say about accepted rows, and what was mended. 改为统计已采纳行的提示与修复。")
    ] = False,
) -> int:
    """Quarantined rows are counted as they came; `account` says what became of them since."""
    from cabin.ledger import counts as by_feed
    from contracts.reasons import meaning
    from quality.desk import ask
    from quality.desk.errors import DeskAccountBroken
    from quality.desk.index import opened

    session: Session = ctx.obj
    known, lang = session.contracts, session.settings.lang
    rows = [
        (count.feed, reason, rows, meaning(known, count.feed, reason, lang))
        for count in by_feed(session.log)
        if feed in (None, count.feed)
        for reason, rows in sorted((count.flags if warnings else count.reasons).items())
    ]
    counted = ("rows", "行数") if warnings else ("ever quarantined", "累计隔离")
    columns = {"feed": ("feed", "数据源"), "reason": ("reason", "原因"), "rows": counted, "meaning": ("meaning", "说明")}
    session.out.table("counts", columns, rows)
    if not warnings:
        with opened(session.data / "desk", session.log) as con:
            kept = [each for each in ask.accounts(con) if feed in (None, each.feed)]
        broken = [each.feed for each in kept if not each.holds]
        names = {"feed": ("feed", "数据源"), "ever": ("ever quarantined", "累计隔离"), "open": ("open", "未处理")}
        names |= {"redriven": ("redriven", "已重投"), "rejected": ("rejected", "已驳回")}
        session.out.line("", "")
        session.out.table("account", names, [[getattr(each, name) for name in names] for each in kept])
        if broken:
            raise DeskAccountBroken(feeds=", ".join(broken))
    return 0


def list_rows(
    ctx: typer.Context,
    feed: Feed = None,
    reason: Annotated[str | None, typer.Option(help="Only this reason. 仅限该原因。")] = None,
    column: Column = None,
    shape: Shape = None,
    delivery: Delivery = None,
    state: State = "open",
    limit: Annotated[int, typer.Option(help="At most so many rows. 行数上限。", min=1)] = 50,
) -> int:
    from cabin.quarantined import checked_feed, checked_reason, in_words
    from contracts.desk import ROW_STATES
    from quality.desk import ask
    from quality.desk.index import opened
    from quality.desk.pattern import Pattern

    session: Session = ctx.obj
    columns = {
        "feed": ("feed", "数据源"),
        "delivery": ("delivery", "批次"),
        "row": ("row", "行"),
        "reason": ("reason", "原因"),
        "column": ("column", "列"),
        "verdict": ("check", "校验"),
        "meaning": ("meaning", "说明"),
        "shape": ("shape", "形态"),
        "recorded_at": ("recorded at", "接收时间"),
        "state": ("state", "状态"),
        "step": ("step", "步骤"),
        "returned": ("returned", "已退回"),
    }
    checked_feed(session, feed)
    checked_reason(session, reason)
    with opened(session.data / "desk", session.log) as con:
        found = ask.listed(con, Pattern(delivery, None, feed, reason, column, shape), _state(state), limit)
    state_of = partial(session.out.named, ROW_STATES)
    named = [
        each
        | {
            "feed": each["source"],
            "state": state_of(each["state"]),
            "returned": session.out.flag(each["returned"]),
            "meaning": in_words(session.contracts, each, session.settings.lang),
        }
        for each in found
    ]
    session.out.table("rows", columns, [[each[name] for name in columns] for each in named])
    _tell_empty(session, found, state)
    return 0


def facets(ctx: typer.Context, feed: Feed = None, broken: Reason = None, column: Column = None, state: State = "open") -> int:
    """What there is most of, so that a pattern can be named."""
    from cabin.clock import BeijingClock
    from cabin.quarantined import checked_feed, checked_reason, facet_in_words
    from quality.desk import ask
    from quality.desk.index import opened
    from quality.desk.pattern import Pattern

    session: Session = ctx.obj
    lang = session.settings.lang
    departments = [(each.name, each.department.get(lang)) for each in session.contracts.feeds.values()]
    checked_feed(session, feed)
    checked_reason(session, broken)
    with opened(session.data / "desk", session.log) as con:
        found = ask.facets(con, Pattern(feed=feed, reason=broken, column=column), _state(state), BeijingClock().now(), departments)
    columns = {"facet": ("by", "分面"), "value": ("value", "取值"), "rows": ("rows", "行数"), "meaning": ("meaning", "说明")}
    told = [(session.out.named(FACETS, facet), value, rows, facet_in_words(session.contracts, facet, value, lang)) for facet, value, rows in found]
    session.out.table("facets", columns, told)
    _tell_empty(session, found, state)
    return 0


def trend(
    ctx: typer.Context,
    feed: Feed = None,
    broken: Reason = None,
    column: Column = None,
    weekly: Annotated[bool, typer.Option("--weekly", help="By week instead of by day. 按周而非按日。")] = False,
) -> int:
    """Rows by when they were first set aside, and what became of them."""
    from cabin.quarantined import checked_feed, checked_reason
    from quality.desk import ask
    from quality.desk.index import opened
    from quality.desk.pattern import Pattern

    session: Session = ctx.obj
    checked_feed(session, feed)
    checked_reason(session, broken)
    with opened(session.data / "desk", session.log) as con:
        found = ask.trend(con, Pattern(feed=feed, reason=broken, column=column), "week" if weekly else "day")
    columns = {"day": ("from", "起始日"), "ever": ("ever quarantined", "累计隔离"), "open": ("open", "未处理")}
    columns |= {"redriven": ("redriven", "已重投"), "rejected": ("rejected", "已驳回")}
    session.out.table("trend", columns, found)
    _tell_empty(session, found, "all")
    return 0


def show(
    ctx: typer.Context,
    delivery: Annotated[str, typer.Argument(help="The delivery's id. 批次号。")],
    row: Annotated[int, typer.Argument(help="The row's number. 行号。")],
) -> int:
    """Shapes say what a cell looks like: 9x18 is eighteen digits, 汉x3 three Chinese characters."""
    from cabin.showing import shown

    return shown(ctx.obj, delivery, row)


def _tell_empty(session: Session, found: Sequence[object], state: str) -> None:
    """Why an answer may be empty: everything decided over, nothing like this, or nothing landed that would be."""
    if found:
        return
    if state == "all":
        session.out.nothing(
            "No row was ever set aside like this; leave out --feed, --broken or --column to see what was.",
            "从未有此类隔离行；可去掉 --feed、--broken 或 --column 查看其他。",
        )
    else:
        session.out.nothing(
            "No row in quarantine is like this now; --state all counts those that were redriven or rejected, too.",
            "目前没有此类隔离行；可加 --state all，一并包括已重投和已驳回的行。",
        )


def _state(named: str) -> str | None:
    if named not in STATES:
        from cabin.errors import SettingUnusable

        raise SettingUnusable(name="--state", rule=", ".join(STATES))
    return None if named == "all" else named
