"""`cabin quarantine fix` and `redrive`: rows of a pattern are mended and go through the normal path again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cabin.session import Session

if TYPE_CHECKING:
    from quality.desk.work import Trial

Feed = Annotated[str | None, typer.Option(help="Only this feed. 仅限该数据源。")]
Reason = Annotated[str | None, typer.Option("--broken", help="Only rows set aside for this reason. 仅限因该原因隔离的行。", metavar="<reason>")]
Column = Annotated[str | None, typer.Option(help="Only rows where this column is at fault. 仅限该列有误的行。")]
Shape = Annotated[str | None, typer.Option(help="Only rows whose cell has this shape. 仅限单元格为该形态的行。")]
Delivery = Annotated[str | None, typer.Option(help="Only rows of this delivery. 仅限该批次的行。")]
Row = Annotated[int | None, typer.Option(help="Only this row of the delivery. 仅限该批次中的这一行。", min=0)]
Why = Annotated[str, typer.Option(help="Why; kept with the step. 原因，随该步骤保存。")]


def fix(
    ctx: typer.Context,
    delivery: Delivery = None,
    row: Row = None,
    feed: Feed = None,
    broken: Reason = None,
    column: Column = None,
    shape: Shape = None,
    on: Annotated[
        list[str] | None,
        typer.Option("--on", help="The column that is mended; for --recode any number of them. 要修复的列；--recode 可有多列。", metavar="<column>"),
    ] = None,
    mapped: Annotated[list[str] | None, typer.Option("--map", help="OLD=NEW: cells that say OLD say NEW. 旧值=新值。", metavar="<old=new>")] = None,
    swap: Annotated[str | None, typer.Option(help="A,B: two columns change places. 两列互换。", metavar="<a,b>")] = None,
    recode: Annotated[
        str | None,
        typer.Option(help="WRONG:RIGHT: texts read in one encoding are read in the other. 误用编码:正确编码。", metavar="<wrong:right>"),
    ] = None,
    fill: Annotated[str | None, typer.Option(help="Blank cells get this value. 空单元格填入该值。")] = None,
    as_is: Annotated[bool, typer.Option("--as-is", help="Change nothing: a rule or code list has been mended. 不改动：规则或代码表已修正。")] = False,
    go: Annotated[bool, typer.Option("--go", help="Redrive the rows; without it nothing is written. 重投这些行；不加则只试算。")] = False,
    later: Annotated[bool, typer.Option("--later", help="Only plan it, for `redrive` or `undo`. 只作计划，待 `redrive` 或 `undo`。")] = False,
    only_sound: Annotated[bool, typer.Option("--only-sound", help="Leave rows open that would still fail. 仍不合格的行保持未处理。")] = False,
    reason: Why = "",
) -> int:
    """What it would do is shown first, and done only with --go (or planned with --later)."""
    from cabin.desk import desk_of
    from cabin.quarantined import checked_reason
    from quality.desk.errors import FixWouldFail
    from quality.desk.pattern import Pattern
    from quality.desk.redrive import redriven
    from quality.desk.work import planned, taken, tried

    session: Session = ctx.obj
    checked_reason(session, broken)
    desk = desk_of(session)
    pattern = Pattern(delivery, row, feed, broken, column, shape)
    trial = tried(desk, pattern, _fix(on or [], mapped or [], swap, recode, fill, as_is))
    _tell(session, trial)
    if not go and not later:
        session.out.say("nothing was written; add --go and --reason to redrive", "未写入任何内容；加 --go 和 --reason 即可重投", step=None)
        return 1 if trial.failed else 0
    try:
        step = planned(desk, trial, reason, only_sound)
    except FixWouldFail:
        session.out.document["step"] = None
        raise
    if later:
        tell_others(session, step.count - taken(desk, step))
        session.out.say(
            f"planned as step {step.step}; `cabin quarantine redrive {step.step}` does it",
            f"已计划为步骤 {step.step}；执行 `cabin quarantine redrive {step.step}` 即重投",
            step=step.step,
            redriven=0,
        )
        return 0
    rows = redriven(desk, step.step, trial)
    tell_others(session, step.count - rows)
    return _done(session, step.step, rows)


def redrive(
    ctx: typer.Context,
    step: Annotated[
        str | None, typer.Argument(help="The planned fix; without it every interrupted redrive goes on. 已计划的修复；不写则继续所有中断的重投。")
    ] = None,
) -> int:
    """A redrive that was interrupted goes on; what lies on the log already is not sent again."""
    from cabin.desk import desk_of
    from quality.desk import ask
    from quality.desk.index import opened
    from quality.desk.redrive import redriven

    session: Session = ctx.obj
    desk = desk_of(session)
    with opened(desk.folder, desk.log) as con:
        steps = [step] if step else ask.waiting(con)
    if not steps:
        session.out.say("no redrive was interrupted", "没有中断的重投", step=None, redriven=0)
    for each in steps:
        _done(session, each, redriven(desk, each))
    return 0


def _done(session: Session, step: str, rows: int) -> int:
    session.out.say(
        f"redrove {rows:,} rows as step {step}; `cabin run` takes them in",
        f"已重投 {rows:,} 行（步骤 {step}）；执行 `cabin run` 后纳入",
        step=step,
        redriven=rows,
    )
    return 0


def tell_others(session: Session, rows: int) -> None:
    """Of the rows a step was taken for those that somebody else had decided over by then."""
    if rows:
        session.out.say(
            f"{rows:,} more rows were decided over by somebody else meanwhile; this step leaves them alone",
            f"另有 {rows:,} 行已由他人同时处理，本步骤未涉及",
            others=rows,
        )


def _fix(on: Sequence[str], mapped: Sequence[str], swap: str | None, recode: str | None, fill: str | None, as_is: bool) -> dict[str, Any]:
    """The one fix that the options name; what is wrong with it, `Fix.of` says. An empty new value makes the cell blank."""
    named = [bool(mapped), swap is not None, recode is not None, fill is not None, as_is]
    if sum(named) != 1:
        return {}
    if mapped:
        pairs = [text.partition("=") for text in mapped]
        return {"kind": "map" if all(sign for _, sign, _ in pairs) else "", "columns": on, "values": {old: new or None for old, _, new in pairs}}
    if swap is not None:
        return {"kind": "swap", "columns": [name.strip() for name in swap.split(",")]}
    if recode is not None:
        read_as, _, meant = recode.partition(":")
        return {"kind": "recode", "columns": on, "read_as": read_as, "meant": meant}
    return {"kind": "as-is"} if as_is else {"kind": "fill", "columns": on, "values": {"": fill}}


def _tell(session: Session, trial: Trial) -> None:
    """Counts, reasons and a preview; personal cells as shapes."""
    from contracts.reasons import meaning
    from quality.desk.preview import preview

    lang = session.settings.lang
    session.out.say(
        f"{trial.feed}: of {trial.count:,} rows {trial.accepted:,} would be accepted, {len(trial.failed):,} would still fail; {trial.changed:,} rows change",
        f"{trial.feed}：{trial.count:,} 行中 {trial.accepted:,} 行将被采纳，{len(trial.failed):,} 行仍不合格；{trial.changed:,} 行有改动",
        feed=trial.feed,
        rows=trial.count,
        accepted=trial.accepted,
        failing=len(trial.failed),
        changed=trial.changed,
        others=trial.others,
        keys_changed=trial.keys_changed,
    )
    if trial.others:
        session.out.line(f"{trial.others:,} more rows of the pattern were set aside whole and stay open", f"另有 {trial.others:,} 行为整条隔离，保持未处理")
    if trial.keys_changed:
        session.out.line(
            f"{trial.keys_changed:,} rows of full lists would name another record or entity than the list did: what they kept present before is kept no more",
            f"{trial.keys_changed:,} 行全量清单的记录或要素标识将改变：原先因其在列而保留的内容不再保留",
        )
    if trial.failed:
        columns = {"reason": ("reason", "原因"), "rows": ("rows", "行数"), "meaning": ("meaning", "说明")}
        session.out.table("reasons", columns, [(name, rows, meaning(session.contracts, trial.feed, name, lang)) for name, rows in trial.failing.items()])
    shown = preview(trial)
    columns = {
        "delivery": ("delivery", "批次"),
        "row": ("row", "行"),
        "column": ("column", "列"),
        "before": ("before", "原"),
        "after": ("after", "改为"),
        "outcome": ("outcome", "结果"),
    }
    session.out.table("preview", columns, [tuple(each[name] for name in columns) for each in shown])
