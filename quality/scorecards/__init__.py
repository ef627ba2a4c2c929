"""Scorecards: month by month and field by field, what was wrong with what a department delivered, and what to change at the source.

Read `facts` (what a card says, asked of a snapshot by the statements of `facts_sql`), `lines` (its words and rows), `pages` (the page that can be sent to the department). Rank-free: a card tells of
one department's feeds alone, beside nobody, and is the same whatever others deliver. No value of a person is on it: names of rows, shapes of cells, and plain values.
"""
