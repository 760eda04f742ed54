-- A campaign's day as a model should see it: what it cost, what it brought, and what the shop was
-- going through.
with confidence as (
    select
        date,
        campaign_id,
        {% for part in ['tracking', 'stock', 'health', 'spend', 'traffic'] %}
        coalesce(max(case when part = '{{ part }}' then confidence_score end), 1)
            as {{ part }}_confidence_score,
        {% endfor %}
        max(case when part = 'traffic' then doubt_score end) as machine_share
    from {{ ref('campaign_doubts') }}
    group by date, campaign_id
),

phantoms as (
    select date, campaign_id, count(*) as machine_sessions
    from {{ ref('sessions') }}
    where campaign_id is not null and (is_bot or is_phantom)
    group by date, campaign_id
)

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
    discrepancy.discrepancy_rate,
    discrepancy.unusual_loss_rate,
    discrepancy.data_quality_flag,
    performance.avg_sku_availability,
    stock.traffic_weighted_availability,
    stock.is_out_of_stock,
    stock.out_of_stock_hours,
    coalesce(promos.is_major_promo, false) as is_major_promo,
    coalesce(promos.is_minor_promo, false) as is_minor_promo,
    health.system_health_score,
    health.system_health_tag,
    costs.expected_spend,
    coalesce(costs.is_cost_anomaly, false) as is_cost_anomaly,
    coalesce(
        phantoms.machine_sessions >= thresholds.phantom_sessions
        and confidence.machine_share >= thresholds.phantom_share,
        false
    ) as is_phantom_traffic,
    {% for part in ['tracking', 'stock', 'health', 'spend', 'traffic'] %}
    confidence.{{ part }}_confidence_score,
    {% endfor %}
    confidence.tracking_confidence_score * confidence.stock_confidence_score
    * confidence.health_confidence_score * confidence.spend_confidence_score
    * confidence.traffic_confidence_score as confidence_score
from {{ ref('marketing_performance') }} as performance
cross join {{ ref('thresholds') }} as thresholds
inner join {{ ref('campaign_health_daily') }} as health
    on performance.date = health.date and performance.campaign_id = health.campaign_id
inner join confidence
    on performance.date = confidence.date and performance.campaign_id = confidence.campaign_id
left join {{ ref('campaign_discrepancy') }} as discrepancy
    on performance.date = discrepancy.date and performance.campaign_id = discrepancy.campaign_id
left join {{ ref('campaign_availability_daily') }} as stock
    on performance.date = stock.date and performance.campaign_id = stock.campaign_id
left join {{ ref('promo_days') }} as promos on performance.date = promos.date
left join {{ ref('spend_anomalies') }} as costs
    on performance.date = costs.date and performance.campaign_id = costs.campaign_id
left join phantoms
    on performance.date = phantoms.date and performance.campaign_id = phantoms.campaign_id
