"""The accounts of every delivery and of every raw message hold, and nothing is counted twice."""

from __future__ import annotations

import json
from collections import defaultdict
from random import Random
from typing import Any

import pytest

from contracts.ports import Message
from streams.landing import Outcome
from tests.laws.raw import District, Raw, outcomes_of, rearranged

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def told(district: District, raw: Raw, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """The outcomes of all raw messages, a third of which came twice, in no order."""
    with district.vault() as vault:
        return outcomes_of(district.contracts, vault, tmp_path_factory.mktemp("told"), rearranged(raw, Random(3), 0.33))


def closings(raw: Raw) -> dict[str, dict[str, Any]]:
    return {message.headers["delivery"]: json.loads(message.value) for _, message in raw if message.headers["ce_type"] == "delivery.closed"}


def rows_of(message: Message) -> int:
    return int(message.headers["rows"])


def test_every_delivery_accounts_for_its_rows(landed: tuple[list[Outcome], Raw]) -> None:
    """delivered = refused + reduced + layout rows + landed, and what landed lies on the log."""
    reports, raw = landed
    closed = closings(raw)
    on_log: dict[str, int] = defaultdict(int)
    for _, message in raw:
        if message.headers["ce_type"] == "raw.rows":
            on_log[message.headers["delivery"]] += rows_of(message)
    assert set(closed) == {outcome.report.delivery for outcome in reports if outcome.report is not None}
    for delivery, account in closed.items():
        assert account["delivered"] == account["refused"] + account["reduced"] + account["layout"] + account["landed"], account
        assert account["landed"] == on_log[delivery], account
        assert account["chunks"] == sum(message.headers["delivery"] == delivery for _, message in raw) - 1


def test_every_message_accounts_for_its_rows_once(landed: tuple[list[Outcome], Raw], told: list[dict[str, Any]]) -> None:
    """Per distinct raw message landed = accepted + quarantined by reason; copies are told as duplicates and count nothing."""
    counted = [one for one in told if one["type"] == "raw.rows" and one["outcome"] != "duplicate"]
    assert len(counted) == len({(one["delivery"], one["chunk"]) for one in counted})
    for one in counted:
        assert one["rows"] == one["accepted"] + sum(one["quarantined"].values()), one
    by_delivery: dict[str, int] = defaultdict(int)
    for one in counted:
        by_delivery[one["delivery"]] += one["rows"]
    assert by_delivery == {delivery: account["landed"] for delivery, account in closings(landed[1]).items() if account["landed"]}


def test_every_message_has_one_outcome(landed: tuple[list[Outcome], Raw], told: list[dict[str, Any]]) -> None:
    """As many outcomes as raw messages on the log, copies included, and each says which it was."""
    assert sum(one["outcome"] == "duplicate" for one in told) == len(told) - len(landed[1])
