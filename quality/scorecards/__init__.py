"""Scorecards: month by month and field by field, what was wrong with what a department delivered, and what to change at the source.

Read `card` (what a card holds), `facts` (how it is asked of a snapshot, by the statements of `facts_sql`), `faults` and `values` (what the answers come to), `lines` (its words and rows), `pages` (the page
that can be sent to the department). Rank-free: a card tells of one department's feeds alone, beside nobody; of others it shows only the surviving value of what differs.
No value of a person is on it: names of rows, shapes of cells, and plain values.
"""
