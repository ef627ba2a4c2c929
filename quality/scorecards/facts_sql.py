"""What a card asks of a snapshot: SQL over the marts, for the feeds of one department. `$feeds` are their names, `$first` and `$month` the first day of the first and the last month.

A week belongs to the month in which most of its days lie, that of its Thursday, as ISO 8601 counts weeks of a year.
"""

from __future__ import annotations

from contracts.notices import OF_PERSONS

MINORS = "minors:"
FEEDS = "feed in (select unnest($feeds::varchar[]))"
WEEK = "date_trunc('month', week + interval 3 day)::date"

CHANNEL = f"""select feed, date_trunc('month', day)::date as month, sum(deliveries)::bigint as deliveries, sum(delivered)::bigint as delivered, sum(refused)::bigint as refused,
  sum(reduced)::bigint as reduced, sum(layout)::bigint as layout, sum(landed)::bigint as landed, sum(wrong_totals)::bigint as wrong_totals
from feed_health where {FEEDS} and date_trunc('month', day) between $first and $month group by feed, month order by feed, month"""
FAULTS = f"""select feed, field, rule, month, quarantined, messages, marked, examples, marked_examples from source_fault
where {FEEDS} and month between $first and $month order by feed, field, rule, month"""
VALUES = f"""select feed, kind, attribute, {WEEK} as month, sum(claims)::bigint as claims, sum(late)::bigint as late, sum(checked)::bigint as checked, sum(confirmed)::bigint as confirmed
from source_quality where {FEEDS} and kind <> '*' and attribute <> '*' and {WEEK} between $first and $month group by feed, kind, attribute, month order by feed, kind, attribute, month"""
STANDING = f"""select feed, kind, attribute, sum(in_force)::bigint as in_force, sum(fresh)::bigint as fresh
from source_quality where {FEEDS} and kind <> '*' and attribute <> '*' group by feed, kind, attribute having sum(in_force) > 0"""
RELIABLE = f"select feed, kind, attribute, checked, mean::double as mean, least::double as least, most::double as most from source_reliability where {FEEDS} and checked > 0"
DIFFERING = """select source as feed, kind, attribute, why, count(*) as differing, count(*) filter (since::date between $month and last_day($month)) as since_month
from discrepancy where source in (select unnest($feeds::varchar[])) group by feed, kind, attribute, why order by feed, kind, attribute, differing desc, why"""
EXAMPLES = f"""select source as feed, kind, attribute, why, claimed, coalesce(requested, golden) as golden, record
from discrepancy where source in (select unnest($feeds::varchar[])) and record is not null
  and (kind not in {OF_PERSONS} or not contains(record, split_part(entity, '@', 1))) and not starts_with(record, '{MINORS}')
qualify row_number() over (partition by source, kind, attribute, why order by since desc, record, origin, entity) <= $most"""
"""The newest of each; a record that is made of the person's token is not told, nor one that landing made for the count of minors in a dwelling."""
MOMENT = "select known_at from moment"
MONTHS = f"select distinct date_trunc('month', day)::date as month from feed_health where {FEEDS} and deliveries > 0 order by month"
DELIVERED = """select feed, sum(delivered)::bigint as delivered, coalesce(any_value(fault.quarantined), 0)::bigint as quarantined from feed_health
left join (select feed, sum(quarantined) as quarantined from source_fault where month = $month group by feed) as fault using (feed)
where date_trunc('month', day) = $month group by feed order by feed"""
