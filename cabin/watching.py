"""A live page in the terminal: the same words as the command says once, again and again."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.text import Text

from cabin.output import WIDE, Output, laid_out
from cabin.standing import Standing


@dataclass
class Page(Output):
    """Keeps what an `Output` would print, to be shown in place."""

    parts: list[RenderableType] = field(default_factory=list)

    def say(self, en: str, zh: str, **facts: Any) -> None:
        self.document.update(facts)
        self.line(en, zh)

    def line(self, en: str, zh: str) -> None:
        self.parts.append(Text(self.text(en, zh)))

    def _print_table(self, headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        self.parts.append(laid_out(headings, rows))


def watched(out: Output, look: Callable[[], Standing], tell: Callable[[Output, Standing, Standing | None], None], every: float, times: int) -> None:
    """Looks every so many seconds, `times` times (0: until Ctrl-C, which ends it as meant). Where nobody watches each page follows the last one."""
    console = Console(highlight=False, markup=False, quiet=out.as_json, width=None if sys.stdout.isatty() else WIDE)
    before: Standing | None = None
    try:
        with Live(console=console, auto_refresh=False) if console.is_terminal and not out.as_json else Pages(console) as shown:
            for number in count(1):
                standing = look()
                page = Page(out.lang, out.as_json)
                tell(page, standing, before)
                out.document.update(page.document)
                shown.update(Group(*page.parts), refresh=True)
                if number == times:
                    return
                before = standing
                time.sleep(every)
    except KeyboardInterrupt:
        return


@dataclass(frozen=True, slots=True)
class Pages:
    """Prints each page, as `Live` shows it."""

    console: Console

    def update(self, page: RenderableType, *, refresh: bool) -> None:
        self.console.print(page)

    def __enter__(self) -> Pages:
        return self

    def __exit__(self, *_: object) -> None: ...
