"""Facts about tasks on `cabin.tasks`: what the topic holds, what is to be told now, and telling it on a log that has one writer."""

from __future__ import annotations

import pyarrow as pa

from contracts import tasks
from contracts.database import parsed
from contracts.ports import Log, Message
from contracts.topics import TASKS
from streams.log.errors import LogMoved
from streams.reconcile.shown import last_values
from streams.reconcile.state import State

TOLD = pa.schema([("task", pa.string()), ("fact", pa.string())])


def standing(log: Log, partition: int) -> pa.Table:
    """The tasks that the topic tells as being there."""
    rows = tasks.told_of(last_values(log, TASKS, partition).values())
    return pa.table({name: [row[place] for row in rows] for place, name in enumerate(TOLD.names)}, schema=TOLD)


def changed(state: State, generation: str) -> list[Message]:
    """What partners are to be told now, in the order of keys; none under contracts without tasks."""
    if not tasks.told(state.contracts):
        return []
    state.connection.execute(parsed(state.connection, tasks.changes_sql(state.contracts)))
    rows = state.connection.execute("select task, fact from task_changes order by task").fetchall()
    return [Message(fact.encode(), tasks.task_headers(task, generation, state.version), task.encode()) for task, fact in rows]


def remember_sqls(state: State) -> list[str]:
    """Statements that keep in mind what `changed` gave."""
    return tasks.remember_sqls() if tasks.told(state.contracts) else []


def tell(log: Log, state: State) -> int:
    """Tells what changed, on a log that nobody else writes meanwhile and of which nobody is told golden records; the number of facts.

    Who died between telling and remembering finds on the topic what was told. Raises: `LogMoved` where some of it may be lost again already.
    """
    if state.announced == state.version or not tasks.told(state.contracts):
        return 0
    if state.announced < 0 or state.ends.get(TASKS, 0) != log.end(TASKS, state.partition):
        state.take_tasks_as_told(standing(log, state.partition))
    messages = changed(state, log.generation)
    if messages:
        log.append(TASKS, state.partition, messages)
    if log.moved():
        raise LogMoved
    remembered = [*remember_sqls(state), f"update announced set version = {state.version}"]
    state.announced_up_to(remembered, {TASKS: log.end(TASKS, state.partition)})
    return len(messages)
