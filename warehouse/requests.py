"""Correction requests of visits: what a visit found about something it cannot change, beside the sources that claim otherwise.

name | one row per
---|---
asking | kind, entity and attribute that a visit asks to correct: the newest value found, clear and as marts show it, when, and when it was recorded
asked | asked attribute and source whose golden value it contradicts; source `*` where nobody claims anything

`asked` is compiled for chosen kinds only, as `fate` is.
"""

from __future__ import annotations

from collections.abc import Iterable

from contracts.golden.facts import counting_sql, void_steps
from contracts.golden.findings import refuted_sql
from contracts.golden.plan import VALUE_OUTCOMES, Relations
from contracts.golden.statement import with_steps
from contracts.model import Contracts, Kind, Unit
from warehouse.masks import told_sql, value_sql
from warehouse.wide import text_sql

ASKING_READS = ("request", "verification", "closed", "switch")
NOBODY = "*"
ASKED_SQL = "select distinct asked_kind from asking order by asked_kind"
"""The kinds of which a visit asks to correct anything."""
REACHED_ASKED_SQL = "select distinct asked_kind from asking semi join reached on kind = asked_kind and entity = asked_entity order by asked_kind"
"""The kinds of which a visit asks to correct anything about a reached entity."""
EMPTY_SQL = """select null::varchar as kind, null::varchar as entity, null::varchar as area, null::varchar as attribute, null::varchar as source, null::varchar as record,
  null::varchar as claimed, null::varchar as golden, false as judged, null::timestamp_ms as observed_at, null::varchar as origin, null::varchar as status, null::varchar as speaker,
  null::varchar as golden_origin, null::varchar as reason where false"""


def asking_sql(contracts: Contracts) -> str:
    """Requests that count: not recalled, of each the last version that nobody else refuted; of several about one attribute the newest speaks."""
    told = " ".join(f"when '{kind.name}' then {told_sql(kind, 'attribute', 'value')}" for kind in contracts.kinds.values())
    steps = [
        *void_steps(Relations("", "")),
        ("asserted", counting_sql("request", "true", "request")),
        ("judgements", counting_sql("verification", "true", "version")),
        *((f"refuted_{kind}", refuted_sql("asserted", "request", kind, "entity", "attribute")) for kind in contracts.kinds),
        ("refuted", " union all ".join(f"select request from refuted_{kind}" for kind in contracts.kinds)),
        ("standing", "select * from asserted anti join refuted using (request) qualify rank() over (partition by base order by counter desc) = 1"),
        (
            "newest",
            f"""select distinct kind, entity, attribute, value, observed_at, recorded_at from standing where outcome in {VALUE_OUTCOMES} and value is not null
  qualify row_number() over (partition by kind, entity, attribute order by observed_at desc, value, recorded_at, request) = 1""",
        ),
    ]
    return with_steps(
        steps,
        f"""select kind as asked_kind, entity as asked_entity, attribute as asked_attribute, value as asked_value,
  case kind {told} else value end as asked_shown, observed_at as asked_at, recorded_at as asked_recorded_at from newest""",
    )


def asked_sql(contracts: Contracts, kinds: Iterable[str]) -> str:
    """The rows of `differing` that only a request makes: who claims the golden value that a visit asks to correct."""
    selects = [_asked_sql(contracts, contracts.kinds[name]) for name in kinds if contracts.sources(name)]
    return "\nunion all\n".join(select for select in selects if select) or EMPTY_SQL


def asked_reads(contracts: Contracts) -> tuple[str, ...]:
    return ("asking", *(f"golden_{kind}" for kind in contracts.kinds))


def _asked_sql(contracts: Contracts, kind: Kind) -> str:
    units = {member.name: unit for unit in kind.units for member in unit.members if not member.visit}
    if not units:
        return ""
    of_unit = {part: _cases({name: f'"{unit.name}__{part}"' for name, unit in units.items()}) for part in ("agree", "differ", "status", "source")}
    clear = _cases({member.name: text_sql(member) for unit in _distinct(units) for member in unit.members})
    shown = _cases({member.name: f"({value_sql(kind, member, _q(member.name))})::varchar" for unit in _distinct(units) for member in unit.members})
    sources = contracts.sources(kind.name)
    said = ", ".join(
        f'{{source: \'{source}\', bit: {1 << bit}, record: "{source}__record", said_at: "{source}__observed_at", origin: {_origin(source)}}}'
        for bit, source in enumerate(sources)
    )
    nobody = f"{{source: '{NOBODY}', bit: 0, record: null, said_at: null, origin: null}}"
    speaking = " ".join(f"when '{source}' then {_origin(source)}" for source in sources)
    return f"""select '{kind.name}' as kind, asked_entity as entity, area, asked_attribute as attribute, s.source, s.record, claimed, claimed as golden, false as judged, s.said_at as observed_at,
  s.origin, status, speaker, golden_origin, 'visit_requests' as reason
from (select asked_entity, area, asked_attribute, asked_value, {clear} as clear, {shown} as claimed, {of_unit["status"]} as status, {of_unit["source"]} as speaker,
    case {of_unit["source"]} {speaking} end as golden_origin,
    coalesce({of_unit["agree"]}, 0) as agree, coalesce({of_unit["agree"]} | {of_unit["differ"]}, 0) as speaks, unnest([{said}, {nobody}]) as s
  from (select * from asking where asked_kind = '{kind.name}') as asking left join (select * from golden_{kind.name} where alive) as golden on golden.entity = asked_entity)
where case when s.bit = 0 then speaks = 0 else agree & s.bit > 0 and clear <> asked_value end"""


def _distinct(units: dict[str, Unit]) -> list[Unit]:
    return list({unit.name: unit for unit in units.values()}.values())


def _cases(by_attribute: dict[str, str]) -> str:
    cases = " ".join(f"when '{name}' then {sql}" for name, sql in by_attribute.items())
    return f"case asked_attribute {cases} end"


def _origin(source: str) -> str:
    return f'"{source}__delivery" || \'/\' || "{source}__row"'


def _q(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
