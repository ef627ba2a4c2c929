"""What stops a publish: promises of severity `error` about marts, and about golden records of kinds, that are not kept.

Read `gates` (the list of them, compiled from the contracts), `chosen` (which rows of which tables a publish must look at), `judge` (counts what breaks them, in one statement),
`overrides` (what a person lets through, with a reason, recorded), `errors`.
"""
