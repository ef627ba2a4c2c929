"""All statements of one feed and form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from contracts.model import Contracts, Feed
from contracts.normalising.accounts import accounts_sql, quarantined_sql
from contracts.normalising.facts import Select, fact_selects, presence_select
from contracts.normalising.rows import checked_sql
from contracts.normalising.shared import macro_names
from contracts.normalising.slots import Slots
from contracts.normalising.words import Form, raw_schema, reasons


@dataclass(frozen=True, slots=True)
class NormalisingSql:
    """The statements of one feed and form. `checked` reads the relation `raw`; the others read the table `checked` (and `quarantined` also `raw`)."""

    source: str
    schema: pa.Schema
    checked: str
    facts: Mapping[str, Select]
    quarantined: str
    accounts: str


def normalising_sql(feed: Feed, contracts: Contracts, form: Form = "rows", aliased: bool = False) -> NormalisingSql:
    """All statements for the rows of one form; `aliased` when the table `address_alias` has rows."""
    mappings = tuple(mapping for mapping in feed.mappings if mapping.rows == ("minors" if form == "minors" else "landed"))
    slots = Slots.of(feed, mappings, aliased)
    facts = {} if form == "presence" else fact_selects(feed, contracts, mappings, slots)
    facts |= presence_select(feed, contracts, mappings, slots, always=form == "presence")
    named = reasons(feed, form)
    return NormalisingSql(
        source=feed.name,
        schema=raw_schema(feed, form),
        checked=checked_sql(feed, form, slots, macro_names(contracts.rules_sql)),
        facts=facts,
        quarantined=quarantined_sql(feed, named),
        accounts=accounts_sql(named),
    )
