"""One page for a grid: what to do, how to do it, how well it is done.

Read `facts` (what the page says, asked of a snapshot), `guide` (what is said the same of every grid), `lines` and `charts` (its words and drawings), then `pages`, which lays it out as HTML and as PDF.
"""

from __future__ import annotations

from warehouse.report.facts import GridReport, Span, report_on

__all__ = ["GridReport", "Span", "report_on"]
