"""What can go wrong inside a publish beyond a call that fails: writes cut in half, a full disk, marts that do not keep their promise. The old snapshot stays."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from streams.log import EmbeddedLog
from tests.warehouse.publishing import households_of, one_more, publisher
from tests.warehouse.samples import contracts, log_at
from warehouse.catalogue import mart_file, mart_files
from warehouse.errors import MartBreaksContract
from warehouse.files import LocalFiles
from warehouse.load import Current
from warehouse.publish import pointed, snapshot_path


class HalfCopied(LocalFiles):
    """Dies in the middle of the copy that a snapshot begins with."""

    def copy(self, source: Path, target: Path) -> None:
        target.write_bytes(source.read_bytes()[: source.stat().st_size // 2])
        raise OSError("died")


class HalfWritten(LocalFiles):
    """Dies in the middle of writing the pointer."""

    def write(self, target: Path, text: str) -> None:
        super().write(target, text[: len(text) // 2])
        raise OSError("died")


def held(folder: Path) -> int:
    with duckdb.connect(str(snapshot_path(folder / "published")), read_only=True) as snapshot:
        return households_of(snapshot)


@pytest.mark.parametrize("files", [HalfCopied(), HalfWritten()], ids=lambda files: type(files).__name__)
def test_what_is_written_by_half_is_never_read(tmp_path: Path, log: EmbeddedLog, current: Current, files: LocalFiles) -> None:
    """Readers find the old snapshot whole, and the next publish the new one, with nothing left over."""
    one_more(log, current)
    publisher(tmp_path).publish(current)
    one_more(log, current)
    with pytest.raises(OSError, match="died"):
        dataclasses.replace(publisher(tmp_path), files=files).publish(current)
    assert held(tmp_path) == 1
    assert publisher(tmp_path).publish(current).snapshot == "000002"
    assert held(tmp_path) == 2 and len(list((tmp_path / "published").iterdir())) == 2


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from tests.warehouse.publishing import one_more, publisher
from tests.warehouse.samples import contracts, log_at
from warehouse.load import Current

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
folder = Path(sys.argv[1])
with log_at(folder) as log, Current.open(folder / "current.duckdb", contracts()) as current:
    one_more(log, current)
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)
    publisher(folder).publish(current, whole=sys.argv[3] == "whole")
"""


@pytest.mark.parametrize(("size", "way"), [(400_000, "whole"), (1_000_000, "changed")])
def test_a_disk_that_takes_no_more_in_the_middle_of_a_snapshot(tmp_path: Path, size: int, way: str) -> None:
    """The engine's own writes, or those of the copy, fail at so many bytes of a file: the process ends, readers go on, and where there is room again nothing is lost."""
    with log_at(tmp_path) as log, Current.open(tmp_path / "current.duckdb", contracts()) as current:
        one_more(log, current)
        assert publisher(tmp_path).publish(current).path.stat().st_size > size
    full = subprocess.run([sys.executable, "-c", FULL_DISK, str(tmp_path), str(size), way], capture_output=True, text=True, check=False, timeout=120)
    assert full.returncode == 1 and "File too large" in full.stderr
    assert held(tmp_path) == 1 and pointed(tmp_path / "published") == "000001"
    with log_at(tmp_path) as log, Current.open(tmp_path / "current.duckdb", contracts()) as current:
        current.load(log)
        publisher(tmp_path).publish(current)
    assert held(tmp_path) == 2


SEVERAL = "(select count(*) > 1 from dwelling_current)"


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        (f"residents cross join range(1 + {SEVERAL}::integer)", "a key stands twice"),
        (f"(from residents union all by name select null::varchar as person where {SEVERAL}) as residents", "a key is null"),
    ],
)
def test_what_breaks_the_grain_in_a_small_publish_is_not_published(tmp_path: Path, log: EmbeddedLog, current: Current, change: str, detail: str) -> None:
    """A mart that was sound may break with what came since: a publish of what changed finds it, too, and the old snapshot stays."""
    broken = mart_file("household", mart_files()["household"].sql.replace("\nfrom residents\n", f"\nfrom {change}\n"))
    unsound = dataclasses.replace(publisher(tmp_path), marts={"household": broken})
    one_more(log, current)
    unsound.publish(current)
    one_more(log, current)
    with pytest.raises(MartBreaksContract, match=f"household.*{detail}"):
        unsound.publish(current)
    assert pointed(tmp_path / "published") == "000001"
    publisher(tmp_path).publish(current)
    assert held(tmp_path) == 2


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        ("residents cross join range(2)", "a key stands twice"),
        ("(from residents union all by name select null::varchar as person) as residents", "a key is null"),
    ],
)
def test_a_mart_that_breaks_the_grain_of_its_contract_is_not_published(tmp_path: Path, log: EmbeddedLog, current: Current, change: str, detail: str) -> None:
    """Columns and types may be right and a key stand twice or be null all the same; the sentence names the mart, the old snapshot stays."""
    one_more(log, current)
    publisher(tmp_path).publish(current)
    sql = mart_files()["household"].sql
    assert sql.count("\nfrom residents\n") == 1
    broken = mart_file("household", sql.replace("\nfrom residents\n", f"\nfrom {change}\n"))
    with pytest.raises(MartBreaksContract, match=f"household.*{detail}"):
        dataclasses.replace(publisher(tmp_path), marts={"household": broken}).publish(current)
    assert pointed(tmp_path / "published") == "000001" and held(tmp_path) == 1
