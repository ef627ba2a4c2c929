"""The quarantine desk: rows that broke a rule are looked at, fixed and redriven, rejected or returned, and nothing leaves silently.

Steps are facts on `cabin.desk`; the state of the desk is a function of `cabin.quarantine`, `cabin.outcomes` and them. Reading order: `steps` (facts), `pattern`
(which rows), `fixes` (what is done to cells), `index` with `fold` (the state, one file), `ask` (what readers ask of it), `work` (a fix from its dry run to its plan), `redrive` (its end), `decide` (what mends nothing).
Imports `vault` and `contracts` only; raw messages are opened, made, checked and appended through the port `ports.Raw`.
"""
