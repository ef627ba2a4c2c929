"""`cabin contract`: list, show, check, compare and document contracts; draft one from a sample and try it (`contract_sample`)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cabin.commands.contract_sample import infer, try_sample
from cabin.session import Session

if TYPE_CHECKING:
    from contracts.dictionary import Entry

FACTS = {"what": ("what", "类别"), "name": ("name", "名称"), "text": ("text", "内容")}
COLUMNS = {
    "what": ("what", "类别"),
    "column": ("column", "列"),
    "label": ("label", "标签"),
    "type": ("type", "类型"),
    "class": ("class", "分类"),
    "meaning": ("meaning", "说明"),
    "notes": ("notes", "备注"),
}


def group(lang: str) -> typer.Typer:
    """The subcommands, summaries in one language."""
    app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    texts = {
        "list": ("List feeds, kinds and marts.", "列出数据源、要素和数据集市。"),
        "show": ("Show one contract: columns, rules, mapping.", "查看一个契约：列、规则、映射。"),
        "check": (
            "Refuse invalid contracts, and versions that do not tell of their changes, with file, line, fact and hint.",
            "检查契约是否有效、版本号是否如实反映改动，指出文件、行号、问题与建议。",
        ),
        "diff": (
            "Compare two versions of contracts: what changed, who can no longer read what, which version that needs.",
            "比较两个版本的契约：改了什么、谁读不了什么、版本应升到多少。",
        ),
        "docs": ("Write the data dictionary in Chinese and English.", "生成中英文数据字典。"),
        "infer": (
            "Draft a feed's contract from a sample: what is sure, and what a person must say.",
            "由样例起草数据源契约：列出有把握的内容和需要回答的问题。",
        ),
        "test": ("Show row by row what a sample would become under a contract; nothing is kept.", "逐行显示样例按契约会如何处理；不保存任何内容。"),
        "asyncapi": ("Write the AsyncAPI document of all topics in Chinese and English.", "生成全部主题的中英文 AsyncAPI 文档。"),
    }
    commands = (
        *(("list", list_contracts), ("show", show), ("check", check), ("diff", diff)),
        *(("infer", infer), ("test", try_sample), ("docs", docs), ("asyncapi", asyncapi)),
    )
    for name, function in commands:
        app.command(name, help=texts[name][lang == "zh"])(function)
    return app


def list_contracts(ctx: typer.Context) -> int:
    from warehouse.promises import with_wide

    session: Session = ctx.obj
    known = with_wide(session.contracts)
    rows = [
        (what, item.name, item.label.get(session.settings.lang), item.version_text)
        for what, items in (("feed", known.feeds), ("kind", known.kinds), ("mart", known.marts))
        for item in items.values()
    ]
    session.out.table("contracts", {"what": ("what", "类别"), "name": ("name", "名称"), "label": ("label", "标签"), "version": ("version", "版本")}, rows)
    return 0


def show(ctx: typer.Context, name: Annotated[str, typer.Argument(help="A feed, kind or mart. 名称")]) -> int:
    from cabin.errors import NotFound
    from contracts.dictionary import entries
    from contracts.dictionary_parts import MAPPING, RULES, facts, mapped, rules
    from contracts.model import Label
    from warehouse.promises import with_wide

    session: Session = ctx.obj
    contracts, out, lang = with_wide(session.contracts), session.out, session.settings.lang
    rows = [entry for entry in entries(contracts) if entry.owner == name]
    if not rows:
        raise NotFound(what=Label("契约", "contract"), look="cabin contract list")
    parts = dict.fromkeys(entry.part for entry in rows)
    out.table("facts", FACTS, [(part, *fact) for part in parts for fact in facts(contracts, part, name, lang)])
    out.line("", "")
    out.table("columns", COLUMNS, [_described(entry, lang) for entry in rows])
    if "feed" in parts:
        feed = contracts.feeds[name]
        for heading, columns, lines in (("rules", RULES, rules(feed, lang)), ("mapping", MAPPING, mapped(feed))):
            out.line("", "")
            out.table(heading, {column: (label.en, label.zh) for column, label in columns.items()}, lines)
    return 0


def _described(entry: Entry, lang: str) -> tuple[str, ...]:
    label, about, notes = entry.label.get(lang), entry.about.get(lang), entry.notes.get(lang)
    return entry.part, entry.name, label, entry.type, str(entry.classification), about, notes


def check(
    ctx: typer.Context,
    files: Annotated[list[Path] | None, typer.Argument(help="Contract files or folders; none: those shipped and those of the data folder. 契约文件")] = None,
    against: Annotated[
        str | None,
        typer.Option(
            help="Also compare with this git revision, folder, file or moment of release: every change must be told by the version. 另与此 git 版本、目录、文件或发布时刻比较：版本号须如实反映每项改动。",
            metavar="<revision>",
        ),
    ] = None,
) -> int:
    """What versions must tell is in docs/evolution.md."""
    from cabin.ports import own_feeds
    from cabin.problems import tell_problems
    from contracts.check import check as check_contracts

    session: Session = ctx.obj
    problems = check_contracts(tuple(files or own_feeds(session.data)) or None)
    tell_problems(session, problems)
    if not problems:
        session.out.say("all contracts are valid", "全部契约有效")
    if against is None or problems:
        return 1 if problems else 0
    return _told_enough(session, against, tuple(files or ()))


def _told_enough(session: Session, against: str, files: tuple[Path, ...]) -> int:
    """Whether every contract's version tells of its changes since then."""
    from cabin.evolved import named, present, tell
    from contracts.evolution import compared

    new = present(session, files)
    short = [each for each in compared(named(session, against, files), new) if not each.enough]
    tell(session, short, new)
    if not short:
        session.out.say(f"every version tells of its changes since {against}", f"自 {against} 以来的改动均已由版本号反映", against=against)
    return 1 if short else 0


