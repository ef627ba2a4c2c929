"""What the monitors say about an installation, for a person: profiles brought up to date, then judged at a moment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

import pyarrow as pa

from cabin.clock import BeijingClock
from cabin.ledger import switched_off
from cabin.output import Output
from cabin.profiled import Profiler, bring_up_to_date
from cabin.session import Session
from contracts.model import Label
from quality.monitors import LEAST_POINTS, NAMED, Calendar, Judged, Judgement, ProfileStore, Reach, calendar_of, judgement, profile_store, shown

FOLDER = ("quality", "profiles")
ALARMS = {
    "feed": ("feed", "数据源"),
    "mode": ("mode", "方式"),
    "field": ("field", "字段"),
    "monitor": ("monitor", "监测项"),
    "item": ("item", "项"),
    "day": ("day", "日期"),
    "value": ("value", "值"),
    "lower": ("lower", "下限"),
    "upper": ("upper", "上限"),
    "points": ("points", "点数"),
    "history": ("history", "历史"),
    "says": ("says", "说明"),
}
FIELDS = {
    "day": ("day", "日期"),
    "mode": ("mode", "方式"),
    "delivery": ("delivery", "批次"),
    "field": ("field", "字段"),
    "rows": ("rows", "行数"),
    "nulls": ("blank", "空白"),
    "distinct": ("different", "不同值"),
    "top": ("most frequent", "最常见"),
    "q25": ("first quartile", "下四分位"),
    "q50": ("median", "中位数"),
    "q75": ("third quartile", "上四分位"),
    "length": ("length", "平均长度"),
    "codes": ("codes", "代码"),
}
FIELDS_SQL = """with placed as (select mode, delivery, row_number() over (partition by mode order by min(recorded_at) desc, delivery desc) as place from profile group by mode, delivery),
counted as (select * from profile join placed using (mode, delivery) where ($field is null or field = $field) and ($field is not null or place = 1) and recorded_at::date >= $since),
codes as (select delivery, field, string_agg(item || ' ' || value::bigint, ', ' order by value desc, item) as codes from counted where measure = 'code' group by delivery, field)
select min(recorded_at)::date as day, mode, delivery, field, max(value) filter (measure = 'rows')::bigint, max(value) filter (measure = 'nulls')::bigint,
  max(value) filter (measure = 'distinct')::bigint, max(value) filter (measure = 'top')::bigint, max(value) filter (measure in ('q25', 'age25')),
  max(value) filter (measure in ('q50', 'age50')), max(value) filter (measure in ('q75', 'age75')), max(value) filter (measure = 'length'), min(codes)
