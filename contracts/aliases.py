"""The address alias table: which dwelling keys are earlier names of another one, as an address feed shows it (`CANDIDATES_SQL`, `proposal`) and as a
person released it (`Aliases`). Pure.

A pair (old, new) comes from a *correction*, where one record of the feed was under `old` earlier and is under `new` now, or from a *merge*, where the
record that had `old` was merged into the one that has `new`. A pair that the feed no longer supports is not there: that is a *split*.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter

import pyarrow as pa

from contracts.ipc import number_of

Pair = tuple[str, str]
"""The old key and the new one."""

CANDIDATES_SQL = """with counted as (
  select * from naming qualify row_number() over (partition by source, delivery, "row" order by repair desc, recorded_at) = 1
), aged as (
  select *, row_number() over (partition by source, record order by observed_at desc, rank desc, withdraws desc, content desc, delivery, "row") as age from counted
), named as (select distinct source, record, dwelling from aged where dwelling is not null),
latest as (select source, record, dwelling from aged where dwelling is not null qualify age = min(age) over (partition by source, record)),
stated as (select source, record, dwelling from aged where not withdraws qualify age = min(age) over (partition by source, record)),
merged as (
  select aged.source, aged.record, latest.dwelling from aged join latest on latest.source = aged.source and latest.record = aged.merged_into
  where age = 1 and merged_into <> aged.record
), used as (select source, record, dwelling from aged anti join merged using (source, record) where age = 1 and not withdraws and dwelling is not null),
become as (select * from merged union all select * from stated anti join merged using (source, record) where dwelling is not null)
select named.dwelling as old, become.dwelling as new, bool_or(used.record is not null) as used
from named join become using (source, record)
  left join used on used.dwelling = named.dwelling and (used.source <> named.source or used.record <> named.record)
where named.dwelling <> become.dwelling group by all order by all"""
"""Over the relation `naming` (see `contracts.facts`): what each key of a record has become, and whether the old key is in use by another record."""


def outdated(headers: Mapping[str, str], version: int) -> bool:
    """Whether a derived message was made under an older version of the table than `version`. It is derived again; whoever appended it did not know yet that everything was renewed."""
    made = number_of(headers.get("aliases"))
    return made is not None and made < version


@dataclass(frozen=True, slots=True)
class Aliases:
    """A released version of the table, pairs in order; no new key is also an old one. Version 0: nothing was ever released."""

    version: int = 0
    pairs: tuple[Pair, ...] = ()

    def table(self) -> pa.Table:
        """`from_dwelling`, `to_dwelling`, and all `names` of that dwelling; the new key is there too, as its own."""
        names: dict[str, list[str]] = {}
        for old, new in self.pairs:
            names.setdefault(new, [new]).append(old)
        rows = [(name, new, sorted(listed)) for new, listed in names.items() for name in listed]
        columns = zip(*rows, strict=True) if rows else ((), (), ())
        types = {"from_dwelling": pa.string(), "to_dwelling": pa.string(), "names": pa.list_(pa.string())}
        return pa.table([pa.array(column, kind) for column, kind in zip(columns, types.values(), strict=True)], names=list(types))


UNALIASED = Aliases()


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the address feeds give now. Left out of `pairs`, because nobody can tell: `ambiguous` ones, whose old key is another record's too or became
    several; `circular` ones, whose keys became each other."""

    pairs: tuple[Pair, ...] = ()
    ambiguous: tuple[Pair, ...] = ()
    circular: tuple[Pair, ...] = ()


def proposal(candidates: Iterable[tuple[str, str, bool]]) -> Proposal:
    """Every old key with the end of its chain; the rows are those of `CANDIDATES_SQL`, in any order."""
    became: dict[str, set[str]] = {}
    used: set[str] = set()
    for old, new, taken in candidates:
        became.setdefault(old, set()).add(new)
        used |= {old} if taken else set()
    going = {old: news for old, news in became.items() if old not in used}
    circular = {old for old in going if old in _reached(going, old)}
    ends = _ends({old: news for old, news in going.items() if old not in circular})
    unclear = used | {old for old, found in ends.items() if len(found) > 1}
    return Proposal(
        pairs=tuple(sorted((old, next(iter(found))) for old, found in ends.items() if len(found) == 1 and old not in found)),
        ambiguous=_between(became, unclear),
        circular=_between(became, circular),
    )


def _reached(going: Mapping[str, Collection[str]], start: str) -> set[str]:
    """Every key that `start` became, over any number of steps."""
    found: set[str] = set()
    waiting = list(going[start])
    while waiting:
        key = waiting.pop()
        if key not in found:
            found.add(key)
            waiting += going.get(key, ())
    return found


def _ends(going: Mapping[str, Collection[str]]) -> dict[str, set[str]]:
    """The keys at which the chains of each key end: those that became nothing, or of which it is unclear what they became."""
    ends: dict[str, set[str]] = {}
    for key in TopologicalSorter(going).static_order():
        if key in going:
            ends[key] = {end for new in going[key] for end in (ends[new] if len(ends.get(new, ())) == 1 else {new})}
    return ends


def _between(became: Mapping[str, Collection[str]], keys: Collection[str]) -> tuple[Pair, ...]:
    return tuple(sorted((old, new) for old in keys for new in became[old]))
