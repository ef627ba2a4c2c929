"""`python -m warehouse.spark`: whether all our SQL would mean the same on Spark; a line per finding, exit code 1 where there is one."""

from __future__ import annotations

import sys

from contracts.read import load
from warehouse.spark.lint import linted, texts
from warehouse.spark.macros import Macros


def main() -> int:
    """Prints the findings; gives the exit code."""
    contracts = load()
    found = linted(texts(contracts), Macros(contracts.rules_sql))
    for finding in found:
        print(finding)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
