"""Exports: marts and history for other engines (DuckDB, Polars, pandas, Spark, Trino), as Parquet with a Delta table over the same files.

Read `tables` (what is exported), `delta` (the commit over files that lie there), `dictionary` and `lineage` (what is told beside them), `write` (one table onto the disk),
`place` (the folder, the link `current`) and `exporter` (one export, atomically).
"""

from warehouse.export.exporter import Export, Exporter
from warehouse.export.place import exported

__all__ = ["Export", "Exporter", "exported"]
