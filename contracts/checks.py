"""The checks a contract may ask for of a table as a whole, by the names suites give them: `VOCABULARY`. What each of them means in SQL is said once, in `contracts.conditions`.

Five have names that every reader of Great Expectations knows; the others are of this field. A rule over one row needs no name: its condition is written into the contract.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Means = Literal["column", "columns", "number", "words", "list"]
"""What an argument holds: a column's name, several, a number, several texts, the name of a code list."""
ROWS_HOLD = "expect_rows_to_hold"
"""The check whose condition stands in the contract."""
COLUMNS = "expect_columns_of_contract"
"""The check that is made from a contract's columns and types; no contract asks for it."""


@dataclass(frozen=True, slots=True)
class Word:
    """One check: its arguments, which of them it cannot do without, and how many columns its `column_list` may name (any: empty)."""

    arguments: Mapping[str, Means]
    needs: tuple[str, ...] = ()
    counts: tuple[int, ...] = ()


VOCABULARY: Mapping[str, Word] = {
    "expect_column_values_to_not_be_null": Word({"column": "column"}, ("column",)),
    "expect_column_values_to_be_unique": Word({"column": "column"}, ("column",)),
    "expect_compound_columns_to_be_unique": Word({"column_list": "columns"}, ("column_list",)),
    "expect_column_values_to_be_in_set": Word({"column": "column", "value_set": "words", "code_list": "list"}, ("column",)),
    "expect_column_values_to_be_between": Word({"column": "column", "min_value": "number", "max_value": "number"}, ("column",)),
    "expect_table_row_count_to_be_between": Word({"min_value": "number", "max_value": "number"}),
    "expect_identity_verdicts_to_be_sound": Word({"column": "column"}, ("column",)),
    "expect_credit_codes_to_be_sound": Word({"column": "column"}, ("column",)),
    "expect_division_codes_to_be_known": Word({"column": "column"}, ("column",)),
    "expect_grid_codes_to_be_known": Word({"column": "column"}, ("column",)),
    "expect_one_dwelling_per_address": Word({"column": "column", "dwelling": "column"}, ("column", "dwelling")),
    "expect_people_per_dwelling": Word({"column": "column", "max_people": "number"}, ("column", "max_people")),
    "expect_points_inside_district": Word({"column_list": "columns", "margin_deg": "number"}, ("column_list", "margin_deg"), (3,)),
    "expect_bounded_quantities": Word({"column_list": "columns"}, ("column_list",), (2, 4)),
}
"""Every check that a contract may name."""
METRICS: Mapping[str, str] = {
    "nullValues": "expect_column_values_to_not_be_null",
    "duplicateValues": "expect_column_values_to_be_unique",
    "invalidValues": "expect_column_values_to_be_in_set",
    "rowCount": "expect_table_row_count_to_be_between",
}
"""The standard's own metrics that a contract may name (`type: library`), and the check each stands for."""
ENGINES = ("duckdb", "greatExpectations")
"""Who reads the implementation of a `custom` entry: a condition over the row, or the name and arguments of a check."""
UNITS = ("rows", "percent")
