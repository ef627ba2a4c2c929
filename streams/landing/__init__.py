"""A delivered file becomes raw messages: identifiers as tokens, personal cells sealed, what is banned refused.

Reading order: `model`, `land` (the protocol), `inspect` (first pass), `write_spool` and `convert` (second pass), `on_log` (appending); then the readers
(`text`, `read_*`), `header`, `clean`, `rows_sql`. Imports `contracts`; reaches vault, log, disk and clock through ports.
"""

from streams.landing.files import Files, LocalFiles
from streams.landing.land import continue_spools, engine_of, land
from streams.landing.manifest import declared_for, feed_in_manifest, feed_named, manifest_of
from streams.landing.many import Job, Outcome, jobs_in, land_many
from streams.landing.model import Declared, Drift, Landing, Progress, Report, Sizes, Total
from streams.landing.on_log import newest_vault, refuse_older_vault

__all__ = [
    "Declared",
    "Drift",
    "Files",
    "Job",
    "Landing",
    "LocalFiles",
    "Outcome",
    "Progress",
    "Report",
    "Sizes",
    "Total",
    "continue_spools",
    "declared_for",
    "engine_of",
    "feed_in_manifest",
    "feed_named",
    "jobs_in",
    "land",
    "land_many",
    "manifest_of",
    "newest_vault",
    "refuse_older_vault",
]
