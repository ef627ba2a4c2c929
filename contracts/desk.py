"""What people decide about quarantined rows, as it lies on `cabin.desk`: one JSON object per step, all on partition 0, so that their order is one."""

from __future__ import annotations

from typing import Any

from contracts.model import Label

FIRST_REPAIR = 1 << 30
"""The first chunk number of a repair message: no delivery has as many chunks, so (delivery, chunk) goes on naming one raw message."""
LARGEST_REPAIR = (1 << 15) - 1

FIX, REDRIVE, REDRIVEN, REJECT, UNDO, RETURN, REVEAL = "fix", "redrive", "redriven", "reject", "undo", "return", "reveal"
KINDS = (FIX, REDRIVE, REDRIVEN, REJECT, UNDO, RETURN, REVEAL)
"""`fix` plans one; `redrive` begins it, from then on it cannot be undone; `redriven` ends it; `of` names the step they or an `undo` speak of."""
KIND_LABELS = {
    FIX: Label("修复", "fix"),
    REDRIVE: Label("开始重投", "redrive begun"),
    REDRIVEN: Label("重投完成", "redriven"),
    REJECT: Label("驳回", "reject"),
    UNDO: Label("撤销", "undo"),
    RETURN: Label("退回部门", "returned"),
    REVEAL: Label("查看密封内容", "reveal"),
}
ROW_STATES = {"open": Label("未处理", "open"), "redriven": Label("已重投", "redriven"), "rejected": Label("已驳回", "rejected")}
"""What becomes of a quarantined row."""
STEP_STATES = {
    "planned": Label("已计划", "planned"),
    "redriving": Label("重投中", "redriving"),
    "redriven": Label("已重投", "redriven"),
    "rejected": Label("已驳回", "rejected"),
    "undone": Label("已撤销", "undone"),
    "told": Label("仅记录", "told"),
}
"""What becomes of a step; `told` are those that only say something."""

_TEXT = {"type": "string"}
_NUMBER = {"type": "integer", "minimum": 0}
STEP_JSON_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["step", "kind", "actor", "reason", "recorded_at"],
    "properties": {
        "step": _TEXT,
        "kind": {"enum": list(KINDS)},
        "of": _TEXT,
        "feed": _TEXT,
        "actor": _TEXT,
        "reason": _TEXT,
        "recorded_at": _TEXT,
        "pattern": {"type": "object"},
        "fix": {"type": "object"},
        "sealed": _TEXT,
        "rows": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["delivery", "chunk", "version", "rows"],
                "properties": {"delivery": _TEXT, "chunk": _NUMBER, "version": _NUMBER, "rows": {"type": "array", "items": _NUMBER}},
            },
        },
        "messages": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["delivery", "parent", "chunk", "repair"],
                "properties": {"delivery": _TEXT, "parent": _NUMBER, "chunk": _NUMBER, "repair": _NUMBER},
            },
        },
    },
}
"""A step. `rows`: those it speaks of by raw message; `version` is the repair number under which they were quarantined, `rows` [0] a message that was set aside whole.
`messages`: the repair messages of a redrive, which are to have these numbers whoever appends them. `fix`: what is done to cells; where it could hold a personal
value it is `sealed` instead, as base64, under the key of the pseudo-subject of the step's id."""
