"""Marts in words: the list of them, and one with its contract, SQL and rows."""

from __future__ import annotations

from typing import Any

from cabin.session import Session
from contracts.model import CONSUMERS, Label, Mart, MartColumn
from warehouse.catalogue import MartFile, mart_files
from warehouse.errors import UnknownMart
from warehouse.overview import rows_of, some_rows
from warehouse.publish import pointed
from warehouse.retention import written

LISTED = {
    "mart": ("mart", "数据集市"),
    "label": ("label", "标签"),
    "kept": ("kept as", "存为"),
    "rows": ("rows", "行数"),
    "grain": ("grain", "粒度"),
    "reads": ("reads", "读取"),
    "consumers": ("consumers", "使用者"),
    "sentence": ("sentence", "说明"),
}
COLUMNS = {
    "column": ("column", "列"),
    "zh": ("Chinese label", "中文标签"),
    "en": ("English label", "英文标签"),
    "type": ("type", "类型"),
    "grain": ("grain", "粒度"),
    "unit": ("unit", "单位"),
    "class": ("class", "分类"),
    "meaning": ("meaning", "含义"),
}
SNAPSHOTS = {"snapshot": ("snapshot", "快照"), "written": ("written", "写入时间"), "published": ("published", "已发布")}
FACTS = {**LISTED, "version": ("version", "版本"), "purpose": ("purpose", "目的")}
CODED = {"consumers": CONSUMERS, "purpose": "purpose"}
"""Facts that are codes, and the lists that have their words."""
WAYS = {
    "renewed": ("table, renewed by what changed", "表，按变化更新"),
    "anew": ("table, made anew by every snapshot", "表，每个快照重新生成"),
    "view": ("view", "视图"),
}


def tell_marts(session: Session) -> None:
    """One line a mart, in building order."""
    files = mart_files()
    counts = rows_of(session.data / "published", files)
    marts = [_facts(session, file, session.contracts.marts[name], counts.get(name)) for name, file in files.items()]
    session.out.table("marts", LISTED, [[_shown(session, what, mart[what]) for what in LISTED] for mart in marts])
    session.out.document["marts"] = [{what: mart[what] for what in LISTED} for mart in marts]


def tell_snapshots(session: Session) -> None:
    """One line a snapshot, oldest first; written at Beijing time."""
    folder = session.data / "published"
    published = pointed(folder)
    found = [(each.name, each.at.replace(microsecond=0), each.name == published) for each in written(folder)]
    session.out.table("snapshots", SNAPSHOTS, [(*told, _yes(session, is_it)) for *told, is_it in found])
    session.out.document["snapshots"] = [dict(zip(SNAPSHOTS, each, strict=True)) for each in found]


def tell_mart(session: Session, name: str, rows: int) -> None:
    """Raises: `UnknownMart`."""
    files, out = mart_files(), session.out
    if name not in files:
        raise UnknownMart(marts=", ".join(files))
    file, mart, folder = files[name], session.contracts.marts[name], session.data / "published"
    facts = _facts(session, file, mart, rows_of(folder, [name]).get(name))
    out.table("facts", {"what": ("what", "项目"), "text": ("text", "内容")}, [(out.text(*FACTS[what]), _shown(session, what, facts[what])) for what in FACTS])
    out.document["facts"] = facts
    out.line("", "")
    columns = [_described(session, column) for column in mart.columns]
    out.table("columns", COLUMNS, [[_shown(session, what, cell) for what, cell in zip(COLUMNS, column, strict=True)] for column in columns])
    out.document["columns"] = [dict(zip(COLUMNS, column, strict=True)) for column in columns]
    out.line(f"\n{file.sql}\n", f"\n{file.sql}\n")
    out.document["sql"] = file.sql
    if rows and facts["rows"] is not None:
        shown = some_rows(folder, name, rows)
        out.table("rows", {column: (column, column) for column in shown.schema.names}, [list(row.values()) for row in shown.to_pylist()])


def _facts(session: Session, file: MartFile, mart: Mart, rows: int | None) -> dict[str, Any]:
    """What a mart is; `kept` is a word of `WAYS`."""
    lang = session.settings.lang
    told = {"mart": file.name, "label": mart.label.get(lang), "kept": "view" if file.view else "renewed" if file.follows else "anew", "rows": rows}
    lists = {"grain": list(file.grain), "reads": list(file.reads), "consumers": list(file.consumers)}
    sentence = Label(mart.description_zh or file.sentence, file.sentence).get(lang)
    return {**told, **lists, "sentence": sentence, "version": mart.version_text, "purpose": mart.purpose}


def _described(session: Session, column: MartColumn) -> tuple[Any, ...]:
    meaning = Label(column.description_zh or column.description, column.description).get(session.settings.lang)
    return column.name, column.label.zh, column.label.en, column.type, column.key, column.unit, str(column.classification), meaning


def _shown(session: Session, what: str, cell: Any) -> Any:
    """A fact as people read it."""
    if isinstance(cell, bool):
        return _yes(session, cell)
    if what == "kept":
        return session.out.text(*WAYS[cell])
    if what in CODED:
        labels = session.contracts.code_lists[CODED[what]].labels
        return session.out.listed(cell, labels) if isinstance(cell, list) else session.out.named(labels, cell)
    return ", ".join(cell) if isinstance(cell, list) else cell


def _yes(session: Session, is_it: bool) -> str:
    return session.out.text("yes", "是") if is_it else ""
