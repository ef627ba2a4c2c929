"""What the nemesis does: each attack is one function over the site with a chance of its own, and says in a sentence what it did."""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import duckdb
from kafka import KafkaAdminClient, TopicPartition
from kafka.admin import OffsetSpec
from kafka.errors import KafkaError

from streams.log.errors import BrokerUnreachable
from streams.log.topics import create, delete
from tests.faults.broker_files import cut_tail
from tests.faults.flow import AWAY, Flow
from tests.faults.site import PARTITIONS, Site

Attack = Callable[[Site, Flow, random.Random], str]
YOUNG_SECONDS = 40
"""A broker that loses power loses what it had not flushed; normalise repeats the last minute, so no older batch is cut."""
SHORT_PAUSE, LONG_PAUSE, MOVED_SECONDS = (0.5, 3.0), (8.0, 20.0), 25
LINES_AT_ONCE, LINE_SECONDS = 60, 2
"""What a worker that waits may say at once, and then one line in so many seconds."""


def kill(site: Site, flow: Flow, chance: random.Random) -> str:
    """kill -9 of a whole node, a single child, or the landing at work."""
    role = chance.choice([*site.roles, "landing"])
    if role == "landing":
        flow.door.kill()
    elif role in site.cast.workers and chance.random() < 0.5:
        site.fleet.kill_child(role, chance.randrange(8))
        return f"killed a child of {role}"
    else:
        site.fleet.kill(role)
    return f"killed {role}"


def pause(site: Site, flow: Flow, chance: random.Random) -> str:
    """Everything of one role, or the broker, stands still for a moment."""
    role, seconds = chance.choice([*site.roles, "broker"]), chance.uniform(*SHORT_PAUSE)
    if role == "broker":
        pid = site.broker.pid()
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        time.sleep(seconds)
        os.kill(pid, signal.SIGCONT)
    else:
        site.fleet.pause(role)
        time.sleep(seconds)
        site.fleet.resume(role)
    return f"paused {role} for {seconds:.1f} s"


def freeze_child(site: Site, flow: Flow, chance: random.Random) -> str:
    """One child stands still for good: its supervisor must end it."""
    role = chance.choice(site.cast.workers)
    site.fleet.pause_child(role, chance.randrange(8))
    return f"stopped a child of {role}"


def restart(site: Site, flow: Flow, chance: random.Random) -> str:
    """An orderly end and a new start."""
    role = chance.choice(site.roles)
    site.fleet.restart(role)
    return f"restarted {role}"


def broker_killed(site: Site, flow: Flow, chance: random.Random) -> str:
    kill_broker(site)
    site.broker.start()
    return "killed the broker"


def broker_restarted(site: Site, flow: Flow, chance: random.Random) -> str:
    site.broker.stop()
    site.broker.start()
    return "restarted the broker"


def broker_away(site: Site, flow: Flow, chance: random.Random) -> str:
    """The broker is away for a while, and half the times everybody starts meanwhile. Workers and loader say why they wait, in fewer and fewer lines."""
    seconds = float(os.environ.get(AWAY) or chance.uniform(*LONG_PAUSE))
    starting = site.cast.workers if chance.random() < 0.5 else ()
    site.broker.stop()
    for role in starting:
        site.fleet.kill(role)
    before = {role: len(site.fleet.said(role)) for role in site.cast.workers}
    time.sleep(seconds)
    said = {role: site.fleet.said(role)[length:] for role, length in before.items()}
    site.broker.start()
    silent = [role for role, text in said.items() if f'"{BrokerUnreachable.code}"' not in text]
    loud = [role for role, text in said.items() if text.count("\n") > LINES_AT_ONCE + seconds / LINE_SECONDS]
    assert not silent and not loud, f"said nothing of the broker: {silent}; said too much: {loud}"
    return f"took the broker away for {seconds:.0f} s, {len(starting)} workers started meanwhile"


def state_lost(site: Site, flow: Flow, chance: random.Random) -> str:
    """A node dies and comes back on an empty disk."""
    role = chance.choice(site.cast.workers)
    site.fleet.kill(role, again=False)
    shutil.rmtree(site.data_of(role) / "state", ignore_errors=True)
    site.fleet.start(role)
    return f"deleted the state of {role}"


def warehouse_lost(site: Site, flow: Flow, chance: random.Random) -> str:
    """The loader dies and comes back without its file."""
    site.fleet.kill("loader", again=False)
    shutil.rmtree(site.data / "warehouse", ignore_errors=True)
    site.fleet.start("loader")
    return "deleted the warehouse"


def offsets_reset(site: Site, flow: Flow, chance: random.Random) -> str:
    """The groups' committed offsets go to the begin, the end or nowhere."""
    return commit_elsewhere(site, chance.choice(["earliest", "latest", "gone"]))


