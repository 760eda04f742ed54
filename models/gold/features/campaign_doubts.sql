-- What there is to doubt about a campaign's day: one row per part of the confidence, from 0
-- (nothing known against it) to 1 (worthless). What is unknown is not held against the day, except
-- a discrepancy that could not be judged, which counts half of what would have gone unnoticed.
with tracking as (
    select
        discrepancy.date,
        discrepancy.campaign_id,
        case discrepancy.data_quality_flag
            when 'LOW_CONFIDENCE'
                then least(coalesce(abs(discrepancy.unusual_loss_rate), 1), 1)
            when 'INSUFFICIENT_DATA' then thresholds.discrepancy_rate / 2
            else 0
        end as doubt
    from {{ ref('campaign_discrepancy') }} as discrepancy
    cross join {{ ref('thresholds') }} as thresholds
),

machines as (
    select
        date,
        campaign_id,
        avg(case when is_bot or is_phantom then 1.0 else 0 end) as doubt
    from {{ ref('sessions') }}
    where campaign_id is not null
    group by date, campaign_id
),

doubts as (
    select date, campaign_id, 'tracking' as part, doubt from tracking
    union all
    select
        date,
        campaign_id,
        'stock' as part,
        1 - traffic_weighted_availability as doubt
    from {{ ref('campaign_availability_daily') }}
    union all
    select date, campaign_id, 'health' as part, 1 - system_health_score as doubt
    from {{ ref('campaign_health_daily') }}
    union all
    select
        date,
        campaign_id,
        'spend' as part,
        case when is_cost_anomaly then 1 else 0 end as doubt
    from {{ ref('spend_anomalies') }}
    union all
    select date, campaign_id, 'traffic' as part, doubt from machines
)

select
    doubts.date,
    doubts.campaign_id,
    doubts.part,
    coalesce(doubts.doubt, 0) as doubt_score,
    1 - parts.weight * coalesce(doubts.doubt, 0) as confidence_score
from doubts
inner join {{ ref('confidence_parts') }} as parts on doubts.part = parts.part
