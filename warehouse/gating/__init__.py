"""What stops a publish: promises of severity `error` that marts do not keep.

Read `judge` (counts what breaks them, in one statement over the marts that were made anew), `chosen` (which rows of which marts a small publish must look at),
`overrides` (what a person lets through, with a reason, recorded), `errors`.
"""