def diff(
    ctx: typer.Context,
    old: Annotated[
        str, typer.Argument(help="A contract file or folder, a git revision, or a moment of release. 契约文件或目录、git 版本或发布时刻", metavar="<old>")
    ],
    new: Annotated[str | None, typer.Argument(help="The same; none: the contracts of now. 同上；不写则为现行契约", metavar="<new>")] = None,
) -> int:
    """Exit code 1 where something breaks and the version does not tell so. The rules are in docs/evolution.md."""
    from cabin.evolved import named, present, tell
    from contracts.evolution import Bump, compared

    session: Session = ctx.obj
    one, other = named(session, old), present(session) if new is None else named(session, new)
    found = compared(one, other)
    tell(session, found, other)
    if not found:
        session.out.say("nothing changed", "没有改动")
    return 1 if any(not each.enough and each.needed >= Bump.MAJOR for each in found) else 0


def docs(ctx: typer.Context, folder: Annotated[Path, typer.Option(help="Where to write. 输出目录")] = Path("build/dictionary")) -> int:
    from cabin.writing import make_folder, write_file
    from contracts.dictionary import markdown
    from warehouse.promises import with_wide

    session: Session = ctx.obj
    make_folder(folder)
    for lang in ("zh", "en"):
        write_file(folder / f"dictionary.{lang}.md", markdown(with_wide(session.contracts), lang).encode())
    session.out.say(f"wrote the data dictionary to {folder}", f"数据字典已写入 {folder}", folder=str(folder))
    return 0


def asyncapi(ctx: typer.Context, folder: Annotated[Path, typer.Option(help="Where to write. 输出目录")] = Path("build/asyncapi")) -> int:
    """`asyncapi.zh.json` and `asyncapi.en.json`, for an installation of as many partitions as the settings say."""
    import orjson

    from cabin.writing import make_folder, write_file
    from contracts.asyncapi import document

    session: Session = ctx.obj
    make_folder(folder)
    for lang in ("zh", "en"):
        made = document(session.contracts, session.settings.partitions, lang)
        write_file(folder / f"asyncapi.{lang}.json", orjson.dumps(made, option=orjson.OPT_INDENT_2))
    session.out.say(f"wrote the AsyncAPI document to {folder}", f"AsyncAPI 文档已写入 {folder}", folder=str(folder))
    return 0
