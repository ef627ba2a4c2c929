"""`cabin alias`: which dwelling keys are earlier names of another; a person releases a version, the next run applies it."""

from __future__ import annotations

from typing import Annotated

import typer

from cabin.session import Session

Reason = Annotated[str, typer.Option(help="Why; kept with the decision. 原因")]


def group(lang: str) -> typer.Typer:
    """The subcommands, summaries in one language."""
    app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    texts = {
        "list": (
            "Show the released version of the table, and what the address feeds would change in it.",
            "查看已发布的别名表版本，以及地址库现在会带来的变化。",
        ),
        "release": ("Release what the address feeds give now as the next version.", "把地址库现在给出的别名发布为下一版本。"),
    }
    for name, function in (("list", list_aliases), ("release", release)):
        app.command(name, help=texts[name][lang == "zh"])(function)
    return app


def list_aliases(ctx: typer.Context) -> int:
    """Rows by what they are: released, added, removed, ambiguous, circular."""
    from cabin.aliased import difference

    session: Session = ctx.obj
    found = difference(session)
    text = session.out.text
    parts = {
        "released": (text("released", "已发布"), sorted(found.held.pairs)),
        "added": (text("added next", "下版新增"), found.added),
        "removed": (text("removed next", "下版移除"), found.removed),
        "ambiguous": (text("ambiguous, left out", "不明确，不纳入"), found.given.ambiguous),
        "circular": (text("circular, left out", "循环，不纳入"), found.given.circular),
    }
    columns = {"state": ("state", "状态"), "from_dwelling": ("from", "原地址"), "to_dwelling": ("to", "现地址")}
    session.out.table("aliases", columns, [(label, old, new) for label, pairs in parts.values() for old, new in pairs])
    counts = {name: len(pairs) for name, (_, pairs) in parts.items()}
    session.out.say(
        "version {version}: {released} pairs; the address feeds would add {added} and remove {removed}; {ambiguous} ambiguous, {circular} circular".format(
            version=found.held.version, **counts
        ),
        "版本 {version}：{released} 对；地址库现在会新增 {added} 对、移除 {removed} 对；不明确 {ambiguous} 对，循环 {circular} 对".format(
            version=found.held.version, **counts
        ),
        version=found.held.version,
        counts=counts,
    )
    return 0


def release(ctx: typer.Context, reason: Reason) -> int:
    """Appends nothing where the released version is what the address feeds give."""
    from cabin.aliased import difference
    from cabin.aliased import release as released

    session: Session = ctx.obj
    found = difference(session)
    if found.next is None:
        session.out.say(
            f"nothing to release: version {found.held.version} is what the address feeds give",
            f"无需发布：版本 {found.held.version} 与地址库一致",
            released=None,
            version=found.held.version,
        )
        return 0
    released(session, found.next, reason)
    session.out.say(
        f"version {found.next.version} with {len(found.next.pairs)} pairs is on the log; the next `cabin run` derives everything anew under it",
        f"版本 {found.next.version}（{len(found.next.pairs)} 对）已写入日志；下次执行 `cabin run` 时按该版本重新推导全部数据",
        released=found.next.version,
        version=found.next.version,
    )
    return 0
