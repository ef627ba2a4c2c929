"""What is asked of one table: `Suite`, a list of `Check`s in a fixed order, and its text as it is committed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from contracts.model import Allowance, Label, Severity

Flavour = Literal["feeds", "entities", "marts"]
FLAVOURS: tuple[Flavour, ...] = ("feeds", "entities", "marts")
SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "warning"}
"""Our severities in the library's words."""


@dataclass(frozen=True, slots=True)
class Check:
    """One expectation: `type` is its name in the library, `kwargs` what it is asked with; `name` tells it from the others of the suite and stays when the contract changes elsewhere."""

    name: str
    type: str
    kwargs: Mapping[str, Any]
    severity: Severity
    label: Label
    limit: Allowance = field(default_factory=Allowance)
    reads_sealed: bool = False
    """Whether it reads cells that are sealed from landing on, so that it can be judged while rows are normalised only."""


@dataclass(frozen=True, slots=True)
class Suite:
    """The checks of one contract. `relation` is the table they are about, `key` names the columns by which a failing row is told; none of them is personal."""

    flavour: Flavour
    contract: str
    version: str
    relation: str
    key: tuple[str, ...]
    checks: tuple[Check, ...]

    @property
    def name(self) -> str:
        """Also the place of its file: `marts/household`."""
        return f"{self.flavour}/{self.contract}"

    def text(self) -> str:
        """The suite as the library reads it, in a form that differs only where a check does."""
        document = {
            "name": self.name,
            "meta": {"contract": self.contract, "version": self.version, "relation": self.relation, "key": list(self.key)},
            "expectations": [_expectation(check) for check in self.checks],
        }
        return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _expectation(check: Check) -> dict[str, Any]:
    """`mostly` is the library's word for a share that may fail; so many rows that may are judged beside it."""
    share = {} if check.limit.share is None else {"mostly": round(1 - check.limit.share, 8)}
    extra = {"most_rows": check.limit.rows} if check.limit.rows else {}
    sealed = {"reads_sealed": True} if check.reads_sealed else {}
    return {
        "type": check.type,
        "kwargs": {**check.kwargs, **share},
        "severity": SEVERITIES[check.severity],
        "meta": {"check": check.name, "zh": check.label.zh, "en": check.label.en, **extra, **sealed},
    }
