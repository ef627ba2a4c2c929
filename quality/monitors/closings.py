"""What a delivery's closing says of it as a whole, as rows of its profile: `closing_profile`. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa

from contracts.profiling import PROFILE

DRIFTS = {"undeclared": "undeclared", "missing": "missing"}


def closing_profile(closings: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Rows in the shape of `PROFILE`: of each `delivery.closed` its rows, its latency where it names its moment, and the columns that drifted."""
    return pa.Table.from_pylist([row for closing in closings for row in _rows(closing)], PROFILE)


def _rows(closing: Mapping[str, Any]) -> list[dict[str, Any]]:
    recorded = datetime.fromisoformat(closing["recorded_at"])
    told: list[tuple[str, str, float]] = [("rows", "", float(closing["landed"]))]
    if closing.get("moment"):
        told.append(("latency", "", (recorded - datetime.fromisoformat(closing["moment"])).total_seconds() / 3600))
    for drift in (closing.get("report") or {}).get("drift", ()):
        if drift["kind"] in DRIFTS:
            told.append((DRIFTS[drift["kind"]], str(drift["column"]), float(drift["values"]) if drift["kind"] == "undeclared" else 1.0))
    head = {"feed": closing["source"], "delivery": closing["delivery"], "mode": closing["mode"], "recorded_at": recorded, "field": ""}
    return [{**head, "measure": measure, "item": item, "value": value} for measure, item, value in told]
