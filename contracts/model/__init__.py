"""The typed model of every contract; loaded once from the ODCS files by `contracts.read` and never changed.

Read `Feed` for what a department delivers and how it becomes claims, `Kind` for what a golden record holds,
`Mart` for a table that people read. Nothing here knows YAML, files or engines.
"""

from contracts.model.feed import LEAST_ROWS, Column, Feed, Limit, Mapped, Mapping, Minors, Mode, Rule, ServiceLevel, Upcast
from contracts.model.kind import Attribute, Kind, Unit
from contracts.model.mart import Mart, MartColumn
from contracts.model.whole import CONSUMERS, MOST_SOURCES, Contracts
from contracts.model.words import Allowance, AttributeType, Classification, CodeList, Label, Promise, Severity

__all__ = [
    "CONSUMERS",
    "LEAST_ROWS",
    "MOST_SOURCES",
    "Allowance",
    "Attribute",
    "AttributeType",
    "Classification",
    "CodeList",
    "Column",
    "Contracts",
    "Feed",
    "Kind",
    "Label",
    "Limit",
    "Mapped",
    "Mapping",
    "Mart",
    "MartColumn",
    "Minors",
    "Mode",
    "Promise",
    "Rule",
    "ServiceLevel",
    "Severity",
    "Unit",
    "Upcast",
]
