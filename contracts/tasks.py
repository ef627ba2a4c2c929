"""What partners are told of tasks: one JSON fact on `cabin.tasks` whenever one changed, made in SQL from golden events of kind `task`.

Statements run over the tables of a state, after `notices.reached_sqls` or without it; `announced` tells up to which version all was told:

1. `changes_sql` makes the temporary table `task_changes(task, fact)`: what is to be published, each task at most once;
2. published and acknowledged, `remember_sqls` takes it into `told_task`. Whoever dies before that publishes again.

`told_task` lost: fill it from the topic, the last fact of each key (`told_of`), and leave `announced` at its beginning; everything is then compared with everything.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson

from contracts.golden.basis import basis, speaker_sql
from contracts.golden.plan import name, text
from contracts.json_schema import DIALECT
from contracts.model import Contracts, Label
from contracts.subscribers import AREA, OBSERVED, json_sql, record_of, told_headers, value_schema

KIND, TASK = "event", "task"
"""Of which golden records tasks are, and the value of their attribute `kind`."""
FIELDS = ("task_type", "stage", "origin", "partner", "object_kind", "object_id", "officer", "opened_at", "due_at", "fed_back_at", "result", "verifier")
"""The attributes that are told; their names are the fact's keys."""
TABLES = ("create table told_task (task varchar, fact varchar)",)
"""What a state keeps besides: the facts last told of tasks that are there."""
THERE, GONE = '{"withdrawn":false', '{"withdrawn":true'
TEXTS = {
    "withdrawn": Label(
        "任务是否已不再有任何有效主张；是则其余各项重复最后一次告知的内容。",
        "Whether no claim about the task counts any more; the rest then repeats what was last told.",
    ),
    "task": Label("任务的要素编号，也是消息的键。", "Entity id of the task; the message's key."),
    "feed": Label("状态所出自的数据源。", "The feed that says where it stands."),
    "record": Label("部门自己的任务编号。", "The department's own number of the task."),
}


def told(contracts: Contracts) -> bool:
    """Whether events can be tasks under these contracts."""
    return KIND in contracts.kinds and {"kind", *FIELDS} <= {each.name for each in contracts.kinds[KIND].attributes}


def facts_sql(contracts: Contracts, rows: str) -> str:
    """A select over `rows` (a relation of golden events): `task` and `fact`, the JSON text of one that is there."""
    kind, sources = contracts.kinds[KIND], contracts.sources(KIND)
    kept = {each.name: each.type for each in kind.attributes}
    feed = speaker_sql(basis("stage"), sources)
    records = " ".join(f"when {text(source)} then {name(f'{source}__record')}" for source in sources)
    parts = {
        "task": "to_json(entity)::varchar",
        "feed": f"to_json({feed})::varchar",
        "record": f"to_json(case {feed} {records} end)::varchar" if records else "null::varchar",
        **{each: json_sql(each, kept[each]) for each in FIELDS},
        "area": json_sql("area", "text"),
        "observed_at": json_sql("observed_at", "timestamp"),
    }
    listed = " || ".join(f"""',"{key}":' || coalesce({sql}, 'null')""" for key, sql in parts.items())
    return f"select entity as task, {text(THERE)} || {listed} || '}}' as fact from {rows} where alive and kind = {text(TASK)}"


def changes_sql(contracts: Contracts) -> str:
    """A statement that makes `task_changes`: tasks whose fact is another than was told, and those that are no more."""
    reached = f"(select * from golden_{KIND} where version > (select version from announced))"
    return f"""create or replace temp table task_changes as with facts as materialized (
{facts_sql(contracts, reached)}
),
standing as (
  select * from told_task where (select version < 0 from announced) or task in (select entity from {reached})
)
select task, fact from facts anti join told_task using (task, fact)
union all
select task, {text(GONE)} || substr(fact, {len(THERE) + 1}) from standing anti join facts using (task)"""


def remember_sqls() -> list[str]:
    """Statements that take `task_changes` into `told_task`."""
    return [
        "delete from told_task where task in (select task from task_changes)",
        f"insert into told_task select task, fact from task_changes where starts_with(fact, {text(THERE)})",
    ]


def told_of(values: Iterable[bytes]) -> list[tuple[str, str]]:
    """The rows of `told_task` after these messages of the topic, in the order of their partition."""
    last = {str(fact["task"]): (fact, value) for value in values if (fact := _fact(value))}
    return [(key, value.decode()) for key, (fact, value) in last.items() if fact.get("withdrawn") is False]


def task_headers(task: str, generation: str, version: int) -> dict[str, str]:
    """The headers of the fact about a task, as of an entity's message; `version` is that of the newest golden rows."""
    return told_headers("task", "task/1", f"task/{task}", generation, version)


def task_json_schema(contracts: Contracts, lang: str = "en") -> dict[str, Any]:
    """The JSON Schema of a fact, its texts in one language."""
    attributes = {each.name: each for each in contracts.kinds[KIND].attributes} if told(contracts) else {}
    some = {"type": ["string", "null"]}
    properties: dict[str, Any] = {"withdrawn": {"type": "boolean"}, "task": {"type": "string"}, "feed": some, "record": some}
    properties = {key: {**schema, "description": TEXTS[key].get(lang)} for key, schema in properties.items()}
    properties |= {key: {"anyOf": [value_schema(attributes[key], contracts, lang), {"type": "null"}]} for key in FIELDS if key in attributes}
    properties |= {"area": {**some, "description": AREA.get(lang)}, "observed_at": {**some, "format": "date-time", "description": OBSERVED.get(lang)}}
    return {"$schema": DIALECT, "$id": "urn:cabin:task:1.0.0", "title": Label("任务", "Task").get(lang), **record_of(properties)}


def _fact(value: bytes) -> dict[str, Any]:
    """A fact of the topic; empty where a stranger wrote something else."""
    try:
        fact = orjson.loads(value)
    except orjson.JSONDecodeError:
        return {}
    return fact if isinstance(fact, dict) and "task" in fact else {}
