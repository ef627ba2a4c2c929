"""Correction requests of visits: what a visit found about something it cannot change, beside the sources that claim otherwise.

name | one row per
---|---
asking | kind, entity and attribute that a visit asks to correct: the newest value found, when, and when it was recorded
asked | asked attribute and source whose golden value it contradicts; source `*` where nobody claims anything (the columns of `differing`)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from contracts.golden.basis import agree_sql, basis, differ_sql, speaker_sql, status_sql
from contracts.golden.facts import counting_sql, void_steps
from contracts.golden.findings import refuted_sql
from contracts.golden.plan import VALUE_OUTCOMES, Relations, name
from contracts.golden.statement import with_steps
from contracts.model import Attribute, Contracts, Kind

Shown = Callable[[Kind, Attribute, str], str]
NOBODY = "*"
EMPTY_SQL = """select null::varchar as kind, null::varchar as entity, null::varchar as area, null::varchar as attribute, null::varchar as source, null::varchar as record,
  null::varchar as claimed, null::varchar as golden, false as judged, null::timestamp_ms as observed_at, null::varchar as origin, null::varchar as status, null::varchar as speaker,
  null::varchar as golden_origin, null::varchar as why where false"""


def asking_sql(contracts: Contracts) -> str:
    """Requests that count: not recalled, of each the last version that nobody else refuted; of several about one attribute the newest speaks."""
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
        "select kind as asked_kind, entity as asked_entity, attribute as asked_attribute, value as asked_value, observed_at as asked_at, recorded_at as asked_recorded_at from newest",
    )


def clear(_: Kind, __: Attribute, column: str) -> str:
    """A value as it is."""
    return column


def asked_sql(contracts: Contracts, kinds: Iterable[str], shown: Shown = clear) -> str:
    """Who claims the golden value that a visit asks to correct, over `asking` and `golden_<kind>`; `shown` makes of a value's column what is told of it."""
    selects = [_asked_sql(contracts, contracts.kinds[each], shown) for each in kinds if contracts.sources(each)]
    return "\nunion all\n".join(select for select in selects if select) or EMPTY_SQL


def _asked_sql(contracts: Contracts, kind: Kind, shown: Shown) -> str:
    units = {member.name: unit for unit in kind.units for member in unit.members if not member.visit}
    if not units:
        return ""
    rests = basis("asked")
    speaker = speaker_sql(rests, contracts.sources(kind.name))
    members = {member.name: member for unit in units.values() for member in unit.members}
    held = _cases({each: f"{name(each)}::varchar" for each in members})
    told = _cases({each: f"({shown(kind, member, name(each))})::varchar" for each, member in members.items()})
    sources = contracts.sources(kind.name)
    said = ", ".join(
        f'{{source: \'{source}\', bit: {1 << bit}, record: "{source}__record", said_at: "{source}__observed_at", origin: {_origin(source)}}}'
        for bit, source in enumerate(sources)
    )
    nobody = f"{{source: '{NOBODY}', bit: 0, record: null, said_at: null, origin: null}}"
    speaking = " ".join(f"when '{source}' then {_origin(source)}" for source in sources)
    return f"""select '{kind.name}' as kind, asked_entity as entity, area, asked_attribute as attribute, s.source, s.record, claimed, claimed as golden, false as judged, s.said_at as observed_at,
  s.origin, status, speaker, golden_origin, 'visit_requests' as why
from (select asked_entity, area, asked_attribute, asked_value, {held} as held, {told} as claimed, {status_sql(rests)} as status, {speaker} as speaker,
    case {speaker} {speaking} end as golden_origin, {agree_sql(rests)} as agree, {agree_sql(rests)} | {differ_sql(rests)} as speaks, unnest([{said}, {nobody}]) as s
  from (select *, {_cases({each: basis(unit.name) for each, unit in units.items()})} as {rests}
    from (select * from asking where asked_kind = '{kind.name}') as asking left join (select * from golden_{kind.name} where alive) as golden on golden.entity = asked_entity))
where case when s.bit = 0 then speaks = 0 else agree & s.bit > 0 and held <> asked_value end"""


def _cases(by_attribute: dict[str, str]) -> str:
    cases = " ".join(f"when '{attribute}' then {sql}" for attribute, sql in by_attribute.items())
    return f"case asked_attribute {cases} end"


def _origin(source: str) -> str:
    return f'"{source}__delivery" || \'/\' || "{source}__row"'
