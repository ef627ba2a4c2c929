"""What each department should correct, as one JSON fact per discrepancy on `cabin.discrepancies`: the rows of the mart `discrepancy`, told without values of persons and without identifiers.

Everything here is SQL text over the tables of a state (`golden_<kind>`, `request`, `verification`, `closed`, `switch`, `chunk`). After settling, in this order:

1. `reached_sqls`: makes `moment(known_at)` and `reached_<kind>(entity)`, what may be told anew: golden rows later than `announced`, with a person all links, and persons whose deregistration took effect since;
2. `kinds_sql` and `asked_kinds_sql`: the kinds to compile the next step for, because planning it for all costs more than the rows do;
3. `changes_sql`: makes `changes(discrepancy, asked, fact)`, the facts to publish: what differs and was not told so, and what was told and differs no more;
4. published and acknowledged, `remember_sqls` (in one transaction) brings `told` and `announced` up to date. Whoever dies before that publishes again.

`told` lost: fill it from the topic, the last fact of each key (`told_of`), and leave `announced` at its beginning; everything is then compared with everything.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from contracts.golden.basis import STATUSES, VISIT, shown_sql
from contracts.golden.differing import SHOWN, Links, cover_sql, golden_differing_sql, odd_links
from contracts.golden.plan import text
from contracts.golden.requests import NOBODY, asked_sql, asking_sql
from contracts.json_schema import DIALECT
from contracts.model import Attribute, Classification, Contracts, Label
from contracts.subscribers import json_sql, record_of, told_headers

TABLES = (
    "create table told (discrepancy varchar, asked boolean, fact varchar)",
    "create table announced (version bigint, moment timestamp_ms)",
    "insert into announced values (-1, timestamp_ms '1970-01-01')",
)
"""What a state keeps besides: the facts last told that are open, and up to where all was told."""
OF_PERSONS = ("person", "residency")
"""Kinds whose entity ids name a person: a discrepancy of theirs tells no entity, and the department finds its row by record or origin."""
WHYS = ("refuted_by_visit", "newer_than_visit", "outranked", "after_deregistration", "second_residence", "not_claimed", "visit_requests")
MAIN = Label("主要居所", "Main residence")
OPEN, CLOSED = '{"state":"open"', '{"state":"closed"'
ABOUT = 32
"""So many characters at the beginning of a discrepancy's id are the keyed digest of its kind and entity."""


def reached_sqls(contracts: Contracts) -> list[str]:
    """Statements that make the temporary tables `moment` and `reached_<kind>`."""
    moments = " union all ".join(f"select max(recorded_at) as heard_at from {fact}" for fact in ("chunk", "closed", "switch"))
    made = [f"create or replace temp table moment as select max(heard_at) as known_at from ({moments})"]
    for kind in contracts.kinds:
        made.append(f"create or replace temp table reached_{kind} as {_reached_sql(contracts, kind)}")
    return made


def _reached_sql(contracts: Contracts, kind: str) -> str:
    later = "version > (select version from announced)"
    persons = f"select entity from golden_person where {later}"
    if "person" in contracts.kinds and "residency" in contracts.kinds and kind in OF_PERSONS:
        persons += f" union select person from golden_residency where {later}"
        if any(attribute.name == "deregistered_on" for attribute in contracts.kinds["person"].attributes):
            persons += """ union select entity from golden_person
  where deregistered_on > (select moment::date from announced) and deregistered_on <= (select known_at::date from moment)"""
        return persons if kind == "person" else f"select entity from golden_residency where person in ({persons})"
    return f"select entity from golden_{kind} where {later}"


def kinds_sql(contracts: Contracts) -> str:
    """The kinds of which anything is reached."""
    return " union all ".join(f"select {text(kind)} as kind where exists (from reached_{kind})" for kind in contracts.kinds)


def asked_kinds_sql() -> str:
    """The kinds of which a visit ever asked to correct anything."""
    return "select distinct kind from request where kind is not null order by kind"


def notices_sql(contracts: Contracts, kinds: Sequence[str], asked: Sequence[str]) -> str:
    """The discrepancies that are open now: of reached entities of `kinds`, and all that visits ask to correct of the kinds `asked`.

    Columns: those of `contracts.golden.differing`, clear; nothing of it may leave but by `facts_sql`.
    """
    selects = [golden_differing_sql(contracts, contracts.kinds[kind], f"({_reached(kind)})") for kind in kinds if contracts.sources(kind)]
    if "residency" in kinds:
        selects += odd_links(contracts, Links(_shown(contracts, "person"), _shown(contracts, "residency"), "moment", f"({cover_sql(contracts)})"))
    asking = [kind for kind in asked if kind in contracts.kinds]
    selects.append(asked_sql(contracts, asking))
    first = f"with asking as materialized (\n{asking_sql(contracts)}\n)\n" if asking else ""
    return first + "\nunion all\n".join(selects)


