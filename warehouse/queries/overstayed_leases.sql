-- Let dwellings by village or township: running contracts, contracts ended with the tenant still present, and how many of those with a running contract are registered.
-- zh: 各村社区或乡镇的出租房屋：有效合同、合同到期仍居住的数量、登记比例。
-- Parameter: level VARCHAR = township; village, township or county; village（村社区）、township（乡镇街道）或 county（县区）.
-- Consumers: housing, community police.
select area, month, let_dwellings, contracts, overstayed, registered, registered_share, suppressed
from rental
where level = $level::varchar
order by overstayed desc nulls last, area, month
