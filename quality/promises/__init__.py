"""Suites made from contracts, and their run over a published snapshot or landed rows.

Read in this order: checks (a suite and its text), from_contracts (what the contracts give), committed (`quality/suites` and where it drifts),
evidence (counts and keys), expectations (the one module that knows Great Expectations), run, outcomes, results.
"""
