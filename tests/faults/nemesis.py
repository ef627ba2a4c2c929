"""A run of the harness: deliveries flow, a seeded schedule of attacks falls on them, and afterwards the accounts are taken.

The seed decides the deliveries, the attacks and their targets; a failure names it with all that was done, and the same seed does the same again.
"""

from __future__ import annotations

import random
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from cabin.broker import Broker
from contracts.read import load
from tests.faults import accounts, subscribed
from tests.faults.attacks import ATTACKS
from tests.faults.deliveries import Town, Wave
from tests.faults.doors import GatewayDoor
from tests.faults.flow import Flow
from tests.faults.reading import ends_now, read_all
from tests.faults.reference import Reference, reference
from tests.faults.site import PARTITIONS, Cast, Site, site
from warehouse.errors import NoSnapshot
from warehouse.hashes import mart_hashes
from warehouse.publish import snapshot_path

QUIET_SECONDS = 3.0
STUCK_SECONDS = 60.0
"""Without any log growing or snapshot published for so long, what is not equal will not become so."""
LAST_SECONDS = 600.0
LOOK_SECONDS = 1.0
ROUND = 50
"""Attacks after which accounts are taken: so that in a long run what goes wrong is found near where it happened, and ends it."""
WAVE_ROWS = (1_500, 8_000)
"""The least and the most rows of a wave; in between two waves come to one attack."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What is tried: the seed, how many rows flow and how many attacks fall on them."""

    seed: int
    rows: int
    attacks: int
    only: tuple[str, ...] = ()
    """Names of attacks; empty: all of them."""

    @classmethod
    def of(cls, environment: Mapping[str, str], rows: int, attacks: int) -> Trial:
        """What the environment names, so that a failure can be tried again as its story says."""
        return cls(
            seed=int(environment.get("CABIN_FAULTS_SEED", "7")),
            rows=int(environment.get("CABIN_FAULTS_ROWS", rows)),
            attacks=int(environment.get("CABIN_FAULTS", attacks)),
            only=tuple(filter(None, environment.get("CABIN_FAULTS_ONLY", "").split(","))),
        )

    @property
    def wave_rows(self) -> int:
        least, most = WAVE_ROWS
        return min(most, max(least, self.rows // (2 * self.attacks)))


@dataclass(frozen=True, slots=True)
class Blow:
    """One attack of a schedule: its name, the seed of its own choices, and how many waves it lets be acknowledged first."""

    attack: str
    seed: int
    after_waves: int


@dataclass(slots=True)
class Story:
    """What happened, to be told where something is wrong."""

    trial: Trial
    lines: list[str] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    started: float = field(default_factory=time.monotonic)
    told: Callable[[str], None] = lambda line: None
    """Hears each line as it comes."""

    def tell(self, line: str) -> None:
        self.lines.append(f"{time.monotonic() - self.started:7.1f} s  {line}")
        self.told(self.lines[-1])

    def __str__(self) -> str:
        again = f"CABIN_FAULTS_SEED={self.trial.seed} CABIN_FAULTS_ROWS={self.trial.rows} CABIN_FAULTS={self.trial.attacks} CABIN_FAULTS_ONLY={','.join(self.trial.only)} pytest tests/faults/test_nemesis.py"
        return "\n".join([f"seed {self.trial.seed}; once more: {again}", *self.lines, f"{len(self.findings)} findings", *self.findings])


def schedule(trial: Trial, attacks: Sequence[str]) -> list[Blow]:
    """Every attack before any comes twice, in an order of the seed's."""
    chance = random.Random(trial.seed)
    names: list[str] = []
    while len(names) < trial.attacks:
        names += chance.sample(list(attacks), len(attacks))
    return [Blow(name, chance.randrange(2**31), chance.randrange(3)) for name in names[: trial.attacks]]


def run(trial: Trial, folder: Path, broker: Broker, cast: Cast, told: Callable[[str], None] = lambda line: None) -> Story:
    """The whole of it. The story's findings are empty where nothing was lost or doubled; `told` hears it line by line."""
    story = Story(trial, told=told)
    blows = schedule(trial, [name for name in ATTACKS if not trial.only or name in trial.only])
    for number, blow in enumerate(blows):
        story.tell(f"planned {number}: {blow}")
    waves = list(Town(folder / "town", trial.seed, trial.wave_rows).waves(trial.rows))
    with ExitStack() as stack:
        at = stack.enter_context(site(folder / "site", broker, cast))
        door = GatewayDoor(at.environment, at.folder / "landing.log", at.gateway)
        flow = stack.enter_context(Flow(door, trial.seed))
        try:
            stretches = _stretches(waves, len(blows) + -(-len(blows) // ROUND))
            for start in range(0, len(blows), ROUND):
                _disturb(at, flow, blows[start : start + ROUND], stretches, story)
                _take_accounts(at, flow, folder / f"reference-{start}", story)
                if story.findings:
                    break
        except Exception:  # whatever it is, it is told with all that led to it
            story.findings.append(f"the run did not end: {traceback.format_exc()}")
        story.tell(f"starts {at.fleet.starts}")
    return story


def _stretches(waves: Sequence[Wave], parts: int) -> Iterator[Sequence[Wave]]:
    """The waves in as many consecutive parts, all as long as they can be."""
    for part in range(parts):
        yield waves[len(waves) * part // parts : len(waves) * (part + 1) // parts]


def _disturb(at: Site, flow: Flow, blows: Sequence[Blow], stretches: Iterator[Sequence[Wave]], story: Story) -> None:
    for blow in blows:
        flow.give(next(stretches))
        flow.wait(blow.after_waves)
        alive = at.life()
        story.tell(f"{blow.attack}: {ATTACKS[blow.attack](at, flow, random.Random(blow.seed))}")
        if not at.wait(alive):
            story.tell("no sign of life")
        _operate(at, story)
    flow.give(next(stretches))
    assert flow.wait(), "not every wave was acknowledged"
    story.tell(f"{flow.ledger.rows} rows in {len(flow.ledger.deliveries)} deliveries acknowledged, {len(flow.ledger.recalled)} decided over")


def _operate(at: Site, story: Story) -> None:
    done = at.operate()
    if done:
        story.tell(done)


def _take_accounts(at: Site, flow: Flow, folder: Path, story: Story) -> None:
    wanted = reference(folder, at.broker.address, at.data / "vault", PARTITIONS)
    story.tell("reference computed")
    story.findings += _settled(at, story, lambda: _marts_differ(at, wanted))
    story.findings += _settled(at, story, lambda: _subscribers_differ(at, wanted))
    story.tell("marts and subscribers compared")
    raw, outcomes = read_all(at.broker.address, "cabin.raw."), read_all(at.broker.address, "cabin.outcomes")
    story.findings += accounts.check(raw, outcomes, read_all(at.broker.address, "cabin.quarantine"), flow.ledger)
    claims = accounts.facts_of(read_all(at.broker.address, "cabin.claims"))
    story.findings += accounts.facts_equal(claims, accounts.facts_of(wanted.claims), expired=bool(at.kept_from))
    story.tell(f"accounts taken of {len(raw)} raw messages, {len(outcomes)} outcomes and {sum(map(len, claims.values()))} facts")


def _settled(at: Site, story: Story, differ: Callable[[], list[str]]) -> list[str]:
    """What still differs when nothing moves any more; asked whenever it is quiet, and enough as soon as nothing differs."""
    moved, seen, asked, found = time.monotonic(), None, None, ["nothing was quiet long enough to be compared"]
    limit = moved + LAST_SECONDS
    while time.monotonic() < limit:
        now = (ends_now(at.broker.address), _published(lambda: {"snapshot": snapshot_path(at.published).name}))
        if now != seen:
            seen, moved = now, time.monotonic()
        quiet = time.monotonic() - moved
        if quiet > QUIET_SECONDS and asked != seen:
            asked, found = seen, differ()
        if not found or quiet > STUCK_SECONDS:
            return found
        _operate(at, story)
        time.sleep(LOOK_SECONDS)
    return found


def _marts_differ(at: Site, wanted: Reference) -> list[str]:
    held = _published(lambda: mart_hashes(snapshot_path(at.published), load()))
    return [f"mart {name} differs from the reference" for name in sorted({*held, *wanted.hashes}) if held.get(name) != wanted.hashes.get(name)]


def _subscribers_differ(at: Site, wanted: Reference) -> list[str]:
    """Against the reference's marts: where the published ones differ from those, that is told on its own."""
    records, facts = read_all(at.broker.address, subscribed.ENTITY), read_all(at.broker.address, "cabin.discrepancies")
    told = [*subscribed.versions(records), *subscribed.versions(facts)]
    return [*told, *subscribed.entities(records, wanted.snapshot, load()), *subscribed.notices(facts, wanted.snapshot)]


def _published(asked: Callable[[], dict[str, str]]) -> dict[str, str]:
    """Empty where no snapshot is published yet, or the one that was just went."""
    try:
        return asked()
    except (NoSnapshot, OSError):
        return {}
