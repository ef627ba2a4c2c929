"""Lineage: from which columns departments deliver a column of a table for readers comes, and what rests on a column of a feed.

Read `sources` (one step back, per table) and `graph` (all steps, both ways); `names` finds what a person means.
"""

from warehouse.lineage.graph import Graph, Step
from warehouse.lineage.names import near, resolved

__all__ = ["Graph", "Step", "near", "resolved"]
