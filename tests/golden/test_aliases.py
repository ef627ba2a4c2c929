"""Every shipped feed under an alias table: what it says follows the present keys, what names a finding stays."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from contracts import load
from contracts.aliases import Aliases
from streams.normalise import decode
from tests.golden.harness import derive, sample_files

CONTRACTS = load()
ROOM = re.compile(r"330302006071(?:/[^/@:]+){4}/\d+")
HOMES = ("330302006071/解放街/12/3/2/501", "330302006071/锦绣花苑/-/3/2/1001")
ALIASES = Aliases(1, tuple((home, home + "9") for home in HOMES))
APART = {"finding", "roster", "base", "seen", "version", "content"}
"""Columns that are not the other ones renamed: names stay, contents are digests of what was renamed."""

Rows = dict[str, list[dict[str, Any]]]


def rows(file: Path, aliases: Aliases) -> Rows:
    """The sample's facts by type."""
    found: Rows = {}
    for message in derive(CONTRACTS, file.parent.name, file, aliases)[0].claims[0]:
        found.setdefault(message.headers["ce_type"], []).extend(decode(message.value).to_pylist())
    return found


def renamed(value: Any) -> Any:
    known = dict(ALIASES.pairs)
    return ROOM.sub(lambda found: known.get(found[0], found[0]), value) if isinstance(value, str) else value


def said(listed: list[dict[str, Any]], change: Any = lambda value: value) -> list[str]:
    """What facts say, names and digests apart, each once."""
    return sorted({str({name: change(value) for name, value in row.items() if name not in APART}) for row in listed})


@pytest.mark.parametrize("file", sample_files(), ids=lambda file: file.parent.name)
def test_a_feed_says_the_same_of_the_dwelling_under_its_present_key(file: Path) -> None:
    """Derived under the table is derived without it and then renamed, column by column; findings and rosters keep their names."""
    plain, aliased = rows(file, Aliases()), rows(file, ALIASES)
    assert {fact: said(listed) for fact, listed in aliased.items()} == {fact: said(listed, renamed) for fact, listed in plain.items()}
    for fact in ("finding", "roster"):
        names = [sorted((row[fact], row["base"]) for row in derived.get(fact, [])) for derived in (plain, aliased)]
        assert names[0] == names[1]


def test_the_samples_speak_of_these_homes() -> None:
    """Claims, links, findings, rosters, verifications and visits of the samples are renamed: the test above compares something."""
    changed = {fact for file in sample_files() for fact, listed in rows(file, Aliases()).items() if said(listed) != said(listed, renamed)}
    assert changed >= {"claim.dwelling", "claim.residency", "claim.event", "finding", "roster", "verification", "visit"}


def test_a_finding_is_referred_to_under_every_name_of_its_dwelling() -> None:
    """Who saw or judged a finding names it by the key of their own row; the finding may have been made under another name of the dwelling."""
    file = next(file for file in sample_files() if file.parent.name == "visit")
    found = rows(file, ALIASES)
    home, present = ALIASES.pairs[0]
    use = {row["version"] for row in found["verification"] if row["attribute"] == "use"}
    assert use == {f"ZF2600000001:{key}:use#0" for key in (home, present)}
    (seen,) = [row["seen"] for row in found["finding"] if row["attribute"] == "occupancy" and row["counter"] == 0]
    assert set(seen) == {f"{version}:{key}:occupancy#{counter}" for version, counter in (("ZF2500000009", 0), ("ZF2500000011", 1)) for key in (home, present)}
