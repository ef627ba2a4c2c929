"""The loader of a cabin whose golden records were folded under another release's contracts."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from cabin.clock import BeijingClock
from cabin.loader import Loader
from cabin.ports import open_log
from cabin.settings import Settings
from contracts.topics import CHANGES, RELEASE
from warehouse.errors import GoldenOfAnotherRelease
from warehouse.publish import pointed


def test_nothing_is_published_until_workers_of_this_release_folded_anew(small_cabin: Path, tmp_path: Path) -> None:
    """While the newest change of a partition names other contracts, readers keep what is published; once it names ours again, a new snapshot follows."""
    data = tmp_path / "data"
    shutil.copytree(small_cabin, data)
    loader = Loader(Settings.from_mapping({"CABIN_DATA": str(data)}), BeijingClock())
    held = pointed(data / "published")
    with open_log(data) as log:
        ours = log.read(CHANGES, 0, log.end(CHANGES, 0) - 1)[0].message
        log.append(CHANGES, 0, [replace(ours, headers={**ours.headers, RELEASE: "of another release"})])
    with pytest.raises(GoldenOfAnotherRelease) as refused:
        loader.follow(once=True)
    assert refused.value.values["count"] == 1
    assert pointed(data / "published") == held
    with open_log(data) as log:
        log.append(CHANGES, 0, [ours])
    assert loader.follow(once=True) == pointed(data / "published") != held
