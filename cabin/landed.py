"""Landing files and telling a person what became of each."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from cabin.clock import BeijingClock
from cabin.ports import open_landing
from cabin.session import Session
from contracts.openlineage import LAND, named
from contracts.reasons import BUILT_IN
from streams.landing import Declared, Job, Outcome, Report, jobs_in, land_many
from streams.lineage import Told, failed_by, told

LARGE_BYTES = 8_000_000
"""Files below this size together land faster in one process than helpers start."""

TOTALS_HINT = (
    "The rows are landed as they are; ask the department whether a row is missing or the total is wrong, then deliver again or `cabin feed recall` it.",
    "各行已按原样接收；请向部门核实是缺行还是合计有误，再重新交付或用 `cabin feed recall` 召回。",
)
DRIFTS = {"undeclared": "未申报的", "missing": "缺少的"}
TYPES = {
    "blank": "空",
    "text": "文本",
    "integer": "整数",
    "number": "数字",
    "decimal": "数字",
    "date": "日期",
    "timestamp": "时间",
    "code": "代码",
    "address": "地址",
    "boolean": "是否",
}
"""Words of drift in Chinese."""


def land_files(session: Session, feed: str | None, paths: Sequence[Path], declared: Declared) -> int:
    """Lands every file, one after the other or side by side where there is much; the worst exit code of all."""
    jobs = jobs_in(paths, session.contracts, feed, declared)
    session.log.end("", 0)  # the log is made here, with the settings' partitions, before helpers open it
    if not jobs:
        session.out.say("no delivery among these files", "这些文件中没有批次", landed=[])
        return 1
    opening = partial(open_landing, session.data, _large(jobs), session.settings.brokers)
    with told(session.log, BeijingClock(), LAND, [named(f"feed.{name}") for name in sorted({job.feed for job in jobs})]) as run:
        codes = [_told_of(session, run, outcome) for outcome in land_many(opening, jobs, _processes(session, jobs))]
    return max(codes)


def _told_of(session: Session, run: Told, outcome: Outcome) -> int:
    """One file to whoever landed it and to the run; the exit code. A run of which every file is refused has failed."""
    if outcome.report:
        run.of_delivery(outcome.report)
    elif outcome.error and not run.outputs:
        run.failed = failed_by(outcome.error)
    return _told(session, outcome)


def _processes(session: Session, jobs: Sequence[Job]) -> int:
    return session.settings.processes if _large(jobs) else 1


def _large(jobs: Sequence[Job]) -> bool:
    return sum(job.file.stat().st_size for job in jobs if job.file.exists()) >= LARGE_BYTES


def _told(session: Session, outcome: Outcome) -> int:
    entries = session.out.document.setdefault("landed", [])
    if outcome.error is not None:
        fact, hint = outcome.error.render(session.settings.lang)
        entries.append({"file": outcome.job.file.name, "error": {"code": outcome.error.code, "fact": fact, "hint": hint}})
        if not session.out.as_json:
            session.out.error(outcome.error)
        return outcome.error.exit_code
    report = outcome.report
    assert report is not None
    entries.append({"file": outcome.job.file.name, **report.document()})
    session.out.line(*_sentence(outcome.job.file, report))
    for line in _details(report):
        session.out.line(*line)
    if all(total.agrees for total in report.totals):
        return 0
    entries[-1]["hint"] = session.out.text(*TOTALS_HINT)
    session.out.line(f"  hint: {TOTALS_HINT[0]}", f"  建议：{TOTALS_HINT[1]}")
    return 1


def _sentence(file: Path, report: Report) -> tuple[str, str]:
    if report.already_landed:
        return (
            f"{file.name}: already landed as {report.delivery}; nothing added",
            f"{file.name}：已作为批次 {report.delivery} 接收，未重复写入",
        )
    return (
        f"{file.name}: landed {report.landed:,} of {report.delivered:,} rows as {report.delivery}",
        f"{file.name}：批次 {report.delivery}，接收 {report.landed:,} / {report.delivered:,} 行",
    )


def _details(report: Report) -> list[tuple[str, str]]:
    """What an officer should know: refusals by rule, rows reduced, layout rows, totals that do not add up, drift."""
    lines = [(f"  refused by {rule}: {rows:,} rows", f"  按规则 {rule} 拒收：{rows:,} 行") for rule, rows in sorted(report.refusals.items())]
    if report.reduced:
        lines.append((f"  reduced (persons under 14): {report.reduced:,} rows", f"  缩减（未满14岁）：{report.reduced:,} 行"))
    if report.layout:
        lines.append((f"  layout rows (titles, totals): {report.layout:,}", f"  版式行（标题、合计）：{report.layout:,} 行"))
    for fault, rows in sorted(report.faults.items()):
        en, zh = BUILT_IN[fault]
        lines.append((f"  to quarantine, {en}: {rows:,} rows", f"  待隔离，{zh}：{rows:,} 行"))
    for total in report.totals:
        if not total.agrees:
            lines.append(
                (
                    f"  total row {total.row}, {total.column}: {total.stated} stated, {total.found} found",
                    f"  第 {total.row} 行合计（{total.column}）：申报 {total.stated}，实得 {total.found}",
                )
            )
    for drift in report.drift:
        lines.append(
            (
                f"  drift: {drift.kind} column {drift.column} ({drift.type}, {drift.values:,} values)",
                f"  版式变化：{DRIFTS[drift.kind]}列 {drift.column}（{TYPES[drift.type]}，{drift.values:,} 个值）",
            )
        )
    return lines
