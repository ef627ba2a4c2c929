"""Every error a person can meet: a class, a stable code, a fact, a hint, in Chinese and English.

Messages hold rule names, columns, counts and paths, never a value from a delivery.
"""

from __future__ import annotations

from typing import ClassVar


class CabinError(Exception):
    """The root of all expected errors. `fact` and `hint` are format strings over the keyword arguments the error was raised with."""

    code: ClassVar[str] = "cabin-error"
    exit_code: ClassVar[int] = 1
    fact: ClassVar[dict[str, str]] = {"en": "{detail}", "zh": "{detail}"}
    hint: ClassVar[dict[str, str]] = {"en": "Read the fact above.", "zh": "请查看上面的说明。"}

    def __init__(self, **values: object) -> None:
        self.values = values
        super().__init__(self.render("en")[0])

    def __reduce__(self) -> tuple[object, ...]:
        """Errors cross process boundaries whole; Python's own way knows no keyword arguments."""
        return _again, (type(self), self.values)

    def render(self, lang: str) -> tuple[str, str]:
        """The fact and the hint in one language (`zh` or `en`)."""
        return self.fact[lang].format(**self.values), self.hint[lang].format(**self.values)


def _again(kind: type[CabinError], values: dict[str, object]) -> CabinError:
    return kind(**values)


class UsageError(CabinError):
    """The command was given something it cannot use."""

    code = "usage"
    exit_code = 2


class Unavailable(CabinError):
    """Something the command needs is not there or is in use."""

    code = "unavailable"
    exit_code = 3


class InvalidContract(CabinError):
    """A contract file cannot be read as a contract."""

    code = "invalid-contract"
    fact: ClassVar[dict[str, str]] = {"en": "the contract {file} is invalid: {detail}", "zh": "数据契约 {file} 无效：{detail}"}
    hint: ClassVar[dict[str, str]] = {
        "en": "Run `cabin contract check` on the file: it names every mistake with its line.",
        "zh": "请对该文件运行 `cabin contract check`：逐条列出错误及行号。",
    }
