-- One row per feed, kind and attribute that a visit can check: how often visits found it right, the interval in which its reliability lies, and with which feed it shares wrong values.
-- Grain: feed, kind, attribute. Reads: in_force, checked, checked_pair, attribute. Consumers: data engineers, departments, base-management officers.
-- Interval: Wilson's score interval at 95 % (E. B. Wilson, J. Am. Stat. Assoc. 22, 1927, 209-212; NIST/SEMATECH e-Handbook of Statistical Methods, 7.2.4.1), which is sound for few checks and shares near 0 or 1.
-- Two feeds are suspected of being one witness where even the lower end of the share in which both are wrong with the same value lies above what errors made
-- independently would give, the product of the shares in which each is wrong, and at least 3 such values were found. Who copied whom is not told by it.
with
claimed as (select source as feed, kind, attribute, sum(claims) as claims from in_force semi join attribute on attribute.kind = in_force.kind and attribute.attribute = in_force.attribute and attribute.visit group by source, kind, attribute),
judged as (select source as feed, kind, attribute, sum(checked) as checked, sum(confirmed) as agreed from checked group by source, kind, attribute),
pairs as (
  select source as feed, other, kind, attribute, checked, wrong, other_wrong, same_wrong from checked_pair
  union all select other, source, kind, attribute, checked, other_wrong, wrong, same_wrong from checked_pair
),
shared as (
  select *, wrong * other_wrong / (checked * checked)::double as by_chance, same_wrong / checked::double as share from pairs
),
weighed as (
  select *, (share + 1.9207295 / checked - 1.959964 * sqrt(share * (1 - share) / checked + 0.9603647 / (checked * checked))) / (1 + 3.841459 / checked) as least from shared
),
closest as (
  select *, row_number() over (partition by feed, kind, attribute order by (same_wrong >= 3 and least > by_chance) desc, least - by_chance desc, other) as place from weighed
),
rated as (
  select feed, kind, attribute, coalesce(claims, 0) as claims, checked, agreed, agreed / checked::double as share
  from claimed full join judged using (feed, kind, attribute)
),
bounded as (
  select *, (share + 1.9207295 / checked) / (1 + 3.841459 / checked) as middle, 1.959964 * sqrt(share * (1 - share) / checked + 0.9603647 / (checked * checked)) / (1 + 3.841459 / checked) as half
  from rated
)
select
  bounded.feed::varchar as feed,
  bounded.kind::varchar as kind,
  bounded.attribute::varchar as attribute,
  bounded.claims::bigint as claims,  -- values that count at the moment
  coalesce(bounded.checked, 0)::bigint as checked,  -- claims judged by a finding
  coalesce(bounded.agreed, 0)::bigint as agreed,  -- those it confirmed
  bounded.share::decimal(5, 4) as mean,  -- agreed / checked; null: none was checked
  greatest(bounded.middle - bounded.half, 0 * bounded.share)::decimal(5, 4) as least,  -- lower end at 95 %
  least(bounded.middle + bounded.half, 1 + 0 * bounded.share)::decimal(5, 4) as most,  -- upper end at 95 %
  closest.other::varchar as shares_with,  -- the feed that comes closest to being the same witness; null: none was checked beside it
  closest.checked::bigint as both_checked,  -- findings beside which both speak
  closest.same_wrong::bigint as both_wrong_alike,  -- those where both claim the same wrong value
  closest.by_chance::decimal(5, 4) as alike_by_chance,  -- share expected of errors made independently
  (closest.same_wrong >= 3 and closest.least > closest.by_chance)::boolean as copy_suspected
from bounded left join closest on closest.feed = bounded.feed and closest.kind = bounded.kind and closest.attribute = bounded.attribute and closest.place = 1
