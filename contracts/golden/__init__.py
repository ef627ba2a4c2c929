"""The golden statement: claims and findings of an entity in, its golden record out, as one SQL text per kind.

Read `plan` (the kind as the makers see it), then the steps in order: `facts` (what counts at all), `snapshots`, `claims` (the newest per record and source),
`findings`, `rosters`, `wide` (one row per entity), `choose` (spent or not, who wins), `status` (masks and the table of statuses), `basis` (both packed into one integer), `differs`, and `statement`, which
strings them together; `fates` asks the same steps what became of each finding, `differing` and `requests` list discrepancies over golden rows. `touched` names the entities a fact concerns. Imports nothing of ours but the contracts' model and shapes; runs nothing.

Points that reconcile.md leaves open are decided in `contracts/golden/DECISIONS.md`.
"""

from contracts.golden.fates import fates_sql
from contracts.golden.heard import heard_sql
from contracts.golden.plan import Heard, Relations
from contracts.golden.statement import golden_sql, known_sql

__all__ = ["Heard", "Relations", "fates_sql", "golden_sql", "heard_sql", "known_sql"]
