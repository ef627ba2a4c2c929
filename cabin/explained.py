"""An explanation in words for people, and as a document for machines."""

from __future__ import annotations

import dataclasses
from typing import Any

from cabin.session import Session
from warehouse.explain import Explained, Explanation, Said

STANCES = {"agrees": ("agrees", "一致"), "differs": ("differs", "不一致"), "silent": ("says nothing", "未说明")}
STATUSES = {
    "verified": ("verified", "已核实"),
    "corrected": ("corrected", "已更正"),
    "agreed": ("agreed", "多源一致"),
    "disputed": ("disputed", "有争议"),
    "single": ("single source", "单一来源"),
}


def tell(session: Session, explanation: Explanation) -> None:
    """Prints one block per attribute that has anything to say."""
    out = session.out
    out.line(f"{explanation.kind} {explanation.entity}", f"{explanation.kind} {explanation.entity}")
    out.line(
        f"shown as: {explanation.label or '-'}; area: {explanation.area or '-'}; as of {explanation.moment}",
        f"显示为：{explanation.label or '-'}；区划：{explanation.area or '-'}；时点 {explanation.moment}",
    )
    out.document.update(_document(explanation))
    for unit in explanation.units:
        if unit.status or unit.said:
            for en, zh in _lines(session, unit):
                out.line(en, zh)


def _lines(session: Session, unit: Explained) -> list[tuple[str, str]]:
    status = STATUSES.get(unit.status or "", ("no value", "无值"))
    stale = (" (stale)", "（已过期）") if unit.stale else ("", "")
    lines = [
        (
            f"\n{unit.attribute} = {unit.value or '-'}   [{status[0]}{stale[0]}, from {unit.source or '-'}]",
            f"\n{unit.label.zh}（{unit.attribute}）= {unit.value or '-'}   [{status[1]}{stale[1]}，来源 {unit.source or '-'}]",
        ),
        (f"  rule {unit.rule.row}: {unit.rule.why.en}", f"  规则 {unit.rule.row}：{unit.rule.why.zh}"),
    ]
    if unit.finding:
        lines.append((f"  finding: {unit.finding}", f"  走访结果：{unit.finding}"))
    lines += [_said(session, each) for each in unit.said if each.stance != "silent"]
    lines.append((f"  would change it: {unit.rule.change.en}", f"  何时会改变：{unit.rule.change.zh}"))
    return lines


def _said(session: Session, said: Said) -> tuple[str, str]:
    en, zh = STANCES[said.stance]
    judged = (", judged by the visit", "，已被走访判定") if said.judged else ("", "")
    where = f"{said.source}:{said.delivery}:{said.row}"
    feed = session.contracts.feeds[said.source]
    return (
        f"  {feed.label.en} ({said.source}) {en}: {said.claimed or '-'}, observed {said.observed_at}{judged[0]}; origin {where}",
        f"  {feed.label.zh}（{said.source}）{zh}：{said.claimed or '-'}，观察于 {said.observed_at}{judged[1]}；出处 {where}",
    )


def _document(explanation: Explanation) -> dict[str, Any]:
    return dataclasses.asdict(explanation)
