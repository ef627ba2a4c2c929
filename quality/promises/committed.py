"""The suites as they are committed, `quality/suites/<flavour>/<contract>.json`, and where they differ from what the contracts give."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from quality.promises.checks import FLAVOURS, Suite

HOME = Path(__file__).parents[1] / "suites"


@dataclass(frozen=True, slots=True)
class Drift:
    """A suite that is not what its contract gives: edited (or its contract was), missing, or of a contract that is no more."""

    name: str
    what: Literal["differs", "missing", "orphan"]


def drift(suites: Iterable[Suite], folder: Path = HOME) -> list[Drift]:
    """All of them, in name order; none where contracts and folder agree to the byte."""
    wanted, there = {suite.name: suite.text() for suite in suites}, _texts(folder)
    names = sorted(name for name in wanted.keys() | there.keys() if wanted.get(name) != there.get(name))
    return [Drift(name, "missing" if name not in there else "orphan" if name not in wanted else "differs") for name in names]


def write(suites: Sequence[Suite], folder: Path = HOME) -> list[Drift]:
    """Makes the folder what the contracts give; what was put right."""
    texts = {suite.name: suite.text() for suite in suites}
    found = drift(suites, folder)
    for each in found:
        file = folder / f"{each.name}.json"
        if each.what == "orphan":
            file.unlink()
        else:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(texts[each.name], encoding="utf-8")
    return found


def _texts(folder: Path) -> dict[str, str]:
    files = [file for flavour in FLAVOURS for file in sorted((folder / flavour).glob("*.json"))]
    return {f"{file.parent.name}/{file.stem}": file.read_text(encoding="utf-8") for file in files}