from counted left join codes using (delivery, field) where measure not in ('digest', 'undeclared', 'missing', 'latency') group by mode, delivery, field
order by min(recorded_at), mode, delivery, field"""
"""One row per delivery and field: different values of two deliveries cannot be added up."""


def tell_alarms(session: Session, feed: str | None, since: date | None, at: datetime | None) -> int:
    """Lists what is out of bounds now, or was at a moment, and how much could be judged; 1 where something is, else 0."""
    now = at or BeijingClock().now()
    told = monitored(session, feed, Judged(now, since))
    missing = holidays_missing(told.calendar, now)
    if missing is not None:
        session.out.line(missing.en, missing.zh)
    _table(session, told.judgement.alarms)
    _tell_reach(session.out, told.judgement.reach)
    return 1 if told.judgement.alarms.num_rows else 0


@dataclass(frozen=True, slots=True)
class Monitored:
    """What monitors say, and from which profiles and calendar."""

    judgement: Judgement
    profiles: pa.Table
    calendar: Calendar


def monitored(session: Session, feed: str | None, asked: Judged) -> Monitored:
    """All feeds, or one, with every delivery profiled that was closed until now. Raises: `ProfilesInUse`, and what opening the vault raises."""
    off = switched_off(session.log)
    with profile_store(session.data.joinpath(*FOLDER)) as store:
        _bring_up_to_date(session, store)
        profiles = store.profiles(feed, off)
    calendar, known = calendar_of(session.contracts), session.contracts.feeds
    levels = {name: each.service_level for name, each in known.items() if each.service_level is not None}
    feeds = [name for name in known if feed in (None, name) and name not in off]
    return Monitored(judgement(profiles, asked, calendar, levels, feeds), profiles, calendar)


def holidays_missing(calendar: Calendar, now: datetime) -> Label | None:
    """That days of this year are compared by their weekday alone; None where its public holidays are known."""
    if not calendar.years or now.year in calendar.years:
        return None
    name = f"holiday.{now.year}.csv"
    return Label(
        f"没有 {now.year} 年的节假日，只按星期判断：请将 {name} 放入数据目录的 `feeds`",
        f"no public holidays of {now.year} are known, weekdays alone count: put {name} into `feeds` of the data folder",
    )


def tell_profile(session: Session, feed: str, field: str | None, since: date | None) -> None:
    """Every field of the newest delivery of each mode, or one field delivery by delivery."""
    from contracts.database import connect

    with profile_store(session.data.joinpath(*FOLDER)) as store:
        _bring_up_to_date(session, store)
        profiles = store.profiles(feed, switched_off(session.log))
    with connect() as engine:
        engine.register("profile", profiles)
        rows = engine.execute(FIELDS_SQL, {"field": field, "since": since or date.min}).fetchall()
    session.out.table("profile", FIELDS, ([_rounded(cell) for cell in row] for row in rows))


def _bring_up_to_date(session: Session, store: ProfileStore) -> None:
    bring_up_to_date(Profiler(session.log, session.contracts, lambda: session.vault, store))


def _table(session: Session, found: pa.Table) -> None:
    """Machines get numbers and the name of the monitor, people words and a history of one line."""
    lang, rows = session.settings.lang, found.to_pylist()
    session.out.table("alarms", ALARMS, ([_cell(name, row, lang) for name in ALARMS] for row in rows))
    session.out.document["alarms"] = [{**{name: row[name] for name in ALARMS if name != "says"}, "says": row[lang], "moment": row["moment"]} for row in rows]


def _tell_reach(out: Output, reach: Reach) -> None:
    for each in reach_told(reach, bool(out.document["alarms"])):
        out.line(each.en, each.zh)
    out.document["reach"] = {"feeds": asdict(reach.feeds), "fields": asdict(reach.fields), "least": LEAST_POINTS}


def reach_told(reach: Reach, alarmed: bool) -> Iterator[Label]:
    """How much was judged and what could not be: that nothing is out of bounds says something only of what could be judged."""
    feeds, fields = reach.feeds, reach.fields
    if not alarmed and feeds.judged:
        yield Label("已判断的内容均未超出范围", "nothing of what was judged is out of bounds")
    if not feeds.judged:
        yield Label("历史数据不足，尚无法判断", "nothing could be judged by what came before yet")
    yield Label(f"已判断：数据源 {feeds.judged:,} 个，字段 {fields.judged:,} 个", f"judged: {feeds.judged:,} feeds, {fields.judged:,} fields")
    reasons = (
        (feeds.few, fields.few, f"fewer than {LEAST_POINTS} days with deliveries before", f"此前有交付的天数不足 {LEAST_POINTS} 天"),
        (feeds.none, 0, "no delivery until then", "截至该时刻没有交付"),
        (0, fields.none, "not delivered on the days asked about", "所选日期没有交付"),
    )
    for in_feeds, in_fields, en, zh in reasons:
        if in_feeds or in_fields:
            counted = [(in_feeds, "feeds", "数据源"), (in_fields, "fields", "字段")]
            yield Label(
                f"未判断：{'，'.join(f'{name} {count:,} 个' for count, _, name in counted if count)}：{zh}",
                f"not judged: {', '.join(f'{count:,} {name}' for count, name, _ in counted if count)}: {en}",
            )


def _cell(name: str, row: dict[str, Any], lang: str) -> Any:
    if name == "says":
        return row[lang]
    if name == "monitor":
        return NAMED[row[name]].label.get(lang)
    if name == "history":
        return " ".join(shown(row["monitor"], each) for each in row[name])
    return shown(row["monitor"], row[name]) if name in ("value", "lower", "upper") else row[name]


def _rounded(cell: Any) -> Any:
    return round(cell, 3) if isinstance(cell, float) else cell
