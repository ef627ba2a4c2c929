"""Our SQL on Apache Spark: written for it, checked against it, run on it.

Read `dialect` (what sqlglot reads and writes), `macros` and `gaps` (what is rewritten, and why), `steps` (a statement as views), `types`, then `run` (the warehouse over a session
of Spark, from an export alone); `allowed` and `lint` say what our SQL may use, `python -m warehouse.spark` whether it does. Needs sqlglot; imports no Spark: a session is handed in.
Never decides what a statement means: that is DuckDB's, and what means something else is rewritten or refused.
"""
