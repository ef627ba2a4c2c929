"""What subscribers and departments are told of one claims partition: golden records on the entity topics, discrepancies and tasks on theirs.

A round tells everything that changed since the last one, the newest version of each entity only, page by page; it is remembered when all of it is
acknowledged, so a crash tells it again. Each page is one transaction under the partition's id, which fences a former owner.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from contracts import notices
from contracts.database import parsed
from contracts.engine import rows_of
from contracts.planning import planned_for
from contracts.ports import Fenced, Log, Message
from contracts.subscribers import entity_headers, entity_sql
from contracts.topics import CHANGES, DISCREPANCIES, ENTITY, TASKS
from streams.log.errors import LogMoved
from streams.reconcile import tasks
from streams.reconcile.outbox import newest_version, version_of
from streams.reconcile.shown import last_values
from streams.reconcile.state import State

LOOK_BYTES = 200_000
LOOKED_AT = 10
"""So many offsets back from where a topic ended lies a message, not only the marks that transactions leave."""
TOLD = pa.schema([("discrepancy", pa.string()), ("asked", pa.bool_()), ("fact", pa.string())])
Addressed = tuple[str, Message]
"""A topic and a message for it."""


@dataclass(frozen=True, slots=True)
class Round:
    """What is to be told in one go: golden rows of versions after `since` up to `version`, cut into pages by kind; `facts` are changed discrepancies and tasks.

    `state`: how often the state had been begun anew by then.
    """

    since: int
    version: int
    state: int
    pages: Sequence[tuple[str, int, int]] = ()
    facts: Sequence[Addressed] = ()
    gone: Sequence[Addressed] = field(default=())


class Announcer:
    """All methods but `Fenced.send` run on the state's thread. `secret`: what the keys of discrepancies are made with (`contracts.notices`)."""

    def __init__(self, log: Log, state: State, fenced: Fenced, secret: str, *, page_rows: int = 20_000) -> None:
        self._log, self._state, self._fenced, self._page_rows, self._secret = log, state, fenced, page_rows, secret
        self._topics = [DISCREPANCIES, TASKS, *(ENTITY + kind for kind in state.contracts.kinds)]
        there = fenced.ends(self._topics)
        told = max(newest_version(log, topic, state.partition, end) for topic, end in there.items())
        if told > state.version:  # by an owner whose changes are lost: what is told next must count as later
            state.publish_again(told, log.end(CHANGES, state.partition))
            state.announce_again()
        elif any(self._lost(topic, after, there.get(topic, 0)) for topic, after in state.ends.items() if topic in self._topics):
            state.announce_again()
        else:
            self._heed_others()

    def _heed_others(self) -> None:
        """What another owner told may be undone by now: what changes is held against what the topics tell."""
        if self._told_by_others(DISCREPANCIES):
            self._state.take_as_told(self._standing())
        if self._told_by_others(TASKS):
            self._state.take_tasks_as_told(tasks.standing(self._log, self._state.partition))

    def _told_by_others(self, topic: str) -> bool:
        return topic in self._state.ends and bool(self._log.read(topic, self._state.partition, self._state.ends[topic], 1))

    @property
    def due(self) -> bool:
        """Whether anything was settled that subscribers were not told: also what changes no golden row, because a visit's request makes a discrepancy too.

        Nothing is told that is not published yet: the next owner takes from the changes which version its own must exceed.
        """
        return self._state.announced < self._state.version == self._state.published

    def begin(self) -> Round:
        """Plans a round and computes which discrepancies and tasks changed. The last message of a topic has the newest version of the round on it: see `newest_version`."""
        con, contracts = self._state.connection, self._state.contracts
        since, version = self._state.announced, self._state.version
        if since < 0:  # also where the state was folded anew meanwhile, and forgot what it had told
            self._state.take_as_told(self._standing())
            self._state.take_tasks_as_told(tasks.standing(self._log, self._state.partition))
        for statement in notices.reached_sqls(contracts):
            con.execute(parsed(con, statement))
        kinds = [kind for (kind,) in con.execute(notices.kinds_sql(contracts)).fetchall()]
        asked = [kind for (kind,) in con.execute(notices.asked_kinds_sql()).fetchall()]
        with planned_for(con, self._reached(kinds)):
            con.execute(parsed(con, notices.changes_sql(contracts, kinds, asked, self._secret)))
        changed = con.sql("select discrepancy, fact from changes order by discrepancy").to_arrow_table()
        facts = [
            (DISCREPANCIES, Message(fact.encode(), notices.notice_headers(key, self._log.generation, version), key.encode()))
            for key, fact in zip(changed["discrepancy"].to_pylist(), changed["fact"].to_pylist(), strict=True)
        ]
        facts += [(TASKS, message) for message in tasks.changed(self._state, self._log.generation)]
        return Round(since, version, self._state.begun, list(self._pages(since, version)), facts, list(self._gone(version)) if since < 0 else [])

    def _reached(self, kinds: Sequence[str]) -> int:
        """How many entities of these kinds are looked at."""
        con = self._state.connection
        return sum(con.execute(f"select count(*) from reached_{kind}").fetchall()[0][0] for kind in kinds)

    def page(self, told: Round, kind: str, number: int, count: int) -> list[Addressed]:
        """The golden records of one page, tombstones of those that are no more."""
        con = self._state.connection
        for name, value in {"since": told.since, "up_to": told.version, "pages": count, "page": number}.items():
            con.execute(f"set variable {name} = {value}")  # not a part of the long statement, which so is the same every time
        told_now = "version > getvariable('since') and version <= getvariable('up_to') and hash(entity) % getvariable('pages') = getvariable('page')"
        rows = f"(select * from golden_{kind} where {told_now} order by version)"
        table = rows_of(con, entity_sql(self._state.contracts.kinds[kind], self._state.contracts, rows))
        listed = zip(table["entity"].to_pylist(), table["version"].to_pylist(), table["value"].to_pylist(), strict=True)
        return [self._message(kind, entity, version, value) for entity, version, value in listed]

    def done(self, told: Round) -> None:
        """Everything of the round is acknowledged; not remembered where the state was begun anew meanwhile, which is told as a whole again.

        Raises: `LogMoved` where some of it may be lost again already.
        """
        if self._log.moved():
            raise LogMoved
        if told.state != self._state.begun:
            return
        self._state.announced_up_to([*tasks.remember_sqls(self._state), *notices.remember_sqls(told.version)], self._fenced.ends(self._topics))

    def _lost(self, topic: str, after: int, end: int) -> bool:
        """Whether of what was told up to `after` the last is lost: the topic ends before, or a later round was written in its place."""
        if end < after:
            return True
        found = self._log.read(topic, self._state.partition, max(0, after - LOOKED_AT), LOOK_BYTES)
        later = [each for each in found if each.position.offset < after and version_of(each.message.headers) > self._state.announced]
        return bool(later)

    def _message(self, kind: str, entity: str, version: int, value: str | None) -> Addressed:
        headers = entity_headers(self._state.contracts.kinds[kind], entity, self._log.generation, version)
        return ENTITY + kind, Message(value.encode() if value else b"", headers, entity.encode())

    def _pages(self, since: int, version: int) -> Iterator[tuple[str, int, int]]:
        for kind in self._state.contracts.kinds:
            changed = f"from golden_{kind} where version > {since} and version <= {version}"
            rows = self._state.connection.execute(f"select count(*) {changed}").fetchall()[0][0]
            if rows:
                count = -(-rows // self._page_rows)
                pages = self._state.connection.execute(
                    f"select hash(entity) % {count} as number {changed} group by all order by max(version), number"
                ).fetchall()
                yield from ((kind, number, count) for (number,) in pages)

    def _gone(self, version: int) -> Iterator[Addressed]:
        """Tombstones for what the topics still show and the state does not know: what was told by another state, under other names."""
        for kind in self._state.contracts.kinds:
            shown = pa.table(
                {"entity": pa.array([key.decode(errors="replace") for key in last_values(self._log, ENTITY + kind, self._state.partition)], pa.string())}
            )
            con = self._state.connection
            con.register("shown", shown)
            unknown = con.execute(f"select entity from shown anti join golden_{kind} using (entity) order by entity").fetchall()
            con.unregister("shown")
            yield from (self._message(kind, entity, version, None) for (entity,) in unknown)

    def _standing(self) -> pa.Table:
        """The discrepancies that stand open on their topic."""
        rows = notices.told_of(last_values(self._log, DISCREPANCIES, self._state.partition).values())
        return pa.table({name: [row[place] for row in rows] for place, name in enumerate(TOLD.names)}, schema=TOLD)
