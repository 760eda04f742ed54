-- Devices whose touches are to be worked on anew in an increment: their visits are, or what the
-- shop was going through at the time of one of them is now known to have been otherwise.
{{ config(materialized='incremental', incremental_strategy='gather') }}

with located as (
    select
        visits.anonymous_id,
        visits.visited_at,
        {{ dbt.date_trunc('hour', 'visits.visited_at') }} as hour_at,
        {{ business_date(
            dbt.dateadd('hour', 'coalesce(offsets.offset_hours, 0)', 'visits.visited_at')
        ) }} as platform_date,
        sources.source,
        sources.campaign_id,
        stock.sku_id
    from {{ ref('visits') }} as visits
    inner join {{ ref('visit_sources') }} as sources on visits.visit_key = sources.visit_key
    left join {{ ref('campaign_day_offsets') }} as offsets
        on sources.campaign_id = offsets.campaign_id
    left join
        {{ previously('silver', 'visit_stock', {'visit_key': 'text', 'sku_id': 'text'}) }} as stock
        on visits.visit_key = stock.visit_key
    where {{ is_increment() }}
),

-- Of a stretch that began as before and only ends otherwise, what lies between the two ends.
changed_stock as (
    select
        sku_id,
        case when count(*) > 1 then min(valid_to) else min(valid_from) end as changed_from,
        max(valid_to) as changed_to
    from {{ changes_of('stock_periods') }} as changes
    group by sku_id, valid_from, is_out_of_stock
),

devices as (
    select anonymous_id from {{ ref('stale_visitors') }}
    union all
    select located.anonymous_id
    from located
    inner join changed_stock
        on
            located.sku_id = changed_stock.sku_id
            and located.visited_at >= changed_stock.changed_from
            and located.visited_at < changed_stock.changed_to
    union all
    select located.anonymous_id
    from located
    inner join {{ changes_of('campaign_stock_hourly') }} as changes
        on located.campaign_id = changes.campaign_id and located.hour_at = changes.hour_at
    union all
    select located.anonymous_id
    from located
    inner join {{ changes_of('campaign_skus') }} as changes
        on located.campaign_id = changes.campaign_id
    union all
    select located.anonymous_id
    from located
    inner join {{ changes_of('promo_periods') }} as changes
        on located.visited_at >= changes.valid_from and located.visited_at < changes.valid_to
    union all
    select located.anonymous_id
    from located
    inner join {{ changes_of('health_hours') }} as changes
        on located.hour_at = changes.hour_at and changes.scope in ('all', located.source)
    union all
    select located.anonymous_id
    from located
    inner join {{ changes_of('campaign_day_offsets') }} as changes
        on located.campaign_id = changes.campaign_id
    union all
    select located.anonymous_id
    from located
    inner join {{ changes_of('campaign_discrepancy') }} as changes
        on located.campaign_id = changes.campaign_id and located.platform_date = changes.date
)

select distinct
    anonymous_id,
    {{ load_number() }} as load_number
from devices
where {{ is_increment() }}
