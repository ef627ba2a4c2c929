"""Discrepancies one a row: who says something else than what is golden, or says nothing where it promised to.

Columns of each select: `kind, entity, area, attribute, source, record, claimed, golden, judged, observed_at, origin, status, speaker, golden_origin, why`. `speaker` is the source of the
golden value, `origin` and `golden_origin` the addresses of both sides' rows.

`why` | the discrepancy
---|---
refuted_by_visit | a finding judged the claim
newer_than_visit | claimed after the finding that holds
outranked | another source goes first
after_deregistration | a stay observed after its person's deregistration
second_residence | another link is the person's main residence
not_claimed | found by a visit, missing in a feed that covers everybody
visit_requests | the claim is golden, but a visit, which cannot change it, asks to correct it (`requests`)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from contracts.golden.basis import basis, speaker_sql, status_sql
from contracts.golden.plan import text
from contracts.model import Contracts, Kind, Unit

SHOWN = {"person": ("deregistered_on",), "residency": ("present",)}
"""Per kind the units whose status and source are read by name to find odd links."""


@dataclass(frozen=True, slots=True)
class Links:
    """The relations that odd links are found in: rows of persons and of all links of each, showing the parts of `SHOWN`, and `moment(known_at)`: what is called now.
    `said`: those of the links that are told of; all where none is named."""

    person: str
    residency: str
    moment: str
    cover: str
    said: str | None = None


AFTER_DEREGISTRATION = """select 'residency', said.entity, said.area, 'present', said.source, said.record, 'true', 'deregistered ' || person.deregistered_on, false, said.observed_at,
  said.origin, person.deregistered_on__status, person.deregistered_on__source, null, 'after_deregistration'
from ({said}) as said join {person} as person on person.entity = said.person
where person.deregistered_on <= (select known_at from {moment})::date and said.observed_at::date > person.deregistered_on"""
SECOND_RESIDENCE = """select 'residency', said.entity, said.area, 'main', said.source, said.record, said.dwelling, main.dwelling, false, said.observed_at,
  said.origin, main.present__status, main.present__source, null, 'second_residence'
from ({said}) as said join {residency} as main on main.person = said.person
where not said.main and said.residence_status in ('1', '2') and main.main and main.present and main.residence_status in ('1', '2')"""
NOT_CLAIMED = """select 'residency', link.entity, link.area, 'present', cover.feed, null, null, 'true', false, null,
  null, link.present__status, link.present__source, link.present__finding, 'not_claimed'
from {told} as link join {cover} as cover on cover.population = 'resident' or (cover.population = 'tenant' and link.residence_type = '2')
where link.present and link.present__source = 'visit' and {silent}"""


def differing_sql(contracts: Contracts, kind: Kind, rows: str) -> str:
    """The discrepancies that wide rows themselves name; `rows` holds some of a kind, as marts show them."""
    status = _by_unit(kind, lambda unit: f'"{unit.name}__status"')
    speaker = _by_unit(kind, lambda unit: f'"{unit.name}__source"')
    return _differing_sql(contracts, kind, f"select *, {status} as golden_status, {speaker} as golden_speaker from ({_unnested(rows)})")


def golden_differing_sql(contracts: Contracts, kind: Kind, rows: str) -> str:
    """The same of golden rows."""
    rests = basis("d")
    held = f"select *, {_by_unit(kind, lambda unit: basis(unit.name))} as {rests} from ({_unnested(rows)})"
    return _differing_sql(
        contracts,
        kind,
        f"select *, {status_sql(rests)} as golden_status, {speaker_sql(rests, contracts.sources(kind.name))} as golden_speaker from ({held})",
    )


def _unnested(rows: str) -> str:
    return f"select *, unnest(differs) as d from {rows} where len(differs) > 0"


def _differing_sql(contracts: Contracts, kind: Kind, told: str) -> str:
    """`told`: rows with one discrepancy `d` each, and `golden_status` and `golden_speaker`: no attribute is called so, while some kinds have a `status` of their own."""
    finding = _by_unit(kind, lambda unit: f'"{unit.name}__finding"' if unit.visit else "null::varchar")
    return f"""select '{kind.name}' as kind, entity, area, d.attribute, d.source, d.record, d.claimed, d.golden, d.judged, d.observed_at, d.delivery || '/' || d."row" as origin,
  golden_status as status, golden_speaker as speaker, case golden_speaker when 'visit' then golden_finding {origins_sql(contracts.sources(kind.name))} end as golden_origin,
  case when d.judged then 'refuted_by_visit' when golden_speaker = 'visit' then 'newer_than_visit' else 'outranked' end as why
from (select *, {finding} as golden_finding from ({told}))"""


def odd_links(contracts: Contracts, links: Links) -> list[str]:
    """Discrepancies that only the links of a person together show; none where no feed speaks about links."""
    sources = contracts.sources("residency")
    if not sources or not contracts.sources("person"):
        return []
    told = links.said or links.residency
    said = "\nunion all\n".join(_said_sql(source, told) for source in sources)
    silent = " and ".join(f'"{source}__delivery" is null' for source in sources)
    names = {"person": links.person, "residency": links.residency, "moment": links.moment, "cover": links.cover}
    return [f"select * from ({each.format(said=said, silent=silent, told=told, **names)})" for each in (AFTER_DEREGISTRATION, SECOND_RESIDENCE, NOT_CLAIMED)]


def cover_sql(contracts: Contracts) -> str:
    """Which feed promises to name everybody of a population."""
    rows = [f"({text(feed.name)}, {text(each)})" for feed in contracts.feeds.values() for each in feed.covers]
    return (
        f"select * from (values {', '.join(rows)}) as listed (feed, population)"
        if rows
        else "select null::varchar as feed, null::varchar as population where false"
    )


def origins_sql(sources: Iterable[str]) -> str:
    """The branches of a case over the speaking source: its row's address."""
    return " ".join(f"when '{source}' then \"{source}__delivery\" || '/' || \"{source}__row\"" for source in sources)


def _said_sql(source: str, residency: str) -> str:
    """Present links a source speaks of, with where it does."""
    return (
        f'select entity, person, dwelling, area, main, residence_status, \'{source}\' as source, "{source}__record" as record, "{source}__observed_at" as observed_at, '
        f'"{source}__delivery" || \'/\' || "{source}__row" as origin from {residency} where present and "{source}__delivery" is not null'
    )


def _by_unit(kind: Kind, make: Callable[[Unit], str]) -> str:
    cases = " ".join(f"when '{unit.name}' then {make(unit)}" for unit in kind.units)
    return f"case d.attribute {cases} end"
