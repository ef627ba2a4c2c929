"""Every error a person can meet: a class, a stable code, a fact, a hint, in Chinese and English.

Messages hold rule names, columns, counts and paths, never a value from a delivery.
"""

from __future__ import annotations

import errno
from typing import ClassVar

from contracts.model import Label


class CabinError(Exception):
    """The root of all expected errors. `fact` and `hint` are format strings over the keyword arguments the error was raised with; a `Label` is told in their language."""

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
        values = {name: value.get(lang) if isinstance(value, Label) else value for name, value in self.values.items()}
        return self.fact[lang].format(**values), self.hint[lang].format(**values)


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


DISK_FAULTS = {
    errno.ENOSPC: Label("磁盘空间不足", "no space left on the disk"),
    errno.EDQUOT: Label("超出磁盘配额", "the disk quota is used up"),
    errno.EACCES: Label("没有权限", "no right to do so"),
    errno.EPERM: Label("没有权限", "no right to do so"),
    errno.EROFS: Label("文件系统只读", "the file system is read-only"),
    errno.EEXIST: Label("该位置是文件，不是目录", "a file lies where the folder should be"),
    errno.ENOTDIR: Label("该位置是文件，不是目录", "a file lies where the folder should be"),
    errno.EISDIR: Label("该位置是目录，不是文件", "a folder lies where the file should be"),
    errno.ENOENT: Label("路径不存在", "the path does not exist"),
    errno.EIO: Label("磁盘读写出错", "the disk does not read or write"),
}


def disk_fault(error: OSError) -> Label:
    """What the operating system says about a file or folder, in both languages; its own words in English are all there is for rare ones."""
    said = error.strerror or type(error).__name__
    return DISK_FAULTS.get(error.errno or 0, Label(f"系统错误 {error.errno}", said))
