"""The main job's two streaming steps over a log in one process (with helpers for large loads): raw messages to claims, claims to golden records.

Normalise's position is the outcomes topic: a raw message without an outcome is still to do. Claims are appended first, outcomes last, so a crash
in between derives the same facts again, which changes nothing. All that is derived was made under one version of the address alias table; where another
was released since, it is made anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field, replace
from multiprocessing import get_context

from contracts.aliases import UNALIASED, Aliases
from contracts.database import connect
from contracts.engine import prepare
from contracts.ipc import number_of
from contracts.model import Contracts
from contracts.ports import Log, Position, Sealer, Stored
from contracts.topics import CLAIMS, DERIVED, OUTCOMES, QUARANTINE, RAW
from streams.aliases import released
from streams.normalise import Derived, known_key, normalise_messages
from streams.normalise.schemas import SET_ASIDE
from streams.normalise.wire import DERIVER
from streams.outcomes import Outcomes, Place

SPAN_ROWS = 100_000
PARALLEL_ROWS = 150_000
"""Below this many pending rows starting helpers costs more than it saves."""


@dataclass(frozen=True, slots=True)
class Ports:
    """What normalising needs of the world."""

    log: Log
    contracts: Contracts
    sealer: Sealer


OpenPorts = Callable[[], AbstractContextManager[Ports]]
"""Opens the ports in a helper process; must be picklable."""


@dataclass(frozen=True, slots=True)
class Span:
    """Consecutive raw messages of one partition to normalise in one step. `known`: `ce_time` of earlier copies of its messages by `known_key`."""

    topic: str
    partition: int
    first: int
    last: int
    rows: int
    known: Mapping[str, str] = field(default_factory=dict)


def pending(log: Log, span_rows: int = SPAN_ROWS) -> list[Span]:
    """The raw messages that have no outcome yet, cut into spans of about `span_rows` rows, in log order."""
    outcomes = Outcomes(log)
    outcomes.follow(range(log.partitions))
    return [
        span
        for topic in log.topics()
        if topic.startswith(RAW)
        for partition in range(log.partitions)
        for span in _spans(log, (topic, partition), outcomes, span_rows)
    ]


def _spans(log: Log, place: Place, outcomes: Outcomes, span_rows: int) -> Iterator[Span]:
    """Copies within a span are told apart when it is normalised; a copy of what an earlier span of this run holds is known to be one."""
    times: dict[str, str] = {}
    gathered: list[tuple[Position, int, Mapping[str, str]]] = []
    for offset, headers in log.headers(*place, outcomes.next(place)):
        position, rows = Position(*place, offset), rows_of(headers)
        done = outcomes.done(position)
        if gathered and (done or sum(row for _, row, _ in gathered) + rows > span_rows):
            yield _span(gathered, outcomes, times)
            gathered = []
        if not done:
            gathered.append((position, rows, headers))
    if gathered:
        yield _span(gathered, outcomes, times)


def _span(gathered: Sequence[tuple[Position, int, Mapping[str, str]]], outcomes: Outcomes, times: dict[str, str]) -> Span:
    """The span of some messages; `times` holds what earlier spans have and gets theirs."""
    keys = {known_key(headers) for _, _, headers in gathered}
    known = {key: times[key] for key in keys if key in times}
    for key, time in outcomes.known_of((position, headers) for position, _, headers in gathered).items():
        known[key] = min(time, known.get(key, time))
    for _, _, headers in gathered:
        key, time = known_key(headers), headers["ce_time"]
        times[key] = min(time, times.get(key, time))
    first, last = gathered[0][0], gathered[-1][0]
    return Span(first.topic, first.partition, first.offset, last.offset, sum(rows for _, rows, _ in gathered), known)


def rows_of(headers: Mapping[str, str]) -> int:
    """The rows of a raw message; 0 for what holds none, or does not say."""
    return (number_of(headers.get("rows")) or 0) if headers["ce_type"] == "raw.rows" else 0


def steps(spans: Sequence[Span], span_rows: int = SPAN_ROWS) -> list[tuple[Span, ...]]:
    """Neighbouring spans put together up to about `span_rows` rows: planning a statement costs as much as normalising thousands of rows."""
    found: list[list[Span]] = []
    rows = 0
    for span in spans:
        if not found or rows + span.rows > span_rows:
            found.append([])
            rows = 0
        found[-1].append(span)
        rows += span.rows
    return [tuple(step) for step in found]


def read_span(log: Log, span: Span) -> list[Stored]:
    """The messages of a span."""
    found: list[Stored] = []
    offset = span.first
    while offset <= span.last:
        read = [stored for stored in log.read(span.topic, span.partition, offset) if stored.position.offset <= span.last]
        found += read
        offset = read[-1].position.offset + 1
    return found


class Normaliser:
    """Normalises steps with one prepared engine, under one version of the alias table."""

    def __init__(self, ports: Ports, aliases: Aliases = UNALIASED, *, memory_limit: str = "2GB") -> None:
        self._ports = ports
        self._aliases = aliases
        self._engine = connect()
        prepare(self._engine, ports.contracts, threads=1, memory_limit=memory_limit)

    def derive(self, step: Sequence[Span]) -> Derived:
        """Copies within the step are told apart by the step itself; only what came before the whole step is known to it."""
        ports = self._ports
        stored: list[Stored] = []
        known: dict[str, str] = {}
        for span in step:
            own = {known_key(each.message.headers) for each in stored}
            known |= {key: time for key, time in span.known.items() if key not in own}
            stored += read_span(ports.log, span)
        return self.derive_of(stored, known)

    def derive_of(self, stored: Sequence[Stored], known: Mapping[str, str]) -> Derived:
        """What these messages derive to; `known` holds the `ce_time` of earlier copies by `known_key`."""
        ports = self._ports
        return normalise_messages(self._engine, ports.contracts, ports.sealer, stored, ports.log.partitions, known, self._aliases)

    def close(self) -> None:
        self._engine.close()


def normalise_log(ports: Ports, open_ports: OpenPorts, processes: int) -> int:
    """Normalises everything pending and appends it; the number of raw rows. Uses `processes` helpers where much is pending."""
    return sum(rows for rows, _ in normalise_planned(ports, planned_of(ports), open_ports, processes))


@dataclass(frozen=True, slots=True)
class Planned:
    """What is to be normalised, in steps, under one version of the alias table, which is read once, so that every helper works with the same."""

    aliases: Aliases
    steps: Sequence[tuple[Span, ...]]


def planned_of(ports: Ports) -> Planned:
    """Everything pending; nobody else may be normalising meanwhile."""
    return Planned(renew_renamed(ports), steps(pending(ports.log)))


def normalise_planned(ports: Ports, planned: Planned, open_ports: OpenPorts, processes: int) -> Iterator[tuple[int, Derived]]:
    """By step its raw rows and what they derived to, when that is on the log.

    Steps are appended in log order whoever derived them, so a delivery's closing never overtakes its rows.
    """
    for step, derived in _derived(ports, planned.aliases, open_ports, processes, planned.steps):
        append(ports.log, derived)
        yield sum(span.rows for span in step), derived


def renew_renamed(ports: Ports) -> Aliases:
    """The alias table as released now. What was derived under another version of it is taken away, to be derived anew; nobody else may be normalising meanwhile."""
    aliases = released(ports.log, ports.contracts.address_feeds)
    if _made_under_another(ports.log, aliases):
        ports.log.renew(DERIVED)
    return aliases


def _made_under_another(log: Log, aliases: Aliases) -> bool:
    """Whether what is derived names another version. The last message of each partition tells, because nothing is ever added beside another version's,
    unless it is a stranger's, or a fact that was set aside and names none."""
    ends = [(topic, partition, log.end(topic, partition)) for topic in (CLAIMS, QUARANTINE, OUTCOMES) for partition in range(log.partitions)]
    last = [headers for topic, partition, end in ends if end for _, headers in log.headers(topic, partition, end - 1)]
    ours = [headers for headers in last if headers.get("ce_source") == DERIVER and headers["ce_type"] != SET_ASIDE]
    return any(headers.get("aliases", "0") != str(aliases.version) for headers in ours)


