"""Feeds compiled into SQL: raw rows to checked rows, facts, quarantined rows and accounts. Pure makers of text; nothing here runs a statement.

Reading order: `words`, `slots` (every expression once), `keys` (dwellings and their present names), `shared` (calls several expressions share), `upcasts` (rows of older versions), `rows` (checking), `facts`, `accounts`, `statements`.
"""

from contracts.normalising.facts import Select
from contracts.normalising.keys import ALIASES
from contracts.normalising.statements import NormalisingSql, naming_sql, normalising_sql
from contracts.normalising.words import CHECKED, HELD, MACHINERY, RAW, Form, raw_schema

__all__ = ["ALIASES", "CHECKED", "HELD", "MACHINERY", "RAW", "Form", "NormalisingSql", "Select", "naming_sql", "normalising_sql", "raw_schema"]
