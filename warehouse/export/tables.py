"""What is exported, and what each column of it means: all marts of the contracts, the wide tables, and the tables of history. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

from contracts.history_words import HistoryWords, history_words
from contracts.model import Attribute, Contracts, Label, Mart, MartColumn
from warehouse.history.layout import Table, history_tables
from warehouse.promises import with_wide

Part = Literal["marts", "history"]
CLAIM = "claim_"


@dataclass(frozen=True, slots=True)
class Exported:
    """A table of an export and its promise; the part is the folder it lies in."""

    part: Part
    promise: Mart

    @property
    def name(self) -> str:
        return self.promise.name

    @property
    def place(self) -> str:
        """Its folder inside the export."""
        return f"{self.part}/{self.name}"


def exported_marts(contracts: Contracts) -> list[Exported]:
    """Every mart and every `<kind>_current`, by name."""
    return [Exported("marts", mart) for _, mart in sorted(with_wide(contracts).marts.items())]


def exported_history(contracts: Contracts) -> list[Exported]:
    """Every table of history, by name."""
    words = history_words()
    return [Exported("history", _promise(contracts, table, words)) for _, table in sorted(history_tables(contracts).items())]


def _promise(contracts: Contracts, table: Table, words: HistoryWords) -> Mart:
    """The contract of a table of history, in the shape of a mart's: the version of claims is their kind's."""
    if not table.name.startswith(CLAIM):
        about = words.tables[table.name]
        columns = _columns(table, table.schema, table.name, words)
        return Mart(table.name, "1.0.0", about.label, about.about.en, tuple(columns), (), "", about.about.zh)
    kind, about = contracts.kinds[table.name.removeprefix(CLAIM)], words.tables["claim"]
    attributes = {attribute.name: attribute for attribute in kind.attributes}
    common = pa.schema([field for field in table.schema if field.name not in attributes])
    columns = [*_columns(table, common, "claim", words), *(_attribute(table, each) for each in kind.attributes)]
    label = Label(f"{kind.label.zh}{about.label.zh}", f"{about.label.en}: {kind.label.en}")
    return Mart(table.name, kind.version_text, label, about.about.en, tuple(columns), (), "", about.about.zh)


def _columns(table: Table, schema: pa.Schema, named: str, words: HistoryWords) -> Iterable[MartColumn]:
    for name in schema.names:
        said = words.column(named, name)
        yield MartColumn(name, table.sql_type(name), said.label, said.about.en, said.classification, description_zh=said.about.zh)


def _attribute(table: Table, each: Attribute) -> MartColumn:
    return MartColumn(
        each.name, table.sql_type(each.name), each.label, each.description, each.classification, unit=each.unit, description_zh=each.description_zh
    )
