"""From facts to tables that people read.

Read `load` (the current file), `wide` and `relations` (what contracts make of it), `marts/*.sql` with `catalogue` (the marts and their order),
`build`, `publish` and `retention` (immutable snapshots), then `snapshots`, `query` and `compare` (what readers ask). Imports contracts and vault, never streams or quality.
Never writes the log, never decides a value: golden values come from the fold.
"""
