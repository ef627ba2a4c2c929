"""The command line: every command in one list, each in a module of its own under `commands`.

Pages are built for one language, so that `cabin --lang zh --help` speaks Chinese (`usage` tells how texts are written); engines are imported only by the commands that use them.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from cabin.usage import in_language


@dataclass(frozen=True, slots=True)
class Command:
    """One command: where it lives and what a person gets from it."""

    name: str
    en: str
    zh: str


COMMANDS = (
    Command("demo", "Run the whole job on an invented district and show what it found.", "在虚构示范区上跑完整流程并展示结果。"),
    Command("land", "Take deliveries of a feed into the log; nothing is lost, nothing counted twice.", "接收某数据源的批次；不丢失、不重复。"),
    Command("run", "Normalise, reconcile and publish what has been landed.", "标准化、核定并发布已接收的数据。"),
    Command("status", "Show rows landed, normalised, folded, quarantined and still behind.", "查看已接收、已标准化、已核定、已隔离和待处理的行数。"),
    Command("sql", "Query the published snapshot, read-only.", "只读查询已发布快照。"),
    Command("marts", "List, show and build marts, and compare two snapshots of them.", "查看、生成数据集市，比较其两个快照。"),
    Command("dictionary", "Say what tables, columns and codes mean, and find those that speak of something.", "说明表、列和代码的含义，并按词语查找。"),
    Command("report", "Write one page for a grid: what to do, how, and how well it is done.", "为一个网格生成一页报告：干什么、怎么干、干得怎么样。"),
    Command("find", "Find entities by part of a name, an address or a business name.", "按姓名、地址或企业名称的一部分查找。"),
    Command("explain", "Show why an entity has its values: who says what, which rule chose.", "说明取值依据：谁说了什么、哪条规则选定。"),
    Command("reveal", "Show one masked value in full, for a purpose that is recorded.", "查看一个被遮蔽的完整值；目的会被记录。"),
    Command("access", "List who looked at which full value, why and when.", "查看访问台账：谁、何时、为何查看了哪个完整值。"),
    Command("feed", "List feeds, and withdraw, restore or recall what they said.", "查看数据源，撤下、恢复或召回其内容。"),
    Command("alias", "See which addresses are earlier names of another, and release that as a version.", "查看哪些地址是另一地址的旧名，并发布为一个版本。"),
    Command("lineage", "Show what a column is made from, and who reads what rests on it.", "查看某列的来源，以及哪些读者依赖它。"),
    Command("quarantine", "Look at rows that broke a rule.", "查看违反规则的隔离行。"),
    Command(
        "quality",
        "Check what is published against its contracts, and watch what departments deliver.",
        "按契约检查已发布的数据，并监测部门交付的数据。",
    ),
    Command("contract", "List, show, check and document contracts.", "查看、检查数据契约并生成文档。"),
    Command("docs", "Write everything about the data as pages that need no network.", "将关于数据的全部说明写成无需网络的网页。"),
    Command("broker", "Run a broker on this machine for development, without containers.", "在本机运行开发用消息代理，无需容器。"),
    Command("worker", "Normalise and reconcile what lies on the broker, with Faust, until stopped.", "用 Faust 持续标准化并核定消息代理上的数据，直到停止。"),
    Command(
        "loader", "Load what workers derived into the warehouse and publish snapshots, until stopped.", "持续把工作进程的结果装入数据仓库并发布快照，直到停止。"
    ),
    Command("topics", "Compare the broker's topics with the declared ones and create what is missing.", "比较消息代理的主题与声明，并创建缺少的主题。"),
    Command("gateway", "Take deliveries over HTTP, from departments with a token.", "通过 HTTP 接收持令牌部门的批次。"),
    Command(
        "export",
        "Write all marts and history as Parquet and Delta, or golden records for subscribers.",
        "将全部数据集市和历史写成 Parquet 和 Delta，或为订阅者写出核定记录。",
    ),
    Command("history", "Keep every fact with the moment it was recorded, as Parquet.", "以 Parquet 保存每条事实及其记录时刻。"),
    Command("asof", "Show what was known by one day about another.", "查看截至某日所知的、关于另一日的情况。"),
    Command("rebuild", "Compute everything again from raw in a clean place and compare.", "从原始数据在干净位置重算并比较。"),
    Command("doctor", "Check that this installation is sound.", "检查本安装是否正常。"),
)


def build(lang: str) -> typer.Typer:
    """The whole command line, summaries in one language."""
    app = typer.Typer(name="cabin", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    app.callback(
        help={
            "en": "The digital base-management cabin: departments' lists and household visits, reconciled.",
            "zh": "基础数字方舱：部门数据与云入户走访的核定。",
        }[lang]
    )(_globals)
    for command in COMMANDS:
        module = importlib.import_module(f"cabin.commands.{command.name}")
        summary = command.zh if lang == "zh" else command.en
        if hasattr(module, "group"):
            app.add_typer(module.group(lang), name=command.name, help=summary)
        else:
            app.command(command.name, help=summary)(module.command)
    return app


def command_line(lang: str) -> Any:
    """The whole command line, ready to parse, every page in one language."""
    group = typer.main.get_command(build(lang))
    in_language(group, lang)
    return group


def _globals(
    data: Annotated[
        str | None, typer.Option(help="Folder of log, vault, state and snapshots. 日志、保险库、状态和快照所在的数据目录。", metavar="<folder>")
    ] = None,
    lang: Annotated[str | None, typer.Option(help="Language of messages. 消息语言。", metavar="<zh|en>")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document instead of text. 输出一个 JSON 文档，代替文本。")] = False,
) -> None:
    """Global options may stand anywhere in the line; `cabin.__main__` takes them out before the commands are parsed."""
