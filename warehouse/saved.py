"""Saved queries: reviewed SQL files with a head, shipped with the warehouse or in a district's own folder. Values are bound to parameters, never written into the text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from contracts.model import Label
from warehouse.ask.errors import ParameterMissing, ParameterUnknown, ParameterUnusable, SavedQueryBroken, UnknownQuery

HOME = Path(__file__).parent / "queries"
TYPES: Mapping[str, tuple[Callable[[str], object], Label]] = {
    "VARCHAR": (str, Label("文本", "a text")),
    "INTEGER": (int, Label("整数", "a whole number")),
    "DECIMAL": (lambda text: str(Decimal(text)), Label("数字", "a number")),
    "DATE": (lambda text: date.fromisoformat(text).isoformat(), Label("日期，如 2026-06-30", "a day, such as 2026-06-30")),
    "BOOLEAN": (lambda text: {"true": True, "false": False}[text.lower()], Label("true 或 false", "true or false")),
}
"""How the text of a value becomes one of its type, and what it must look like."""
PARAMETER = re.compile(r"(\w+) (\w+)(?: = ([^;]*))?; ([^;]+); ([^;]+)\.")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One value that a query is asked with; `default` None: it must be given."""

    name: str
    type: str
    default: str | None
    about: Label


@dataclass(frozen=True, slots=True)
class SavedQuery:
    """One file. `own`: of the district, not shipped."""

    name: str
    sql: str
    title: Label
    parameters: tuple[Parameter, ...]
    consumers: tuple[str, ...]
    own: bool


def saved_queries(own: Path | None = None) -> dict[str, SavedQuery]:
    """Shipped queries and those of a district's folder, where there is one, by name.

    Raises: `SavedQueryBroken` where a head cannot be read, or an own query has the name of a shipped one.
    """
    shipped = {file.stem: saved_query(file, own=False) for file in sorted(HOME.glob("*.sql"))}
    added = {file.stem: saved_query(file, own=True) for file in sorted(own.glob("*.sql"))} if own and own.is_dir() else {}
    for name in shipped.keys() & added.keys():
        raise SavedQueryBroken(file=f"{name}.sql", detail=Label("与随附的查询同名", "a shipped query has this name"))
    return dict(sorted({**shipped, **added}.items()))


def named(queries: Mapping[str, SavedQuery], name: str) -> SavedQuery:
    """Raises: `UnknownQuery`."""
    if name not in queries:
        raise UnknownQuery(names=", ".join(queries))
    return queries[name]


def saved_query(file: Path, *, own: bool) -> SavedQuery:
    """Reads the head: the title in English, `zh:` and the title in Chinese, `Parameter:` lines, `Consumers:`."""
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise SavedQueryBroken(file=file.name, detail=Label("不是 UTF-8 文本", "it is no text in UTF-8")) from None
    head = [line.removeprefix("--").strip() for line in text.splitlines() if line.startswith("--")]
    zh = next((line.removeprefix("zh:").strip() for line in head if line.startswith("zh:")), "")
    if len(head) < 2 or not zh or head[0].startswith("zh:"):
        raise SavedQueryBroken(
            file=file.name, detail=Label("开头缺少英文标题行和 `-- zh:` 中文标题行", "its head has no title, or no line `-- zh:` with the Chinese one")
        )
    parameters = tuple(_parameter(file.name, line.removeprefix("Parameter:").strip()) for line in head if line.startswith("Parameter:"))
    consumers = next((line.removeprefix("Consumers:").strip().rstrip(".") for line in head if line.startswith("Consumers:")), "")
    listed = tuple(each.strip() for each in consumers.split(",") if each.strip())
    return SavedQuery(file.stem, text.rstrip().rstrip(";"), Label(zh, head[0]), parameters, listed, own)


def bound(query: SavedQuery, given: Mapping[str, str]) -> dict[str, object]:
    """The values of all parameters, of their types; a day and a number with decimals as text, which the query casts.

    Raises: `ParameterUnknown`, `ParameterMissing`; `ParameterUnusable`, which never repeats the value.
    """
    for name in given.keys() - {each.name for each in query.parameters}:
        raise ParameterUnknown(query=query.name, name=name, names=", ".join(each.name for each in query.parameters) or "-")
    values: dict[str, object] = {}
    for parameter in query.parameters:
        text = given.get(parameter.name, parameter.default)
        if text is None:
            raise ParameterMissing(query=query.name, name=parameter.name)
        read, form = TYPES[parameter.type]
        try:
            values[parameter.name] = read(text)
        except (ValueError, ArithmeticError, KeyError):
            raise ParameterUnusable(name=parameter.name, form=form) from None
    return values


def _parameter(file: str, line: str) -> Parameter:
    """`name TYPE = default; English; Chinese.`; a default in quotes may be empty."""
    found = PARAMETER.fullmatch(line)
    if not found or found[2] not in TYPES:
        wanted = "name TYPE = default; English; 中文."
        raise SavedQueryBroken(file=file, detail=Label(f"参数行不符合 `{wanted}`", f"a line of a parameter is not like `{wanted}`"))
    name, kind, default, en, zh = found.groups()
    return Parameter(name, kind, default if default is None else default.strip().strip("'"), Label(zh, en))
