"""A site in its folder: whole or not at all, and never over something else."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest

from cabin.errors import FileUnwritable
from cabin.site import disk as disks
from cabin.site.disk import BEFORE, LocalDisk
from cabin.site.errors import SiteBusy, SiteFolderTaken
from cabin.site.whole import FORMAT, MARKER
from cabin.site.writing import UNFINISHED, is_site, put
from tests.cabin.kit import tree

MARK = (MARKER, f'{{"format": "{FORMAT}"}}'.encode())
OLD = (("index.html", b"old"), ("zh/old.html", b"old"), MARK)
NEW = (("index.html", b"new"), ("zh/new.html", b"new"), ("en/new.html", b"new"), MARK)
BEGUN = (("begun.html", b"begun"), ("index.html", b"begun"), ("zh/begun.html", b"begun"), MARK)


class Killed(BaseException):
    """The process dies here."""


class DyingDisk(LocalDisk):
    """Dies before its n-th operation, counted from 1 on; cleaning up does not count, for who is dead cleans nothing."""

    def __init__(self, last: int) -> None:
        self.left = last

    def _step(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise Killed

    def write(self, file: Path, content: bytes) -> None:
        self._step()
        super().write(file, content)

    def move(self, folder: Path, target: Path) -> None:
        self._step()
        super().move(folder, target)

    def swap(self, one: Path, other: Path) -> None:
        self._step()
        super().swap(one, other)

    def clear(self, folder: Path) -> None:
        if self.left > 0:
            super().clear(folder)


def held(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_a_site_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    """Nothing of the old one is left, neither in it nor beside it."""
    site = tmp_path / "deep" / "site"
    assert put(site, OLD) == 3 and held(site) == dict(OLD)
    assert put(site, NEW) == 4 and held(site) == dict(NEW)
    assert tree(tmp_path / "deep") == {"site", *(f"site/{path}" for path in tree(site))}


def test_the_old_site_is_replaced_where_folders_cannot_be_exchanged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By two renames; where the second fails the old one gets its name back."""
    monkeypatch.setattr(disks, "_exchanged", lambda one, other: False)
    site = tmp_path / "site"
    put(site, OLD)
    put(site, NEW)
    assert held(site) == dict(NEW) and tree(tmp_path) == {"site", *(f"site/{path}" for path in tree(site))}
    with pytest.raises(FileNotFoundError):
        disks._by_turns(tmp_path / "missing", site)
    assert held(site) == dict(NEW) and not site.with_name(site.name + BEFORE).exists()


@pytest.mark.parametrize("dies_at", range(1, len(BEGUN) + 2))
@pytest.mark.parametrize("before", [(), OLD], ids=["nothing there", "a site there"])
def test_a_crash_half_way_leaves_the_old_site(tmp_path: Path, dies_at: int, before: tuple[tuple[str, bytes], ...]) -> None:
    """At whichever operation the builder dies, readers find what was there before; the next build succeeds, holds nothing of what was begun, and leaves nothing behind."""
    site = tmp_path / "site"
    if before:
        put(site, before)
    with pytest.raises(Killed):
        put(site, BEGUN, DyingDisk(dies_at))
    assert (held(site) if site.exists() else {}) == dict(before)
    put(site, NEW)
    assert held(site) == dict(NEW) and {path.name for path in tmp_path.iterdir()} == {"site"}


def test_what_fails_while_pages_are_made_leaves_the_old_site(tmp_path: Path) -> None:
    """Files come one by one: an error in the last of them is no half site."""

    def failing():  # type: ignore[no-untyped-def]
        yield from NEW
        raise ValueError("a page cannot be made")

    put(tmp_path / "site", OLD)
    with pytest.raises(ValueError, match="cannot be made"):
        put(tmp_path / "site", failing())
    assert held(tmp_path / "site") == dict(OLD) and {path.name for path in tmp_path.iterdir()} == {"site"}


@pytest.mark.parametrize("marker", [None, b"", b"[]", b'{"format": "other"}'])
def test_a_folder_that_is_no_site_is_never_replaced(tmp_path: Path, marker: bytes | None) -> None:
    """Whatever lies there stays, also where a file has the marker's name."""
    folder = tmp_path / "papers"
    folder.mkdir()
    (folder / "thesis.txt").write_text("mine", encoding="utf-8")
    if marker is not None:
        (folder / MARKER).write_bytes(marker)
    before = held(folder)
    with pytest.raises(SiteFolderTaken):
        put(folder, NEW)
    assert held(folder) == before and {path.name for path in tmp_path.iterdir()} == {"papers"}


def test_a_file_and_a_closed_place_are_refused_in_words(tmp_path: Path) -> None:
    """A file is not replaced by a folder; where nobody may write, or a file stands in the way, an error says so."""
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    with pytest.raises(SiteFolderTaken):
        put(tmp_path / "file", NEW)
    with pytest.raises(FileUnwritable):
        put(tmp_path / "file" / "site", NEW)
    assert (tmp_path / "file").read_text(encoding="utf-8") == "mine"


def test_an_empty_folder_and_a_link_to_a_site_are_fine(tmp_path: Path) -> None:
    """Who made the folder beforehand, or names the site by way of a link, gets the site there; the link stays a link."""
    (tmp_path / "empty").mkdir()
    put(tmp_path / "empty", OLD)
    (tmp_path / "link").symlink_to("empty")
    put(tmp_path / "link", NEW)
    assert held(tmp_path / "empty") == dict(NEW) and (tmp_path / "link").is_symlink()


def test_two_builders_do_not_mix(tmp_path: Path) -> None:
    """The second is told; what the first wrote so far is left alone."""
    room = tmp_path / f".site{UNFINISHED}"
    room.mkdir()
    (room / "begun").write_text("first", encoding="utf-8")
    handle = os.open(room, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        with pytest.raises(SiteBusy):
            put(tmp_path / "site", NEW)
        assert (room / "begun").exists()
    finally:
        os.close(handle)
    put(tmp_path / "site", NEW)
    assert is_site(tmp_path / "site") and not room.exists()
