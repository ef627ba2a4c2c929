"""`cabin doctor`: is this installation sound?"""

from __future__ import annotations

import typer

from cabin.session import Session


def command(ctx: typer.Context) -> int:
    """Looks at machine, contracts, vault, log, accounts and snapshot; every finding comes with what to do."""
    from cabin.checkup import checkup

    session: Session = ctx.obj
    findings = checkup(session)
    columns = {"check": ("check", "检查项"), "sound": ("", ""), "fact": ("fact", "情况"), "hint": ("hint", "建议")}
    lang = session.settings.lang
    rows = [(each.check.get(lang), "ok" if each.sound else "!!", each.fact.get(lang), "" if each.sound else each.hint.get(lang)) for each in findings]
    session.out.table("checks", columns, rows)
    return 0 if all(each.sound for each in findings) else 1
