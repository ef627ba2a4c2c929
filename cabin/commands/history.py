"""`cabin history`: every fact of the log as Parquet; from it follows what was believed at any time (`cabin asof`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cabin.session import Session

if TYPE_CHECKING:
    from warehouse.history import Added


def group(lang: str) -> typer.Typer:
    """The subcommands, summaries in one language."""
    app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    texts = {
        "load": ("Add what the log holds beyond what history has.", "把日志中尚未进入历史的内容加入历史。"),
        "show": ("Show the tables of history, their rows, files and sizes.", "查看历史的各表、行数、文件数和大小。"),
        "compact": ("Merge small files; readers are not disturbed.", "合并小文件；不影响正在读取的进程。"),
        "check": ("Compare every file with what was written.", "逐个核对文件是否与写入时一致。"),
        "rebuild": ("Make history anew from the log.", "从日志重建历史。"),
        "restore": ("Make the warehouse anew from history and publish it.", "从历史重建数据仓库并发布。"),
    }
    for name, function in (("load", load), ("show", show), ("compact", compact), ("check", check), ("rebuild", rebuild), ("restore", restore)):
        app.command(name, help=texts[name][lang == "zh"])(function)
    return app


def load(ctx: typer.Context) -> int:
    """A second time it adds nothing."""
    from cabin.remembered import remember

    return _told(ctx.obj, remember(ctx.obj))


def rebuild(ctx: typer.Context) -> int:
    """Files that were damaged or lost are written again."""
    from cabin.remembered import remember

    return _told(ctx.obj, remember(ctx.obj, anew=True))


def restore(ctx: typer.Context) -> int:
    """Where the warehouse's file is lost or damaged: history is brought up to the log first, so nothing is left out. `cabin rebuild --from history` only compares."""
    from cabin.rebuilt import restore_warehouse

    session: Session = ctx.obj
    snapshot = restore_warehouse(session)
    session.out.say(f"made the warehouse from history, published snapshot {snapshot}", f"已从历史重建数据仓库，已发布快照 {snapshot}", snapshot=snapshot)
    return 0


def show(ctx: typer.Context) -> int:
    """Sizes are those on disk; `up to` is the newest recording in a table."""
    from cabin.remembered import folder_of
    from warehouse.history import read_manifest, tables_of

    session: Session = ctx.obj
    columns = {
        "table": ("table", "表"),
        "rows": ("rows", "行数"),
        "files": ("files", "文件数"),
        "bytes": ("bytes", "字节数"),
        "newest": ("up to", "截至"),
    }
    found = tables_of(read_manifest(folder_of(session)))
    session.out.table("tables", columns, [(each.name, each.rows, each.files, each.bytes, each.newest) for each in found])
    if not found:
        session.out.line("history is empty\nhint: `cabin history load` fills it", "历史为空\n建议：用 `cabin history load` 载入")
    return 0


def compact(
    ctx: typer.Context, few: Annotated[int, typer.Option(help="So many small files of a bucket are left alone. 每个桶保留的小文件数上限。", min=1)] = 8
) -> int:
    """Files that nobody reads any more are removed."""
    from cabin.remembered import writing
    from warehouse.history import compact as merge

    session: Session = ctx.obj
    with writing(session) as history:
        gone = merge(history, few)
    session.out.say(f"merged {gone:,} files", f"已合并 {gone:,} 个文件", merged=gone)
    return 0


def check(ctx: typer.Context) -> int:
    """Reads every byte."""
    from cabin.remembered import folder_of
    from warehouse.errors import HistoryDamaged
    from warehouse.history import check as faults
    from warehouse.history import reading

    session: Session = ctx.obj
    words = {"missing": ("missing", "缺失"), "truncated": ("truncated", "被截断"), "altered": ("altered", "被改动")}
    with reading(folder_of(session), session.contracts) as read:
        found = list(faults(read.folder, read.manifest))
        count = len(read.manifest.files)
    if not found:
        session.out.say(f"{count:,} files are as they were written", f"{count:,} 个文件与写入时一致", files=count)
        return 0
    columns = {"file": ("file", "文件"), "fault": ("fault", "问题")}
    session.out.table("faults", columns, [(fault.file.path, session.out.text(*words[fault.what])) for fault in found])
    raise HistoryDamaged(count=len(found))


def _told(session: Session, added: Added) -> int:
    if added.moved:
        session.out.say(
            "history: the log was made anew meanwhile; nothing was added, load again", "历史：日志在此期间重新生成；未新增内容，请重新载入", added={}
        )
        return 1
    rows = sum(added.rows.values())
    session.out.say(f"history: {rows:,} rows added", f"历史：新增 {rows:,} 行", added=dict(added.rows))
    if added.unreadable:
        session.out.progress(f"passed over: {added.unreadable:,} messages that nobody can read", f"跳过无法读取的消息：{added.unreadable:,} 条")
    return 0
