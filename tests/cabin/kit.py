"""A cabin as a person uses it, in process: commands with what they said, one shared district, and a small set of its deliveries for tests that write."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable, Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cabin.__main__ import run
from cabin.demo.generate import Manifest, generate
from contracts.read import load
from warehouse.hashes import mart_hashes
from warehouse.publish import snapshot_path

PEOPLE, SEED = 1_300, 7
ENGLISH = re.compile(r"[A-Za-z]{2,} [A-Za-z]{2,}")
"""Two Latin words that follow each other: an English sentence; commands in backticks, file and column names aside, Chinese has none."""
ENVIRONMENT = {
    "CABIN_LANG": "en",
    "CABIN_PROCESSES": "1",
    "CABIN_MEMORY_MB": "1000",
    "CABIN_ACTOR": "tester",
    "CABIN_SQL_SECONDS": "30",
    "CABIN_HISTORY_MINUTES": "0",
}
"""More time for a query than people get: a busy machine is no fault of what is tested. History only where a test asks for it."""
SNAPSHOT_ROWS = 40
"""Residents of the small set; with its visits and leases some 90 rows."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.out)
        return found


@dataclass(frozen=True, slots=True)
class District:
    """A generated district that was landed and run once; read it, never write into it."""

    manifest: Manifest
    data: Path
    landed: Said
    ran: Said

    @property
    def deliveries(self) -> Path:
        return self.manifest.folder / "deliveries"

    @property
    def truth(self) -> Path:
        return self.manifest.truth


def holds_english(text: str) -> bool:
    """Whether a Chinese text has a piece of an English sentence in it."""
    return ENGLISH.search(re.sub("`[^`]*`", "", text)) is not None


def cabin(data: Path, *arguments: str, lang: str = "en", **settings: str) -> Said:
    """Runs one command over a data folder."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = run(arguments, {**ENVIRONMENT, "CABIN_DATA": str(data), "CABIN_LANG": lang, **settings})
    return Said(code, out.getvalue(), err.getvalue())


def done(data: Path, *arguments: str, **settings: str) -> Said:
    """Runs one command that must succeed."""
    said = cabin(data, *arguments, **settings)
    assert said.code == 0, (arguments, said)
    return said


def standing(data: Path, **settings: str) -> dict[str, Any]:
    """What `status` says, without what changes by itself: ages, rates and sizes."""
    document = done(data, "--json", "status", **settings).document
    del document["now"]
    return document


def district_in(folder: Path) -> District:
    """The shared district."""
    manifest = generate(folder, PEOPLE, SEED)
    data = folder / "data"
    return District(manifest, data, done(data, "--json", "land", "auto", str(folder / "deliveries")), done(data, "--json", "run"))


def hashes(data: Path) -> dict[str, str]:
    """The hash of every published mart."""
    return mart_hashes(snapshot_path(data / "published"), load())


def small_set(manifest: Manifest, folder: Path) -> Path:
    """Three deliveries that speak about the same households: residents, leases and visits; one row of each list breaks a rule."""
    folder.mkdir(parents=True)
    visits = _objects(next(reversed(_files(manifest, "visit", least=30))))
    spoken_of = {row["对象编号"] for row in visits if row["对象类型"] == "人" and row["对象编号"]}
    header, *lines = _files(manifest, "ps_resident", least=100)[0].read_text("gb18030").splitlines()
    chosen = sorted(lines, key=lambda line: (line.split(",")[2] not in spoken_of, line))[:SNAPSHOT_ROWS]
    broken = chosen[0].replace(chosen[0].split(",")[2], "", 1).replace("RY", "RZ", 1)
    text = "\r\n".join([header, *chosen, broken, ""])
    _write(
        folder / "1_ps_resident.csv",
        text.encode("gb18030"),
        feed="ps_resident",
        mode="snapshot",
        moment="2026-02-01T06:00:00",
        area="330302",
        rows=len(chosen) + 1,
    )
    leases = _objects(_files(manifest, "rental", least=30)[0])[:12]
    leases.append({**leases[0], "合同编号": "HT99999999", "承租人证件号": ""})
    _write(folder / "2_rental.jsonl", _lines(leases), feed="rental", mode="increment")
    _write(folder / "3_visit.jsonl", _lines(visits), feed="visit", mode="increment")
    return folder


def tree(folder: Path) -> set[str]:
    """Everything below a folder but the desk's index, which whoever asks the desk brings up to date."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.relative_to(folder).parts[0] != "desk"} if folder.exists() else set()


def _files(manifest: Manifest, feed: str, least: int) -> list[Path]:
    return [each.file for each in manifest.deliveries if each.feed == feed and each.rows >= least]


def _objects(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def _lines(rows: Iterable[Mapping[str, Any]]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def _write(file: Path, content: bytes, **manifest: object) -> None:
    file.write_bytes(content)
    file.with_name(file.name + ".manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
