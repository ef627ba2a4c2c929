"""What `cabin demo` does, step by step, and what a newcomer reads at its end."""

from __future__ import annotations

import dataclasses
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

from cabin.demo.generate import Manifest, generate
from cabin.demo.tasks import TIMERS
from cabin.errors import FolderTaken
from cabin.output import Output
from cabin.pipeline import Pipeline
from cabin.ports import open_landing
from cabin.session import Session
from contracts.model import Label
from streams.landing import jobs_in, land_many

Result = TypeVar("Result")
STEPS = {"generate": Label("生成", "generate"), "land": Label("接收", "land"), "run": Label("核定", "run"), "summary": Label("汇总", "summary")}
"""The steps that are timed."""
MARK = ".cabin-demo"
PARALLEL_PEOPLE = 20_000
"""Below this size one process lands faster than helpers start."""


def told_seconds(out: Output, seconds: Mapping[str, float]) -> str:
    """How long each step took, in words."""
    return out.text(", ", "，").join(f"{out.named(STEPS, name)} {each:.1f}" for name, each in seconds.items())


@dataclass
class Demonstration:
    """One run of the demo over a folder of its own."""

    session: Session
    folder: Path
    people: int
    seed: int
    seconds: dict[str, float] = field(default_factory=dict)
    repeated: int = 0
    """Data rows that came a second time, in deliveries sent again."""

    def run(self) -> int:
        """Everything; an earlier demo in the folder is replaced. Raises: `FolderTaken` where the folder holds anything else."""
        self._clear()
        self.session.settings = dataclasses.replace(self.session.settings, data=self.folder / "data")
        manifest = self._timed("generate", lambda: generate(self.folder, self.people, self.seed))
        self._say(
            f"generated {manifest.rows:,} rows in {len(manifest.deliveries)} deliveries", f"已生成 {len(manifest.deliveries)} 个批次，共 {manifest.rows:,} 行"
        )
        self._timed("land", lambda: self._land(manifest))
        self._timed("run", self._run)
        self._summary(manifest)
        return 0

    def _clear(self) -> None:
        if self.folder.exists() and any(self.folder.iterdir()):
            if not (self.folder / MARK).exists():
                raise FolderTaken(folder=self.folder.name)
            shutil.rmtree(self.folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / MARK).touch()
        own = self.folder / "data" / "feeds"
        own.mkdir(parents=True)
        (own / "service_level.demo.csv").write_text(TIMERS, encoding="utf-8")

    def _land(self, manifest: Manifest) -> None:
        settings, session = self.session.settings, self.session
        session.log.end("", 0)  # made here with the settings' partitions, before helpers open it
        jobs = jobs_in([delivered.file for delivered in manifest.deliveries], session.contracts)
        processes = settings.processes if self.people >= PARALLEL_PEOPLE else 1
        landed = 0
        for outcome in land_many(partial(open_landing, settings.data, brokers=settings.brokers), jobs, processes):
            if outcome.error is not None:
                raise outcome.error
            report = outcome.report
            assert report is not None
            if report.already_landed:
                self.repeated += report.delivered - report.layout
            else:
                landed += report.landed
        self._say(f"landed {landed:,} rows", f"已接收 {landed:,} 行")

    def _run(self) -> None:
        settings = self.session.settings
        with Pipeline.open(settings) as pipeline:
            drained = pipeline.drain()
        self._say(
            f"normalised {drained.rows:,} rows, made {drained.changes:,} changes to golden records, published snapshot {drained.snapshot}",
            f"标准化 {drained.rows:,} 行，核定记录变更 {drained.changes:,} 次，已发布快照 {drained.snapshot}",
        )

    def _summary(self, manifest: Manifest) -> None:
        from cabin.demo_summary import summary

        self._timed("summary", lambda: summary(self.session, manifest, self.repeated))
        whole = sum(self.seconds.values())
        self.session.out.document["seconds"] = {**self.seconds, "all": whole}
        out, parts = self.session.out, told_seconds(self.session.out, self.seconds)
        out.line(f"\nseconds: {whole:.1f} ({parts})", f"\n用时：{whole:.1f} 秒（{parts}）")

    def _timed(self, name: str, step: Callable[[], Result]) -> Result:
        started = time.perf_counter()
        result = step()
        self.seconds[name] = time.perf_counter() - started
        return result

    def _say(self, en: str, zh: str) -> None:
        self.session.out.progress(en, zh)
