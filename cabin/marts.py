"""Marts in words: the list of them, and one with its contract, SQL and rows."""

from __future__ import annotations

from typing import Any

from cabin.session import Session
from contracts.model import Mart
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
WAYS = {
    "follows": ("table, renewed by what changed", "表，按变化更新"),
    "anew": ("table, made anew by every snapshot", "表，每个快照重新生成"),
    "view": ("view", "视图"),
}


def tell_marts(session: Session) -> None:
    """One line a mart, in building order."""
    files = mart_files()
    counts = rows_of(session.data / "published", files)
    rows = [_listed(session, file, session.contracts.marts[name], counts.get(name)) for name, file in files.items()]
    session.out.table("marts", LISTED, [list(map(_joined, row)) for row in rows])
    session.out.document["marts"] = [dict(zip(LISTED, row, strict=True)) for row in rows]


def tell_snapshots(session: Session) -> None:
    """One line a snapshot, oldest first; written at Beijing time."""
    folder = session.data / "published"
    published = pointed(folder)
    found = [(each.name, each.at.replace(microsecond=0), "yes" if each.name == published else "") for each in written(folder)]
    session.out.table("snapshots", SNAPSHOTS, found)


def tell_mart(session: Session, name: str, rows: int) -> None:
    """Raises: `UnknownMart`."""
    files, out = mart_files(), session.out
    if name not in files:
        raise UnknownMart(marts=", ".join(files))
    file, mart, folder = files[name], session.contracts.marts[name], session.data / "published"
    listed = dict(zip(LISTED, _listed(session, file, mart, rows_of(folder, [name]).get(name)), strict=True))
    facts = {**listed, "version": mart.version_text, "purpose": mart.purpose}
    titles = {**LISTED, "version": ("version", "版本"), "purpose": ("purpose", "目的")}
    out.table("facts", {"what": ("what", "项目"), "text": ("text", "内容")}, [(out.text(*titles[what]), _joined(fact)) for what, fact in facts.items()])
    out.document["facts"] = facts
    out.line("", "")
    out.table("columns", COLUMNS, [_described(session, mart, number) for number in range(len(mart.columns))])
    out.line(f"\n{file.sql}\n", f"\n{file.sql}\n")
    out.document["sql"] = file.sql
    if rows and facts["rows"] is not None:
        shown = some_rows(folder, name, rows)
        out.table("rows", {column: (column, column) for column in shown.schema.names}, [list(row.values()) for row in shown.to_pylist()])


def _listed(session: Session, file: MartFile, mart: Mart, rows: int | None) -> tuple[Any, ...]:
    way = "view" if file.view else "follows" if file.follows else "anew"
    zh = session.settings.lang == "zh"
    sentence = mart.description_zh if zh and mart.description_zh else file.sentence
    label = mart.label.get(session.settings.lang)
    return file.name, label, session.out.text(*WAYS[way]), rows, list(file.grain), list(file.reads), list(file.consumers), sentence


def _described(session: Session, mart: Mart, number: int) -> tuple[str, ...]:
    column = mart.columns[number]
    meaning = column.description_zh if session.settings.lang == "zh" and column.description_zh else column.description
    return column.name, column.label.zh, column.label.en, column.type, "yes" if column.key else "", column.unit or "", str(column.classification), meaning


def _joined(cell: Any) -> Any:
    return ", ".join(cell) if isinstance(cell, list) else cell
