"""From promises to evidence: quality suites, monitors and the quarantine desk read the contracts and the published marts.

The checks that gate landing and normalising are compiled in `contracts`; this package holds what judges whole marts. Imports `vault` and `contracts` only.
"""
