"""Files that a person asked for: written, or one sentence why not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cabin.errors import FileUnwritable
from contracts.model import Label

REASONS = {
    FileNotFoundError: Label("文件夹不存在", "its folder does not exist"),
    IsADirectoryError: Label("该处是文件夹", "there is a folder of this name"),
    NotADirectoryError: Label("路径中有一处不是文件夹", "a part of its path is no folder"),
    FileExistsError: Label("该处已有文件", "there is a file of this name"),
    PermissionError: Label("没有权限", "it may not be written"),
}
"""Whatever else goes wrong, a full disk for instance, is told as everywhere."""


@contextmanager
def written_to(place: Path) -> Iterator[None]:
    """Whoever writes there within says what was wrong with the place. Raises: `FileUnwritable`."""
    try:
        yield
    except tuple(REASONS) as error:
        raise FileUnwritable(file=str(place), detail=REASONS[type(error)]) from None


def write_file(file: Path, content: bytes) -> None:
    """Raises: `FileUnwritable`."""
    with written_to(file):
        file.write_bytes(content)


def make_folder(folder: Path) -> None:
    """With those above it. Raises: `FileUnwritable`."""
    with written_to(folder):
        folder.mkdir(parents=True, exist_ok=True)
