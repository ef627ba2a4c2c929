"""Help pages and mistakes at the command line in the chosen language: the library that parses arguments speaks English only.

A help text stands once in the code, English first, then Chinese from its first Chinese character on; each page shows its half.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import typer

from contracts.model import Label

HALVES = re.compile(r"\s*(?=[\u4e00-\u9fff])")
WORDS = (
    ("Usage: ", "用法："),
    ("[OPTIONS]", "[选项]"),
    ("COMMAND [ARGS]...", "命令 [参数]..."),
    ("\nArguments:\n", "\n参数：\n"),
    ("\nOptions:\n", "\n选项：\n"),
    ("\nCommands:\n", "\n命令：\n"),
    ("[required]", "[必填]"),
    ("[default: ", "[默认："),
    ("[default:", "[默认："),
    ("Show this message and exit.", "显示本页后退出。"),
)
VALUES = {
    "int_parsing": Label("应为整数", "a whole number"),
    "int_from_float": Label("应为整数", "a whole number"),
    "float_parsing": Label("应为数字", "a number"),
    "greater_than_equal": Label("应不小于 {ge}", "at least {ge}"),
    "less_than_equal": Label("应不大于 {le}", "at most {le}"),
}
"""What a value should have been, by the validator's name of the mistake."""
OTHERS = (
    (r"No such command (.*?)\.?(?: Did you mean (.*)\?)?$", "没有命令 {0}", "；是否指 {1}？"),
    (r"Missing command", "缺少子命令", ""),
    (r"Got unexpected extra argument\(s\) \((.*)\)", "多余的参数：{0}", ""),
)


class ChinesePage(typer.Context):
    """Makes the library's own words on a help page Chinese."""

    def get_help(self) -> str:
        page = super().get_help()
        for en, zh in WORDS:
            page = page.replace(en, zh)
        return page


def half(text: str | None, lang: str) -> str | None:
    """The part of a help text that is in the language; a text in one language is shown as it is."""
    parts = HALVES.split(text, maxsplit=1) if text else []
    return parts[lang == "zh"] if len(parts) == 2 and all(parts) else text


def in_language(command: Any, lang: str) -> None:
    """Gives every page from `command` on its half of each text, and Chinese pages Chinese headings."""
    if lang == "zh":
        command.context_class = ChinesePage
    for parameter in command.params:
        if hasattr(parameter, "help"):
            parameter.help = half(parameter.help, lang)
    for below in getattr(command, "commands", {}).values():
        in_language(below, lang)


def mistake(error: Any, lang: str) -> str:
    """What is wrong with the arguments, as one sentence; `error` is one of the library's usage errors."""
    if lang != "zh":
        return _english_value(error) if type(error).__name__ == "BadParameter" else str(error.format_message())
    return MISTAKES.get(type(error).__name__, _other)(error)


def _missing(error: Any) -> str:
    return f"缺少{'选项' if error.param.param_type_name == 'option' else '参数'} {error.param.get_error_hint()}"


def _no_option(error: Any) -> str:
    near = f"；相近的有 {', '.join(sorted(error.possibilities))}" if error.possibilities else ""
    return f"没有选项 {error.option_name}{near}"


def _option_use(error: Any) -> str:
    return f"选项 {error.option_name} {'不带值' if 'not take' in error.message else '缺少值'}"


def _value(error: Any) -> str:
    found, choices = _found(error)
    wanted = f"应为 {choices} 之一" if choices else VALUES[found["type"]].zh.format(**found.get("ctx", {})) if found["type"] in VALUES else "形式不符"
    return f"{error.param.get_error_hint() if error.param else ''} 的值不可用：{wanted}"


def _english_value(error: Any) -> str:
    """As `_value`; what has no words of ours is told in the library's."""
    found, choices = _found(error)
    if error.param is None or not (choices or found["type"] in VALUES):
        return str(error.format_message())
    wanted = f"one of {choices}" if choices else VALUES[found["type"]].en.format(**found.get("ctx", {}))
    return f"the value of {error.param.get_error_hint()} cannot be used: it must be {wanted}"


def _found(error: Any) -> tuple[dict[str, Any], str]:
    """What the validator says of a value, and the values there may be, where it says so."""
    found = error.__cause__.errors()[0] if hasattr(error.__cause__, "errors") else {"type": "", "msg": error.message}
    choices = re.search(r"is not one of (.*?)\.?$", found["msg"])
    return found, choices[1] if choices else ""


def _other(error: Any) -> str:
    message = str(error.format_message())
    for pattern, zh, more in OTHERS:
        found = re.match(pattern, message)
        if found:
            named = [each or "" for each in found.groups()]
            return (zh + (more if more and named[-1] else "")).format(*named)
    return f"参数有误（{message}）"


MISTAKES: dict[str, Callable[[Any], str]] = {
    "MissingParameter": _missing,
    "NoSuchOption": _no_option,
    "BadOptionUsage": _option_use,
    "BadParameter": _value,
}
"""By the name of the library's class: the classes themselves are not part of its public face."""
