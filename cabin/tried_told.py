"""What became of a tried sample, told row by row and in total."""

from __future__ import annotations

from collections import Counter

from cabin.session import Session
from cabin.tried import Row, Tried
from contracts.reasons import meaning

FATES = {"accepted": "采纳", "quarantined": "隔离", "refused": "拒收", "reduced": "缩减", "layout": "版式行"}
ROWS = {"row": ("row", "行"), "fate": ("fate", "处理"), "reason": ("reason", "原因"), "flags": ("flags", "提示"), "claims": ("claims", "形成的陈述")}
TOTALS = {"what": ("what", "类别"), "name": ("name", "名称"), "rows": ("rows", "行数"), "meaning": ("meaning", "说明")}


def tell(session: Session, found: Tried, limit: int) -> int:
    """Prints rows and totals; 0 where any row is accepted, else 1."""
    out, lang = session.out, session.settings.lang
    out.table("rows", ROWS, [_cells(row, lang) for row in found.rows[:limit]])
    if len(found.rows) > limit:
        out.line(f"({len(found.rows) - limit:,} more rows)", f"（另有 {len(found.rows) - limit:,} 行）")
    out.line("", "")
    out.table("totals", TOTALS, _totals(found, lang))
    fates = Counter(row.fate for row in found.rows)
    accepted = fates["accepted"]
    out.say(
        f"{accepted:,} of {found.report.delivered:,} rows accepted, {fates['quarantined']:,} quarantined, {fates['refused']:,} refused, {fates['reduced']:,} reduced; nothing was kept",
        f"共 {found.report.delivered:,} 行：采纳 {accepted:,}，隔离 {fates['quarantined']:,}，拒收 {fates['refused']:,}，缩减 {fates['reduced']:,}；未保存任何内容",
        delivered=found.report.delivered,
        **{fate: fates[fate] for fate in FATES},
    )
    return 0 if accepted else 1


def _cells(row: Row, lang: str) -> tuple[object, ...]:
    return row.row, FATES[row.fate] if lang == "zh" else row.fate, row.reason, ", ".join(sorted(row.flags)), "; ".join(row.claims)


def _totals(found: Tried, lang: str) -> list[tuple[str, str, int, str]]:
    """Rows by reason, rule and flag, claims by kind."""
    reasons = Counter((row.fate, row.reason) for row in found.rows)
    lines = [(FATES[fate] if lang == "zh" else fate, reason, count, _said(found, reason, lang)) for (fate, reason), count in sorted(reasons.items())]
    flags = Counter(flag for row in found.rows for flag in row.flags)
    lines += [("提示" if lang == "zh" else "flag", flag, count, _said(found, flag, lang)) for flag, count in sorted(flags.items())]
    return lines + [("陈述" if lang == "zh" else "claims", kind, count, "") for kind, count in sorted(found.claims.items())]


def _said(found: Tried, reason: str, lang: str) -> str:
    word = reason.partition(":")[0]
    said = meaning(found.contracts, found.feed.name, word, lang) if word else ""
    return "" if said == word else said
