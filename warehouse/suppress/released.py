"""What was ever published by area: one record per mart and tree, kept beside the snapshots in a file that only the publisher reads, because a floor is no shown count."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from warehouse.suppress.tree import Earlier, Told

NONE = Earlier()


@dataclass(frozen=True, slots=True)
class Record:
    """A tree as it was released, and the digest of the counts it was released from."""

    digest: str
    earlier: Earlier


@dataclass(slots=True)
class Released:
    """Records by mart and tree, unpacked when they are asked for. `changed`: something was released since it was read."""

    lines: dict[tuple[str, str], str] = field(default_factory=dict)
    changed: bool = False

    @classmethod
    def of(cls, text: str) -> Released:
        """What `text` gave."""
        parts = (line.split("\t") for line in text.splitlines())
        return cls({(mart, tree): held for mart, tree, held in parts})

    def text(self) -> str:
        """One line a record, in order of mart and tree."""
        return "".join(f"{mart}\t{tree}\t{held}\n" for (mart, tree), held in sorted(self.lines.items()))

    def record(self, mart: str, tree: str) -> Record:
        """The record of a tree; an empty one where nothing was shown of it yet."""
        held = self.lines.get((mart, tree))
        return _record(json.loads(held)) if held else Record("", NONE)

    def trees(self, mart: str) -> list[str]:
        """The trees of a mart of which something was shown."""
        return [tree for held, tree in self.lines if held == mart]

    def put(self, mart: str, tree: str, record: Record) -> None:
        self.lines[mart, tree] = json.dumps(_held(record), ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        self.changed = True


def _held(record: Record) -> dict[str, Any]:
    rows = {area: [list(told.values), told.seat] for area, told in record.earlier.rows.items()}
    return {"digest": record.digest, "release": record.earlier.release, "dropped": list(record.earlier.dropped), "rows": rows}


def _record(held: dict[str, Any]) -> Record:
    rows = {area: Told(tuple(values), seat) for area, (values, seat) in held["rows"].items()}
    return Record(held["digest"], Earlier(held["release"], tuple(held["dropped"]), rows))