def facts_sql(contracts: Contracts, notices: str, secret: str) -> str:
    """Of rows of `notices_sql` the facts: `discrepancy` (the key, made with `secret`), `asked` (whether a visit's request makes it), `fact` (the JSON text of one that is open)."""
    record = f"case when kind not in {OF_PERSONS} or not contains(record, split_part(entity, '@', 1)) then record end"
    plain = {"kind": "kind", "entity": f"case when kind not in {OF_PERSONS} then entity end", "attribute": "attribute", "feed": "source"}
    told = {key: f"coalesce(to_json({sql})::varchar, 'null')" for key, sql in plain.items()}
    told |= {"label": "coalesce(named.label, 'null')", "department": "coalesce(departments.label, 'null')"}
    told |= {key: f"coalesce(to_json({sql})::varchar, 'null')" for key, sql in {"record": record, "origin": "origin"}.items()}
    told |= {key: f"coalesce(case when named.open then to_json({key})::varchar end, 'null')" for key in ("claimed", "golden")}
    told |= {"withheld": "(not coalesce(named.open, false))::varchar"}
    told |= {key: f"coalesce(to_json({sql})::varchar, 'null')" for key, sql in {"status": "status", "golden_source": "speaker", "why": "why"}.items()}
    told |= {"observed_at": f"coalesce({json_sql('observed_at', 'timestamp')}, 'null')"}
    listed = " || ".join(f"""',"{key}":' || {sql}""" for key, sql in told.items())
    return f"""select distinct discrepancy, why = 'visit_requests' as asked, {text(OPEN)} || ',"discrepancy":' || to_json(discrepancy)::varchar || {listed} || '}}' as fact
from (select *, {_about_sql(secret, "kind", "entity")} || ':' || attribute || ':' || source as discrepancy from ({notices}) where entity is not null) as open
left join (values {_named(contracts)}) as named (kind, attribute, label, open) using (kind, attribute)
left join (values {_departments(contracts)}) as departments (source, label) using (source)"""


def changes_sql(contracts: Contracts, kinds: Sequence[str], asked: Sequence[str], secret: str) -> str:
    """A statement that makes the temporary table `changes(discrepancy, asked, fact)`: what to publish, each key at most once.

    `secret`: of the installation. Who reads the entity topics too knows every entity, and could find the one that a key without a secret was made of.
    """
    reached = [f"select {_about_sql(secret, text(kind), 'entity')} as about from reached_{kind}" for kind in kinds] or [
        "select null::varchar as about where false"
    ]
    return f"""create or replace temp table changes as with facts as materialized (
{facts_sql(contracts, notices_sql(contracts, kinds, asked), secret)}
),
standing as (
  select * from told where asked or (select version < 0 from announced) or left(discrepancy, {ABOUT}) in ({" union all ".join(reached)})
)
select discrepancy, asked, fact from facts anti join told using (discrepancy, fact)
union all
select discrepancy, asked, {text(CLOSED)} || substr(fact, {len(OPEN) + 1}) from standing anti join facts using (discrepancy)"""


def remember_sqls(version: int) -> list[str]:
    """Statements that take `changes` into `told`; `version` is that of the newest golden rows when `reached_sqls` ran."""
    return [
        "delete from told where discrepancy in (select discrepancy from changes)",
        f"insert into told select discrepancy, asked, fact from changes where starts_with(fact, {text(OPEN)})",
        f"update announced set version = {version}, moment = coalesce((select known_at from moment), moment)",
    ]


def told_of(values: Iterable[bytes]) -> list[tuple[str, bool, str]]:
    """The rows of `told` after these messages of the topic, in the order of their partition."""
    last = {str(fact["discrepancy"]): (fact, value) for value in values if (fact := _fact(value))}
    return [(key, fact.get("why") == "visit_requests", value.decode()) for key, (fact, value) in last.items() if fact.get("state") == "open"]


def _fact(value: bytes) -> dict[str, Any]:
    """A fact of the topic; empty where a stranger wrote something else."""
    try:
        fact = orjson.loads(value)
    except orjson.JSONDecodeError:
        return {}
    return fact if isinstance(fact, dict) and "discrepancy" in fact else {}


def notice_headers(about: str, generation: str, version: int) -> dict[str, str]:
    """The headers of the fact about the discrepancy `about`, as of an entity's message; `version` is that of the newest golden rows."""
    return told_headers("discrepancy", "discrepancy/1", about, generation, version)


