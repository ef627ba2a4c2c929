"""From promises to evidence: what the contracts promise is checked on what is published, and what is wrong reaches who can mend it.

`promises`: the suites of the contracts, run over whole tables; `suites`: those suites as they are committed; `monitors`: what is unlike it was before; `desk`: rows in quarantine and what is done about them;
`scorecards`: what a department is told about its own feeds.
Imports `vault` and `contracts` only. The checks that gate landing, normalising and publishing are compiled elsewhere. It never writes a snapshot.
"""