def append(log: Log, derived: Derived) -> None:
    """Claims first, outcomes last: only what is wholly on the log counts as done. Outcomes name the log they were appended to (see `streams.outcomes`)."""
    here = {"generation": log.generation, "era": log.era}
    outcomes = {partition: [replace(each, headers={**each.headers, **here}) for each in listed] for partition, listed in derived.outcomes.items()}
    for topic, messages in ((CLAIMS, derived.claims), (QUARANTINE, derived.quarantine), (OUTCOMES, outcomes)):
        for partition, listed in sorted(messages.items()):
            log.append(topic, partition, listed)


def _derived(
    ports: Ports, aliases: Aliases, open_ports: OpenPorts, processes: int, planned: Sequence[tuple[Span, ...]]
) -> Iterator[tuple[tuple[Span, ...], Derived]]:
    if processes > 1 and len(planned) > 1 and sum(span.rows for step in planned for span in step) >= PARALLEL_ROWS:
        with ProcessPoolExecutor(processes, mp_context=get_context("spawn"), initializer=_start_helper, initargs=(open_ports, aliases)) as pool:
            yield from zip(planned, pool.map(_derive_in_helper, planned), strict=True)
        return
    normaliser = Normaliser(ports, aliases)
    try:
        for step in planned:
            yield step, normaliser.derive(step)
    finally:
        normaliser.close()


_helper: list[Normaliser] = []
"""The one normaliser of a helper process, kept between its spans; its ports stay open until the process ends."""
_held = ExitStack()


def _start_helper(open_ports: OpenPorts, aliases: Aliases) -> None:
    _helper.append(Normaliser(_held.enter_context(open_ports()), aliases))


def _derive_in_helper(step: tuple[Span, ...]) -> Derived:
    return _helper[0].derive(step)
