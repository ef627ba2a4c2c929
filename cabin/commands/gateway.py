"""`cabin gateway`: deliveries over HTTP, and the tokens of the departments that may push them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cabin.session import Session

if TYPE_CHECKING:
    from streams.gateway import Departments

Department = Annotated[str, typer.Argument(help="The department as its contracts name it, in Chinese or English. 契约中的部门名称，中英文均可。")]
Id = Annotated[str | None, typer.Option("--id", help="Only the token with this id. 只撤销该编号的令牌。", metavar="<id>")]


def group(lang: str) -> typer.Typer:
    """The command itself serves; `token` has the subcommands, summaries in one language."""
    app = typer.Typer(invoke_without_command=True, rich_markup_mode=None, callback=serve)
    tokens = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    texts = {
        "add": ("Make a token for a department; it is shown once.", "为部门生成令牌；只显示一次。"),
        "list": ("List tokens, without their secrets.", "列出令牌，不含密文。"),
        "revoke": ("End the tokens of a department; the running gateway refuses them at once.", "撤销部门的令牌；运行中的网关立即拒绝。"),
    }
    for name, function in (("add", add), ("list", list_tokens), ("revoke", revoke)):
        tokens.command(name, help=texts[name][lang == "zh"])(function)
    app.add_typer(tokens, name="token", help=("Make, list and revoke the departments' tokens.", "生成、列出和撤销部门令牌。")[lang == "zh"])
    return app


def serve(ctx: typer.Context) -> int:
    """Serves until it is told to end (SIGTERM, Ctrl+C); then it finishes the landings under way."""
    if ctx.invoked_subcommand is not None:
        return 0
    from cabin.served import serve_gateway

    return serve_gateway(ctx.obj)


def add(ctx: typer.Context, department: Department) -> int:
    """The clear token is kept nowhere: who loses it gets another."""
    from cabin.clock import BeijingClock
    from streams.gateway.departments import department_named

    session: Session = ctx.obj
    made, token = _departments(session).add(department_named(session.contracts, department), BeijingClock())
    session.out.say(
        f"the token of {made.department} (id {made.id}), shown this once:\n{token}",
        f"{made.department} 的令牌（编号 {made.id}），仅显示这一次：\n{token}",
        id=made.id,
        department=made.department,
        token=token,
    )
    return 0


def list_tokens(ctx: typer.Context) -> int:
    """Which departments can push, since when."""
    session: Session = ctx.obj
    columns = {"id": ("id", "编号"), "department": ("department", "部门"), "made_at": ("made at", "生成时间")}
    session.out.table("tokens", columns, [[getattr(each, name) for name in columns] for each in _departments(session).known()])
    return 0


def revoke(ctx: typer.Context, department: Department, token_id: Id = None) -> int:
    """All of the department's tokens, or one of them after another was handed out."""
    from streams.gateway.departments import department_named

    session: Session = ctx.obj
    ended = _departments(session).revoke(department_named(session.contracts, department), token_id)
    session.out.say(f"tokens revoked: {ended}", f"已撤销令牌：{ended}", revoked=ended)
    return 0


def _departments(session: Session) -> Departments:
    from cabin.served import TOKENS
    from streams.gateway import Departments

    return Departments(session.data / TOKENS)
