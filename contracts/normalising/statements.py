"""All statements of one feed and form."""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, replace

import pyarrow as pa

from contracts.model import Contracts, Feed, Limit, Mapping
from contracts.normalising.accounts import accounts_sql, plain_cells, quarantined_sql
from contracts.normalising.facts import Select, fact_selects, naming_select, presence_select
from contracts.normalising.keys import Keys
from contracts.normalising.rows import checked_sql, held_sql
from contracts.normalising.shared import macro_names
from contracts.normalising.slots import NO_KEYS, Slots
from contracts.normalising.upcasts import Spoken
from contracts.normalising.words import HELD, Form, limited, raw_schema, reasons


@dataclass(frozen=True, slots=True)
class NormalisingSql:
    """The statements of one feed and form. `checked` reads the relation `raw`; the others read the table `checked` (and `quarantined` also `raw`).

    `plain`: the columns of `raw` that a quarantined row shows. `limits`: how much of a message may break which rule, in contract order; `held` the numbers of
    those rules' reasons for rows of a message that was held.
    """

    source: str
    schema: pa.Schema
    plain: tuple[str, ...]
    checked: str
    facts: MappingOf[str, Select]
    quarantined: str
    accounts: str
    limits: MappingOf[str, Limit]
    held: MappingOf[str, int]

    def holding(self, rule: str) -> NormalisingSql:
        """The same for messages held for `rule`: rows that break no promise are set aside for it."""
        return replace(self, checked=held_sql(self.checked, self.held[rule]))


def normalising_sql(feed: Feed, contracts: Contracts, form: Form = "rows", aliased: bool = False) -> NormalisingSql:
    """All statements for the rows of one form of messages that carry the version `feed`; `aliased` when the table `address_alias` has rows.

    Rows keep that version's rules. Where a newer version in `contracts` says how to upcast them, its mapping makes the facts; they name the version carried.
    """
    said = Spoken.of(feed, contracts)
    mappings = _mappings(said.speaker, form)
    slots = Slots.of(said.speaker, mappings, Keys.of(mappings, contracts.kinds) if aliased else NO_KEYS)
    facts = {} if form == "presence" else fact_selects(feed, contracts, mappings, slots)
    facts |= presence_select(feed, contracts, mappings, slots, always=form == "presence")
    return _statements(said, contracts, form, slots, facts)


def naming_sql(feed: Feed, contracts: Contracts) -> NormalisingSql:
    """The statements whose only facts are the `naming` rows of an address feed: under which key it knew which of its records, as delivered."""
    said = Spoken.of(feed, contracts)
    mappings = _mappings(said.speaker, "rows")
    slots = Slots.of(said.speaker, mappings, also=[mapping.merged_into for mapping in mappings if mapping.merged_into])
    return _statements(said, contracts, "rows", slots, {"naming": naming_select(feed, slots)})


def _mappings(feed: Feed, form: Form) -> tuple[Mapping, ...]:
    return tuple(mapping for mapping in feed.mappings if mapping.rows == ("minors" if form == "minors" else "landed"))


def _statements(said: Spoken, contracts: Contracts, form: Form, slots: Slots, facts: MappingOf[str, Select]) -> NormalisingSql:
    feed = said.carried
    named = reasons(feed, form)
    rules = limited(feed, form)
    numbers = {reason: number for number, (reason, _) in enumerate(named, 1)}
    return NormalisingSql(
        source=feed.name,
        schema=raw_schema(feed, form),
        plain=plain_cells(feed),
        checked=checked_sql(said, form, slots, macro_names(contracts.rules_sql)),
        facts=facts,
        quarantined=quarantined_sql(feed, named),
        accounts=accounts_sql(named),
        limits={rule.reason: rule.limit for rule in rules if rule.limit},
        held={rule.reason: numbers[f"{HELD}{rule.reason}"] for rule in rules},
    )
