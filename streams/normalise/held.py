"""Messages of which too much breaks a rule: every one is judged, by its account alone, and one that breaks a limit of its contract is held."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from contracts.model import Limit

Key = tuple[str, int]
"""Delivery and chunk of a message as it was delivered."""


def held(accounts: pa.Table, limits: Mapping[str, Limit]) -> dict[Key, str]:
    """The messages that are held, with the first rule in contract order whose limit they break.

    Of a warning the accepted rows that it flagged count, of an error the rows set aside for it. A repair is never held: who redrives rows has decided.
    """
    if not limits:
        return {}
    first_hand = accounts.filter(pc.equal(accounts["repair"], 0)).to_pylist()
    judged = {(each["delivery"], each["chunk"]): _broken(each, limits) for each in first_hand}
    return {key: rule for key, rule in judged.items() if rule}


def parted(rows: pa.Table, keys: Mapping[Key, str]) -> tuple[pa.Table, dict[str, pa.Table]]:
    """The rows of messages that go on, and by rule those of messages that are held for it."""
    names = pa.table({"delivery": [key[0] for key in keys], "chunk": pa.array([key[1] for key in keys], pa.int32()), "__rule": list(keys.values())})
    at = rows.select(["delivery", "chunk", "repair"]).append_column("__at", pa.array(range(rows.num_rows), pa.int64()))
    found = at.filter(pc.equal(at["repair"], 0)).join(names, ["delivery", "chunk"], join_type="inner")
    by_rule = {rule: found.filter(pc.equal(found["__rule"], rule))["__at"].sort() for rule in dict.fromkeys(keys.values())}
    rest = pc.invert(pc.is_in(at["__at"], found["__at"].combine_chunks()))
    return rows.filter(rest), {rule: rows.take(places) for rule, places in by_rule.items()}


def _broken(account: Mapping[str, Any], limits: Mapping[str, Limit]) -> str | None:
    counts = {**orjson.loads(account["flags"]), **orjson.loads(account["quarantined"])}
    over = (rule for rule, limit in limits.items() if account["rows"] >= limit.least_rows and counts.get(rule, 0) * 100 > limit.percent * account["rows"])
    return next(over, None)
