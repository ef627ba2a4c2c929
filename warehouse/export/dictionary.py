"""The data dictionary of an export: one CSV for machines and spreadsheets, one page in each language for people. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from contracts.dictionary import CLASSES
from contracts.model import Label, MartColumn
from warehouse.export.tables import Exported

COLUMNS = ("part", "table", "column", "type", "key", "class", "unit", "label_zh", "label_en", "meaning_zh", "meaning_en")
TITLE = Label("数据字典", "Data dictionary")
PARTS = {"marts": Label("数据集市", "Marts"), "history": Label("历史", "History")}
HEADINGS = (Label("列", "Column"), Label("名称", "Label"), Label("类型", "Type"), Label("分类", "Class"), Label("单位", "Unit"), Label("说明", "Meaning"))
KEY = Label("（主键）", " (key)")


def dictionary_csv(tables: Iterable[Exported]) -> str:
    """One line a column, in the order of the tables; with the mark by which spreadsheets know UTF-8."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(_line(table, column) for table in tables for column in table.promise.columns)
    return "\ufeff" + text.getvalue()


def dictionary_page(tables: Sequence[Exported], lang: str) -> str:
    """All tables as one page of Markdown in `zh` or `en`."""
    return "\n".join([f"# {TITLE.get(lang)}", *_parts(tables, lang)]) + "\n"


def _line(table: Exported, column: MartColumn) -> tuple[str, ...]:
    meaning = meaning_of(column)
    key = "yes" if column.key else ""
    head = (table.part, table.name, column.name, column.type, key, column.classification.value, column.unit or "")
    return (*head, column.label.zh, column.label.en, meaning.zh, meaning.en)


def meaning_of(column: MartColumn) -> Label:
    """What a column holds, in both languages."""
    return Label(column.description_zh or column.description, column.description)


def _parts(tables: Sequence[Exported], lang: str) -> Iterator[str]:
    for part, label in PARTS.items():
        found = [table for table in tables if table.part == part]
        if found:
            yield from ("", f"## {label.get(lang)}")
        for table in found:
            promise = table.promise
            about = promise.description_zh if lang == "zh" and promise.description_zh else promise.description
            yield from ("", f"### {promise.name} {promise.label.get(lang)}", "", about, "")
            yield "| " + " | ".join(each.get(lang) for each in HEADINGS) + " |"
            yield "|" + "---|" * len(HEADINGS)
            yield from ("| " + " | ".join(_cell(cell) for cell in _row(column, lang)) + " |" for column in promise.columns)


def _row(column: MartColumn, lang: str) -> tuple[str, ...]:
    meaning = meaning_of(column).get(lang) + (KEY.get(lang) if column.key else "")
    return f"`{column.name}`", column.label.get(lang), column.type, CLASSES[column.classification].get(lang), column.unit or "", meaning


def _cell(text: str) -> str:
    """Text that cannot break a table."""
    return " ".join(text.replace("|", "\\|").split())
