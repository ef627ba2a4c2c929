"""History: every fact the log ever told, with its `recorded_at`, append-only in Parquet. Golden history follows from it: `asof` computes it.

Read `layout` (which table lies where), `manifest` (which files count; its rename is the commit), `write` (from the log), `compact` (many small files into one, beside readers),
`check` (each file against its hash), `read` (views over the files of one manifest, cut at a moment) and `asof` (golden records and marts over a cut).
"""

from warehouse.history.asof import AsOf, Means
from warehouse.history.check import Fault, check
from warehouse.history.compact import compact
from warehouse.history.manifest import Manifest, read_manifest, tables_of
from warehouse.history.read import Cut, Reading, reading
from warehouse.history.released import Release, released_at
from warehouse.history.restore import restore
from warehouse.history.write import Added, History, renamed

__all__ = [
    "Added",
    "AsOf",
    "Cut",
    "Fault",
    "History",
    "Manifest",
    "Means",
    "Reading",
    "Release",
    "check",
    "compact",
    "read_manifest",
    "reading",
    "released_at",
    "renamed",
    "restore",
    "tables_of",
]
