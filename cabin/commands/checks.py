"""`cabin quality check`, `suites`, `history`: the suites that contracts give, and what became of their checks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cabin.session import Session

Every = Annotated[
    str | None, typer.Option(help="Go on at this interval until stopped: 15m, 1h, 1d. 按此间隔持续检查直到停止：15m、1h、1d。", metavar="<interval>")
]


def check(
    ctx: typer.Context,
    suite: Annotated[list[str] | None, typer.Option(help="Only this suite; may be given again. 仅运行该套件，可重复给出。", metavar="<suite>")] = None,
    feeds: Annotated[
        bool, typer.Option("--feeds", help="Also those of feeds, over each one's newest delivery as landed. 同时检查各数据源最新接收的批次。")
    ] = False,
    everything: Annotated[bool, typer.Option("--all", help="List the checks that were kept, too. 同时列出通过的检查。")] = False,
    every: Every = None,
) -> int:
    """The snapshot is only read; results go to the data folder's `quality`, the keys of failing rows to `quality/failing.jsonl`."""
    from cabin.checking import Wanted, check_every, check_once, tell

    session: Session = ctx.obj
    wanted = Wanted(tuple(suite or ()), feeds)
    return tell(session, check_once(session, wanted), everything) if every is None else check_every(session, wanted, every)


def suites(
    ctx: typer.Context,
    only_check: Annotated[bool, typer.Option("--check", help="Write nothing; exit code 1 where one differs. 不写入；有不一致的退出码为 1。")] = False,
    only_list: Annotated[bool, typer.Option("--list", help="Only list them. 仅列出。")] = False,
    folder: Annotated[
        Path | None, typer.Option(help="Where they lie; without it where they are committed. 所在目录；不写则为提交处。", metavar="<folder>")
    ] = None,
) -> int:
    """Those of the shipped contracts; feeds of the data folder are checked, and committed nowhere."""
    from contracts.read import load
    from quality.errors import SuitesDiffer
    from quality.promises.committed import HOME, drift, write
    from quality.promises.from_contracts import suites as made

    session: Session = ctx.obj
    if only_list:
        columns = {"suite": ("suite", "检查套件"), "table": ("table", "表"), "checks": ("checks", "检查数"), "version": ("version", "版本")}
        session.out.table("suites", columns, [(each.name, each.relation, len(each.checks), each.version) for each in made(session.contracts)])
        return 0
    wanted, home = made(load()), folder or HOME
    found = drift(wanted, home) if only_check else write(wanted, home)
    session.out.document["suites"] = [{"suite": each.name, "what": each.what} for each in found]
    if only_check and found:
        raise SuitesDiffer(count=len(found), names=", ".join(each.name for each in found))
    if only_check:
        session.out.say(f"all {len(wanted)} suites are what the contracts give", f"全部 {len(wanted)} 个检查套件与契约一致")
    else:
        session.out.say(
            f"wrote {len(found)} of {len(wanted)} suites; the others were up to date",
            f"已写入 {len(wanted)} 个检查套件中的 {len(found)} 个，其余已是最新",
            written=len(found),
        )
    return 0


def history(
    ctx: typer.Context,
    suite: Annotated[str | None, typer.Option(help="Only this suite. 仅限该套件。", metavar="<suite>")] = None,
    runs: Annotated[int, typer.Option(help="So many runs. 运行次数。", min=1)] = 10,
    broken: Annotated[bool, typer.Option("--broken", help="Only checks that were not kept. 仅列出未通过的检查。")] = False,
) -> int:
    """Newest first; without a suite one line a run."""
    from cabin.judged import tell_checks, tell_runs

    session: Session = ctx.obj
    return tell_checks(session, suite, runs, broken) if suite or broken else tell_runs(session, runs)
