"""What cannot be folded goes whole into quarantine: sealed, because a fact may hold what is personal, and named by where it lay."""

from __future__ import annotations

import pyarrow as pa

from contracts.ports import Log, Sealer, Stored
from contracts.quarantined import QUARANTINED
from contracts.topics import QUARANTINE
from streams.normalise.schemas import SET_ASIDE
from streams.normalise.wire import Made, derived, iso_of, moment_of
from streams.reconcile.batches import Aside
from streams.sealed import sealed


def aside_to(log: Log, sealer: Sealer) -> Aside:
    """Puts bytes into the quarantine topic under the key of the partition they came from; durable when it returns."""

    def put(stored: Stored, reason: str, data: bytes) -> None:
        position, time = stored.position, stored.message.headers.get("ce_time") or iso_of(stored.at)
        place = f"{position.topic}/{position.partition}"
        row = {
            "source": position.topic,
            "delivery": place,
            "row": position.offset,
            "recorded_at": moment_of(time),
            "reason": reason,
            **sealed(sealer, place, data),
        }
        made = Made(f"{place}/{position.offset}/{reason}", time, 0)
        log.append(QUARANTINE, position.partition, list(derived(SET_ASIDE, pa.Table.from_pylist([row], QUARANTINED), made)))

    return put
