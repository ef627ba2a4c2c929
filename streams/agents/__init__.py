"""Faust's part: agents that hand batches of messages to whoever owns their partitions. No position is kept here, and no rule.

Read `desk` (what one worker owns), `claims` and `raw` (one owned partition each), `agents` (the plain generators); `streams.app` registers them.
"""
