"""Small publishes: a copy of the last snapshot is brought up to date by the rows that a change touches, and equals the full build.

Read `renew` (the whole of it), `keep` (what a snapshot keeps for the next one), `moved` (which columns changed, so that who rests on others only is left alone).
"""
