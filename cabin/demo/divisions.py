"""The real divisions of Lucheng, from the code list of the contracts."""

from __future__ import annotations

import csv
from dataclasses import dataclass

from contracts.read import HOME

COUNTY = "330302"
TABLE = HOME / "codes" / "division.csv"


@dataclass(frozen=True, slots=True)
class Division:
    """A division of the county, under the name the statistical office publishes."""

    code: str
    name: str


def divisions() -> list[Division]:
    """The county, its townships and villages, in code order."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return sorted((Division(row["code"], row["zh"]) for row in csv.DictReader(file) if row["code"].startswith(COUNTY)), key=lambda each: each.code)


def villages() -> list[Division]:
    return [each for each in divisions() if len(each.code) == 12]


def townships() -> list[Division]:
    return [each for each in divisions() if len(each.code) == 9]
