"""From promises to evidence: what the contracts promise is checked on what is published.

Read in this order: checks (a suite and its text), from_contracts (what the contracts give), committed (`suites/` and where it drifts), conditions (what a check means in SQL),
evidence (counts and keys), expectations (the one module that knows Great Expectations), run, outcomes, results; `monitors` by itself (what is unlike it was before). Imports `vault` and `contracts` only.
The checks that gate landing, normalising and publishing are compiled elsewhere; this package holds what judges whole tables. It never writes a snapshot.
"""
