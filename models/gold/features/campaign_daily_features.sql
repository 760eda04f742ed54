-- A campaign's day as a model should see it: what it cost, what it brought, and what the shop was
-- going through.
select
    performance.date,
    performance.campaign_id,
    performance.platform,
    performance.channel,
    performance.impressions,
    performance.clicks,
    performance.spend,
    performance.touches,
    performance.tracked_sessions,
    performance.conversions,
    performance.revenue,
    -- The context of a day is not judged yet: null is unknown, not healthy.
    cast(null as double) as discrepancy_rate,
    cast(null as {{ dbt.type_string() }}) as data_quality_flag,
    performance.avg_sku_availability,
    cast(null as boolean) as is_out_of_stock,
    cast(null as bigint) as out_of_stock_hours,
    cast(null as boolean) as is_major_promo,
    cast(null as double) as system_health_score,
    cast(null as {{ dbt.type_string() }}) as system_health_tag,
    cast(null as boolean) as is_cost_anomaly,
    cast(null as boolean) as is_phantom_traffic,
    cast(null as double) as confidence_score
from {{ ref('marketing_performance') }} as performance