def commit_elsewhere(site: Site, where: str, meanwhile: Callable[[], object] = lambda: None) -> str:
    """A broker only does that for groups without members: all workers are dead for a while, and `meanwhile` something happens."""
    for role in site.cast.workers:
        site.fleet.kill(role, again=False)
    emptied = site.wait(lambda: site.members() == 0, MOVED_SECONDS)
    meanwhile()
    with suppress(KafkaError), site.admin() as admin:
        for group in site.groups(admin):
            _reset(admin, group, where)
    for role in site.cast.workers:
        site.fleet.start(role)
    return f"reset committed offsets: {where}" + ("" if emptied else " (the group never emptied)")


def former_owner(site: Site, flow: Flow, chance: random.Random) -> str:
    """A node is frozen until the broker gave its partitions away and the new owner worked; then it wakes, believing they are its own."""
    role = chance.choice(site.cast.workers)
    site.wait(lambda: site.members() == len(site.cast.workers))
    before = site.members()
    site.fleet.pause(role)
    moved = site.wait(lambda: 0 <= site.members() < before, MOVED_SECONDS)
    worked = site.wait(site.life())
    site.fleet.resume(role)
    return f"froze {role} until its partitions moved ({moved}) and others worked on them ({worked})"


def tail_lost(site: Site, flow: Flow, chance: random.Random) -> str:
    """The broker loses power: dead, and the youngest batches of some derived partitions gone."""
    site.wait(site.grown)
    kill_broker(site)
    cuts = []
    for place in site.derived_places:
        if chance.random() < 0.5:
            cuts.append(cut_tail(site.broker.folder, *place, chance.randrange(1, 4), int((time.time() - YOUNG_SECONDS) * 1000), site.kept_from.get(place, 0)))
    site.broker.start()
    return "cut tails: " + ", ".join(f"{each.topic}/{each.partition} {each.before} -> {each.after}" for each in cuts if each.after < each.before)


def topic_recreated(site: Site, flow: Flow, chance: random.Random) -> str:
    """A derived topic is deleted and made anew, empty."""
    name = chance.choice(site.cast.derived)
    with site.admin() as admin:
        delete(admin, [name])
        create(admin, [site.declared[name]])
    return f"recreated {name}"


def segments_expired(site: Site, flow: Flow, chance: random.Random) -> str:
    """What every state and the warehouse have applied leaves the topics of claims and changes, as retention does one day."""
    site.wait(site.grown)
    for role in site.roles:
        site.fleet.kill(role, again=False)
    gone = {TopicPartition(*place): chance.randint(upto // 2, upto) for place, upto in _applied(site).items() if upto}
    if gone:
        with site.admin() as admin:
            admin.delete_records(gone)
    for place, offset in gone.items():
        site.kept_from[place.topic, place.partition] = max(offset, site.kept_from.get((place.topic, place.partition), 0))
    for role in site.roles:
        site.fleet.start(role)
    return "expired " + ", ".join(f"{place.topic}/{place.partition} below {offset}" for place, offset in gone.items())


ATTACKS: Mapping[str, Attack] = {
    each.__name__: each
    for each in (
        kill,
        pause,
        freeze_child,
        restart,
        broker_killed,
        broker_restarted,
        broker_away,
        state_lost,
        warehouse_lost,
        offsets_reset,
        former_owner,
        tail_lost,
        topic_recreated,
        segments_expired,
    )
}


def kill_broker(site: Site) -> None:
    """kill -9, and waits until it is gone."""
    pid = site.broker.pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert site.wait(lambda: site.broker.pid() is None)


def _reset(admin: KafkaAdminClient, group: str, where: str) -> None:
    held = admin.list_group_offsets({group: None})[group]
    if where == "gone":
        admin.delete_groups([group])
    elif held:
        spec = OffsetSpec.EARLIEST if where == "earliest" else OffsetSpec.LATEST
        admin.reset_group_offsets(group, dict.fromkeys(held, spec))


def _applied(site: Site) -> dict[tuple[str, int], int]:
    """Per partition of claims and changes the offset below which nobody needs anything: read from copies of the files of dead processes."""
    found: dict[tuple[str, int], list[int]] = {}
    for role in site.cast.workers:
        for file in (site.data_of(role) / "state").glob("p*.duckdb"):
            partition = int(file.stem[1:])
            found.setdefault(("cabin.claims", partition), []).append(_asked(file, "select applied from meta"))
    warehouse = site.published.parent / "warehouse" / "current.duckdb"
    for topic in ("cabin.claims", "cabin.changes"):
        for partition in range(PARTITIONS):
            asked = f"select coalesce(max(next), 0) from positions where topic = '{topic}' and part = {partition}"
            found.setdefault((topic, partition), []).append(_asked(warehouse, asked))
    return {place: min(offsets) for place, offsets in found.items()}


def _asked(file: Path, question: str) -> int:
    """A number from a DuckDB file nobody has open; 0 where it is not there or not yet made."""
    with suppress(duckdb.Error), duckdb.connect(str(file)) as con:
        rows = con.execute(question).fetchall()
        return int(rows[0][0]) if rows else 0
    return 0