TEXTS = {
    "state": Label(
        "open 未改，closed 已无须更改（其余各项重复最后一次告知的内容）。", "open, or closed: nothing is left to correct; the rest repeats what was last told."
    ),
    "discrepancy": Label("差异的标识：同一差异的各条消息相同，也是消息的键。", "Which discrepancy: the same in every fact about it; the message's key."),
    "entity": Label("要素编号；涉及个人时为空。", "Entity id; null where it would name a person."),
    "attribute": Label("属性或属性组。", "Attribute, or group of attributes."),
    "feed": Label(
        "须更正的数据源；`*`：走访请求更正，但没有数据源主张该值。", "The feed to correct; `*`: a visit asks for a correction of what no feed claims."
    ),
    "label": Label("属性的名称。", "The attribute's name."),
    "department": Label("数据源所属部门。", "Whose feed it is."),
    "record": Label("部门自己的行编号。", "The department's own key of the row to correct."),
    "origin": Label("主张所在的批次和行；数据源未主张时为空。", "Delivery and row of the claim; null where the feed says nothing."),
    "claimed": Label("数据源所说的值。", "What the feed says."),
    "golden": Label("核定的值。", "The value that survives."),
    "withheld": Label("值涉及个人，因而不予告知。", "Whether the values are about a person and therefore left out."),
    "status": Label("核定值的状态。", "Of the golden value."),
    "golden_source": Label("核定值的来源。", "Whose value survives."),
    "why": Label("取值依据，见数据集市 `discrepancy` 的同名列。", "Why golden is golden, as the column of the mart `discrepancy`."),
    "observed_at": Label("主张的北京时间。", "Of the claim, Beijing time."),
}


def notice_json_schema(contracts: Contracts, lang: str = "en") -> dict[str, Any]:
    """The JSON Schema of a fact, its texts in one language."""
    some, label = {"type": ["string", "null"]}, {"oneOf": [record_of({"zh": {"type": "string"}, "en": {"type": "string"}}), {"type": "null"}]}
    feeds = sorted(contracts.feeds)
    properties: dict[str, dict[str, Any]] = dict.fromkeys(
        ("state", "discrepancy", "kind", "entity", "attribute", "feed", "label", "department", "record", "origin"), some
    )
    properties |= dict.fromkeys(("claimed", "golden", "withheld", "status", "golden_source", "why", "observed_at"), some)
    properties |= {"state": {"enum": ["open", "closed"]}, "kind": {"enum": sorted(contracts.kinds)}, "feed": {"enum": [*feeds, NOBODY]}}
    properties |= {"discrepancy": {"type": "string"}, "attribute": {"type": "string"}, "label": label, "department": label, "withheld": {"type": "boolean"}}
    properties |= {"status": {"enum": [*STATUSES, None]}, "golden_source": {"enum": [*sorted({*feeds, VISIT}), None]}, "why": {"enum": list(WHYS)}}
    properties |= {"observed_at": {**some, "format": "date-time"}}
    told = {name: {**schema, **({"description": TEXTS[name].get(lang)} if name in TEXTS else {})} for name, schema in properties.items()}
    return {"$schema": DIALECT, "$id": "urn:cabin:discrepancy:1.0.0", "title": Label("碰撞差异", "Discrepancy").get(lang), **record_of(told)}


def _reached(kind: str) -> str:
    return f"from golden_{kind} semi join reached_{kind} using (entity)"


def _shown(contracts: Contracts, kind: str) -> str:
    """The reached rows of a kind that odd links are found in."""
    return shown_sql(contracts.kinds[kind], contracts.sources(kind), f"({_reached(kind)})", SHOWN[kind])


def _about_sql(secret: str, kind: str, entity: str) -> str:
    return f"left(sha256({text(secret)} || '/' || {kind} || '/' || {entity}), {ABOUT})"


def names(contracts: Contracts) -> dict[tuple[str, str], tuple[Label, bool]]:
    """By kind and attribute, or group of attributes, its name, and whether its values may be told to a department: those of persons may not."""
    found = {("residency", "main"): (MAIN, False)}
    for kind in contracts.kinds.values():
        for unit in kind.units:
            found |= {(kind.name, member.name): (member.label, _open(member)) for member in unit.members}
            found.setdefault((kind.name, unit.name), (_joined([member.label for member in unit.members]), all(map(_open, unit.members))))
    return found


def _named(contracts: Contracts) -> str:
    rows = ((kind, attribute, label, told) for (kind, attribute), (label, told) in names(contracts).items())
    return ", ".join(f"({text(kind)}, {text(attribute)}, {_json(label)}, {told})" for kind, attribute, label, told in rows)


def _departments(contracts: Contracts) -> str:
    return ", ".join([f"({text(feed.name)}, {_json(feed.department)})" for feed in contracts.feeds.values()] or ["(null::varchar, null::varchar)"])


def _open(attribute: Attribute) -> bool:
    return attribute.classification is Classification.PLAIN


def _joined(labels: Sequence[Label]) -> Label:
    return Label("、".join(label.zh for label in labels), ", ".join(label.en for label in labels))


def _json(label: Label) -> str:
    return text(orjson.dumps({"zh": label.zh, "en": label.en}).decode())
