"""Markup that cannot be broken by its text: whatever is no `Html` yet is escaped where it enters an element. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

EMPTY_ELEMENTS = frozenset({"br", "hr", "input", "link", "meta"})


class Html(str):
    """Text that is markup already."""

    __slots__ = ()


NONE = Html("")


def text(given: str) -> Html:
    """What is given as text; markup stays."""
    return given if isinstance(given, Html) else Html(escape(given, quote=True))


def joined(parts: Iterable[str], between: str = "") -> Html:
    """All parts after each other."""
    return Html(text(between).join(map(text, parts)))


def tag(name: str, /, *inner: str, **attributes: str | bool | None) -> Html:
    """An element. Attributes: `_` at the end of a name is left away, any other is a hyphen; None and False leave it out, True writes it without a value."""
    listed = "".join(_attribute(key.rstrip("_").replace("_", "-"), value) for key, value in attributes.items() if value is not None and value is not False)
    if name in EMPTY_ELEMENTS:
        return Html(f"<{name}{listed}>")
    return Html(f"<{name}{listed}>{joined(inner)}</{name}>")


def _attribute(name: str, value: str | bool | None) -> str:
    return f" {name}" if value is True else f' {name}="{escape(str(value), quote=True)}"'


def code(given: str) -> Html:
    """A name or an expression; nothing for an empty one."""
    return tag("code", given) if given else NONE


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], of_rows: Sequence[Mapping[str, str]] = ()) -> Html:
    """A table; `of_rows`: attributes of each row, as `tag` takes them. Nothing where there is no row."""
    listed = [list(row) for row in rows]
    if not listed:
        return NONE
    given = of_rows or [{}] * len(listed)
    head = tag("thead", tag("tr", *(tag("th", each) for each in heads)))
    body = joined((tag("tr", *(tag("td", cell) for cell in row), **each) for row, each in zip(listed, given, strict=True)), "\n")
    return tag("div", tag("table", head, tag("tbody", body)), class_="table")


def pairs(given: Iterable[tuple[str, str]]) -> Html:
    """Names and what they are."""
    listed = list(given)
    return tag("dl", *(joined((tag("dt", name), tag("dd", value))) for name, value in listed)) if listed else NONE


def bullets(given: Iterable[str], class_: str | None = None) -> Html:
    """A list; nothing where it is empty."""
    listed = list(given)
    return tag("ul", *(tag("li", each) for each in listed), class_=class_) if listed else NONE
