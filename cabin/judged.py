"""What became of checks, from the history of all runs."""

from __future__ import annotations

from cabin.checking import folder_of
from cabin.session import Session
from quality.promises.results import history, marks

RUNS = """
select run_at, any_value(snapshot), count(*), count_if(status = 'passed'), count_if(status = 'failed' and severity = 'error'),
  count_if(status = 'failed' and severity = 'warning'), count_if(status = 'error')
from quality_result group by run_at order by run_at desc limit ?
"""
CHECKS = """
select run_at, snapshot, suite, check_name, severity, status, rows, broken, allowed, fault
from quality_result
where run_at in (select distinct run_at from quality_result order by run_at desc limit $runs) and ($suite is null or suite = $suite or suite like '%/' || $suite)
  and (not $broken or status <> 'passed')
order by run_at desc, suite, check_name
"""


def tell_runs(session: Session, runs: int) -> int:
    """One line a run; those that looked at a whole snapshot marked it."""
    marked = {(each.snapshot, each.at) for each in marks(folder_of(session))}
    with history(folder_of(session)) as con:
        rows = con.execute(RUNS, [runs]).fetchall()
    columns = {
        "run_at": ("run at", "运行时间"),
        "snapshot": ("snapshot", "快照"),
        "checks": ("checks", "检查数"),
        "passed": ("kept", "通过"),
        "failed": ("failed", "不通过"),
        "warned": ("warned", "提示"),
        "errors": ("not judged", "无法判定"),
        "whole": ("whole snapshot", "整个快照"),
    }
    whole = {True: session.out.text("yes", "是"), False: session.out.text("no", "否")}
    session.out.table("runs", columns, [(*row, whole[(row[1], row[0].isoformat(timespec="milliseconds")) in marked]) for row in rows])
    return 0


def tell_checks(session: Session, suite: str | None, runs: int, broken: bool) -> int:
    """One line a check and run."""
    with history(folder_of(session)) as con:
        rows = con.execute(CHECKS, {"runs": runs, "suite": suite, "broken": broken}).fetchall()
    columns = {
        "run_at": ("run at", "运行时间"),
        "snapshot": ("snapshot", "快照"),
        "suite": ("suite", "检查套件"),
        "check": ("check", "检查"),
        "severity": ("severity", "级别"),
        "status": ("result", "结果"),
        "rows": ("rows", "涉及行数"),
        "broken": ("broken", "不符行数"),
        "allowed": ("allowed", "限度"),
        "fault": ("why not judged", "无法判定的原因"),
    }
    session.out.table("checks", columns, rows)
    return 0
