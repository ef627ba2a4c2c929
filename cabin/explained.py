"""An explanation in words for people, and as a document for machines."""

from __future__ import annotations

import dataclasses

from cabin.session import Session
from contracts.model import Label
from warehouse.explain import Explained, Explanation, Found, Said

STANCES = {"agrees": Label("一致", "agrees"), "differs": Label("不一致", "differs")}
STATUSES = {
    "verified": Label("已核实", "verified"),
    "corrected": Label("已更正", "corrected"),
    "agreed": Label("多源一致", "agreed"),
    "disputed": Label("有争议", "disputed"),
    "single": Label("单一来源", "single source"),
}
STATES = {
    "holds": Label("有效", "holds"),
    "spent": Label("已被其后的新值取代", "spent by a newer claim"),
    "older": Label("另有更新的走访结果", "a newer finding speaks"),
    "superseded": Label("已被后来的走访取代", "superseded"),
    "amended": Label("已由本人更正", "amended by its author"),
    "refuted": Label("复核不同意", "refuted by a verifier"),
    "silent": Label("不计入取值", "does not count for the value"),
}
OUTCOMES = {
    "confirmed": Label("属实", "confirmed"),
    "corrected": Label("更正", "corrected"),
    "not_observable": Label("无法核实", "not observable"),
    "declined": Label("拒绝", "declined"),
    "listed": Label("在住名册列出", "listed by a roster"),
    "unlisted": Label("完整名册未列", "not on a complete roster"),
    "counted": Label("完整名册计数", "counted by a complete roster"),
    "no_longer_exists": Label("房屋已不存在", "the dwelling no longer exists"),
}
EVIDENCE = {"stated": Label("口述", "stated"), "document_seen": Label("证件", "document seen"), "seen_on_site": Label("现场", "seen on site")}
NONE = Label("-", "-")
NO_VALUE = Label("无值", "no value")


def tell(session: Session, explanation: Explanation) -> None:
    """Prints one block per attribute, those without a value too."""
    kind = session.contracts.kinds[explanation.kind].label
    label, place = explanation.label or NONE, explanation.place
    area = Label(*(f"{explanation.area or '-'}{f' {name}' if name else ''}" for name in ((place.zh, place.en) if place else ("", ""))))
    out = session.out
    out.line(f"{kind.en} ({explanation.kind}) {explanation.entity}", f"{kind.zh}（{explanation.kind}）{explanation.entity}")
    out.line(
        f"shown as: {label.en}; area: {area.en}; as of {explanation.moment}",
        f"显示为：{label.zh}；区划：{area.zh}；时点 {explanation.moment}",
    )
    out.document.update(dataclasses.asdict(explanation))
    for unit in explanation.units:
        for line in _lines(session, unit):
            out.line(line.en, line.zh)


def _lines(session: Session, unit: Explained) -> list[Label]:
    said = [_said(session, each) for each in unit.said if each.stance != "silent"]
    return [
        _head(unit),
        Label(f"  规则 {unit.rule.row}：{unit.rule.why.zh}", f"  rule {unit.rule.row}: {unit.rule.why.en}"),
        *(_found(each) for each in unit.found),
        *said,
        Label(f"  何时会改变：{unit.change.zh}", f"  would change it: {unit.change.en}"),
    ]


def _head(unit: Explained) -> Label:
    shown = unit.shown or NONE
    status = STATUSES.get(unit.status or "", NO_VALUE)
    zh, en = [status.zh], [status.en]
    if unit.source:
        zh.append(f"来源 {unit.source}")
        en.append(f"from {unit.source}")
    if unit.fresh_until:
        day = unit.fresh_until.date()
        zh.append(f"{day} 起已过期" if unit.stale else f"鲜活期至 {day}")
        en.append(f"stale since {day}" if unit.stale else f"fresh until {day}")
    return Label(f"\n{unit.label.zh}（{unit.attribute}）= {shown.zh}   [{'，'.join(zh)}]", f"\n{unit.attribute} = {shown.en}   [{', '.join(en)}]")


def _found(found: Found) -> Label:
    state, outcome, value = STATES[found.state], OUTCOMES[found.outcome], found.shown or NONE
    evidence = EVIDENCE.get(found.evidence or "", NONE)
    where = f"{found.source}:{found.delivery}:{found.row}"
    return Label(
        f"  走访（{state.zh}）{outcome.zh}：{value.zh}，观察于 {found.observed_at}，走访人 {found.actor or '-'}，依据 {evidence.zh}；结果 {found.finding}；出处 {where}",
        f"  visit ({state.en}) {outcome.en}: {value.en}, observed {found.observed_at}, officer {found.actor or '-'}, evidence {evidence.en}; "
        f"finding {found.finding}; origin {where}",
    )


def _said(session: Session, said: Said) -> Label:
    stance, value = STANCES[said.stance], said.shown or NONE
    judged = Label("，已被走访判定", ", judged by the visit") if said.judged else Label("", "")
    where = f"{said.source}:{said.delivery}:{said.row}"
    feed = session.contracts.feeds[said.source]
    return Label(
        f"  {feed.label.zh}（{said.source}）{stance.zh}：{value.zh}，观察于 {said.observed_at}{judged.zh}；出处 {where}",
        f"  {feed.label.en} ({said.source}) {stance.en}: {value.en}, observed {said.observed_at}{judged.en}; origin {where}",
    )
