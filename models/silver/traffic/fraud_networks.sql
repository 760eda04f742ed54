-- Network addresses from which, on a day, many fresh devices open one page of one campaign each.
with network_days as (
    select
        visits.ip_hash,
        visits.utm_campaign,
        {{ business_date('visits.visited_at') }} as date,
        count(distinct visits.anonymous_id) as device_count,
        avg(case when visits.event_count = 1 then 1.0 else 0 end) as single_event_share
    from {{ ref('visits') }} as visits
    where
        visits.visit_kind = 'session'
        and visits.ip_hash is not null
        and visits.utm_campaign is not null
    group by visits.ip_hash, visits.utm_campaign, {{ business_date('visits.visited_at') }}
)

select
    network_days.ip_hash,
    network_days.utm_campaign,
    network_days.date,
    network_days.device_count,
    network_days.single_event_share
from network_days
cross join {{ ref('thresholds') }} as thresholds
where
    network_days.device_count >= thresholds.fraud_devices
    and network_days.single_event_share >= thresholds.fraud_share
