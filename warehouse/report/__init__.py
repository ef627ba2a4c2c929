"""One page for a grid: what to do, how to do it, how well it is done.

Read `facts` (what the page says, asked of a snapshot), `guide` (what is said the same of every grid), `charts` (drawings as shapes), then `html` and `pdf`, which lay the same page out.
"""

from __future__ import annotations

from warehouse.report.facts import GridReport, Span, report_on

__all__ = ["GridReport", "Span", "report_on"]
