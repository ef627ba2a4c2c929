"""The one way commands speak: text for people or one JSON document for machines, in Chinese or English."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from contracts.errors import CabinError

if TYPE_CHECKING:
    from rich.table import Table

    from contracts.model import Label

WIDE = 2_000
"""Columns where no terminal says its own."""


@dataclass
class Output:
    """Collects what a command found and prints it: text at once, JSON as one document at the end."""

    lang: str = "en"
    as_json: bool = False
    document: dict[str, Any] = field(default_factory=dict)

    def text(self, en: str, zh: str) -> str:
        return zh if self.lang == "zh" else en

    def named(self, labels: Mapping[str, Label], code: Any) -> Any:
        """A code as people read it; machines get the code, and so does who meets one that has no label."""
        return labels[code].get(self.lang) if not self.as_json and code in labels else code

    def listed(self, codes: Iterable[str], labels: Mapping[str, Label]) -> str:
        """Several codes as `named` tells each, in one cell."""
        return self.text(", ", ", " if self.as_json else "、").join(str(self.named(labels, code)) for code in codes)

    def flag(self, given: bool | None) -> Any:
        """Yes or nothing, as people read it; machines get the truth value."""
        return given if self.as_json else self.text("yes", "是") if given else ""

    def say(self, en: str, zh: str, **facts: Any) -> None:
        """One sentence; `facts` are what JSON readers get of it."""
        self.document.update(facts)
        if not self.as_json:
            print(self.text(en, zh))

    def table(self, name: str, columns: Mapping[str, tuple[str, str]], rows: Iterable[Sequence[Any]]) -> None:
        """A table; `columns` maps the JSON key to its English and Chinese heading."""
        listed = [list(row) for row in rows]
        self.document[name] = [dict(zip(columns, row, strict=True)) for row in listed]
        if not self.as_json:
            self._print_table([self.text(*heading) for heading in columns.values()], listed)

    def line(self, en: str, zh: str) -> None:
        """One line for people, told otherwise to machines."""
        if not self.as_json:
            print(self.text(en, zh))

    def nothing(self, en: str, zh: str) -> None:
        """That an answer is empty, and in one sentence why that may be or what to ask instead; machines get the sentence as `hint`."""
        self.document["hint"] = self.text(en, zh)
        self.line(f"nothing found\nhint: {en}", f"没有找到\n建议：{zh}")

    def progress(self, en: str, zh: str) -> None:
        """Progress for people; never part of the answer."""
        if not self.as_json:
            print(self.text(en, zh), file=sys.stderr)

    def error(self, error: CabinError) -> None:
        """`error:` and `hint:` on standard error; in JSON mode also a document with the stable code."""
        fact, hint = error.render(self.lang)
        if self.as_json:
            self.document["error"] = {"code": error.code, "fact": fact, "hint": hint}
        else:
            print(f"error: {fact}\nhint: {hint}", file=sys.stderr)

    def usage(self, message: str) -> None:
        """What is wrong with the arguments."""
        hint = self.text("Run the command with --help to see what it takes.", "请加 --help 查看用法。")
        if self.as_json:
            self.document["error"] = {"code": "usage", "fact": message, "hint": hint}
        else:
            print(f"error: {message}\nhint: {hint}", file=sys.stderr)

    def finish(self) -> None:
        if self.as_json:
            import orjson

            sys.stdout.write(orjson.dumps(self.document, default=str, option=orjson.OPT_INDENT_2).decode() + "\n")

    def _print_table(self, headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        from rich.console import Console

        width = None if sys.stdout.isatty() else WIDE
        Console(width=width, highlight=False, markup=False, soft_wrap=False).print(laid_out(headings, rows))


def laid_out(headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> Table:
    """A table for people; a cell is never cut: it goes on in the next line."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    return table
