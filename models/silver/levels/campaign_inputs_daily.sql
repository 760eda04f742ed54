-- Whether what the features of a campaign's day are made of was there before it was too old: the
-- platform's report, the stock of its products, and the events. A campaign that was still reported
-- when its platform was last heard of should be reported until now.
{% set day_start = 'cast(performance.date as ' ~ dbt.type_timestamp() ~ ')' %}
with platform_ends as (
    select platform, max(date) as last_date
    from {{ ref('ad_loads') }}
    group by platform
),

reported as (
    select
        loads.campaign_id,
        min(loads.date) as first_date,
        max(loads.date) as last_date,
        max(case when loads.date = platform_ends.last_date then 1 else 0 end) = 1 as is_running
    from {{ ref('ad_loads') }} as loads
    inner join platform_ends on loads.platform = platform_ends.platform
    group by loads.campaign_id
),

first_loads as (
    select date, campaign_id, min(first_loaded_at) as first_loaded_at
    from {{ ref('ad_loads') }}
    group by date, campaign_id
),

unknown_stock as (
    select distinct date, campaign_id
    from {{ ref('campaign_stock_hourly') }}
    where known_sku_count = 0 or (known_sku_count < sku_count and not is_whole_shop)
),

missing_events as (
    select distinct {{ business_date('hour_at') }} as date
    from {{ ref('outage_hours') }}
    where scope = 'all' and step = 'collection'
)

select
    performance.date,
    performance.campaign_id,
    coalesce(
        first_loads.first_loaded_at <= {{ dbt.dateadd(
            'hour', 'thresholds.ads_ttl_hours', dbt.dateadd('day', 1, day_start)
        ) }},
        reported.campaign_id is null
        or performance.date < reported.first_date
        or (performance.date > reported.last_date and not reported.is_running)
    ) as has_ads_in_time,
    unknown_stock.campaign_id is null as has_known_stock,
    missing_events.date is null as has_events
from {{ ref('marketing_performance') }} as performance
cross join {{ ref('thresholds') }} as thresholds
left join first_loads
    on performance.date = first_loads.date and performance.campaign_id = first_loads.campaign_id
left join reported on performance.campaign_id = reported.campaign_id
left join unknown_stock
    on
        performance.date = unknown_stock.date
        and performance.campaign_id = unknown_stock.campaign_id
left join missing_events on performance.date = missing_events.date
