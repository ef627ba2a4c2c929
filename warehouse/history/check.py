"""Whether every file of history is there and as it was written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from warehouse.history.manifest import File, Manifest
from warehouse.history.parquet import digest_of


@dataclass(frozen=True, slots=True)
class Fault:
    """A file that is not what the manifest says."""

    file: File
    what: Literal["missing", "truncated", "altered"]


def check(folder: Path, manifest: Manifest) -> Iterator[Fault]:
    """Every fault, in the manifest's order. Sizes are asked first, then each byte is read."""
    for file in manifest.files:
        path = folder / file.path
        if not path.exists():
            yield Fault(file, "missing")
        elif path.stat().st_size < file.bytes:
            yield Fault(file, "truncated")
        elif digest_of(path) != file.sha256:
            yield Fault(file, "altered")
