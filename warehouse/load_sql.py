"""The statements of loading; pure makers of SQL text."""

from __future__ import annotations

BATCH = "arrived"
"""The name under which arrived rows are registered."""
SUBJECT_COLUMNS = {
    "finding": ("kind", "entity"),
    "request": ("kind", "entity"),
    "presence": ("kind", "entity"),
    "verification": ("kind", "entity"),
    "roster": ("'dwelling'", "dwelling"),
    "visit": ("'dwelling'", "dwelling"),
}
"""Per fact table: the kind and the entity its rows speak of."""

VOICES_SQL = {
    "switch": f"select target from {BATCH} union select unnest(supersedes) from closed join {BATCH} on target in (delivery, source)",
    "closed": f"select unnest(supersedes) from {BATCH}",
}
"""Per fact table whose rows let other facts begin or cease to count: the deliveries and feeds they name."""

META_SQL = "create table if not exists meta (name varchar not null, value varchar not null)"
KEPT_SQL = """
create or replace table positions (topic varchar not null, part integer not null, next bigint not null, digest varchar not null);
create or replace table touched (kind varchar not null, entity varchar not null);
create or replace table unchecked (name varchar not null, delivery varchar not null);
create or replace table touched_delivery (source varchar not null, delivery varchar not null);
create or replace table arrivals (name varchar not null);
"""
"""What loading keeps for itself; `digest` is that of the message before `next`, `arrivals` names the tables that got rows since the last snapshot, `touched_delivery` the deliveries of which messages were counted or rows set aside since."""
KEPT_FORMAT = 4
"""Raised when `KEPT_SQL` changes: a file of before is loaded anew."""


def create_sql(name: str) -> str:
    """An empty table shaped like the registered batch."""
    return f'create table "{name}" as select * from {BATCH} limit 0'


def append_sql(name: str) -> str:
    return f'insert into "{name}" by name select * from {BATCH}'


def unite_sql(name: str) -> str:
    """Set union: rows already there are not added again."""
    return f'insert into "{name}" by name (select * from {BATCH} except select * from "{name}")'


def newest_sql() -> str:
    """Of the arrived golden rows the last version per entity; one row where a version was sent twice."""
    return (
        f"select * from {BATCH} semi join (select entity, max(version) as version from {BATCH} group by entity) as newest using (entity, version) "
        "qualify row_number() over (partition by entity order by version) = 1"
    )


def repeated_sql() -> str:
    """How many arrived golden rows speak of an entity that another arrived row speaks of."""
    return f"select count(*) - count(distinct entity) from {BATCH}"


def delete_sql(name: str) -> str:
    """Make room for arrived golden rows that are not older than those held."""
    return f'delete from "{name}" where entity in (select entity from {BATCH})'


def fresh_sql(name: str) -> str:
    """The arrived golden rows that are not older than what is held: a replay of the log never brings an old version back."""
    return f'select * from {BATCH} anti join (select held.entity, held.version from "{name}" as held semi join {BATCH} using (entity)) as held on {BATCH}.entity = held.entity and {BATCH}.version < held.version'


def arriving_sql(name: str) -> str:
    """Note which deliveries a claim table got rows of, until they are looked through for repeats."""
    return f"insert into unchecked select distinct '{name}', delivery from {BATCH}"


def arrived_sql(name: str) -> str:
    return f"insert into arrivals select '{name}' where '{name}' not in (from arrivals)"


def doubled_sql(name: str) -> str:
    """Rows of a claim table that repeat an earlier row: same origin, entity, repair and contract version; only noted deliveries are looked at."""
    return (
        f'delete from "{name}" where rowid in (select unnest(list_sort(list(rowid))[2:]) from "{name}" '
        f"where delivery in (select delivery from unchecked where name = '{name}') "
        'group by delivery, "row", repair, contract_version, hash(entity) having count(*) > 1)'
    )


def touch_delivery_sql() -> str:
    """The deliveries that arrived outcomes or quarantined rows speak of; '' for what names none."""
    return f"insert into touched_delivery select distinct source, coalesce(delivery, '') from {BATCH} where source is not null except from touched_delivery"


def touch_sql(kind: str, entity: str) -> str:
    return f"insert into touched select distinct {kind}, {entity} from {BATCH} where {entity} is not null"


def voicing_sql(name: str) -> str:
    """1 where arrived rows let other facts begin or cease to count at all: most deliveries take the place of none."""
    return f"select exists (from ({VOICES_SQL[name]}))::integer"


def touch_voiced_sql(name: str) -> str:
    """What visits said in the deliveries that begin or cease to count: marts tell it and its fate, whether or not a golden row changes, and whichever of the two is loaded first."""
    voiced = VOICES_SQL[name]
    subjects = " union ".join(
        f"select {kind} as kind, {entity} as entity from {fact} where delivery in ({voiced}) or source in ({voiced})"
        for fact, (kind, entity) in SUBJECT_COLUMNS.items()
    )
    return f"insert into touched select kind, entity from ({subjects}) where entity is not null"
