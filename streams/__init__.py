"""From delivered records to reconciled facts.

Reading order: `landing` (a delivery becomes raw messages), `log` (the Log port's adapters), `normalise` (raw messages become claims),
`reconcile` (claims become golden records), `local` (all steps over the embedded log in one process).
Imports `vault` and `contracts`; never `warehouse`, `quality` or `cabin`.
"""
