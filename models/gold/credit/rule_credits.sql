-- What each rule gives a touch of a converted journey: its weight, made to sum to one. Rules look
-- at converted journeys alone, so that both policies give them the same credit. Grain: touch, rule.
{{ config(
    materialized='incremental', incremental_strategy='repair', unique_key='person_id',
    meta={'stale': 'stale_people'}
) }}

with weights as (
    select * from {{ ref('rule_weights') }}
    where {{ is_stale('person_id', 'stale_people') }}
),

totals as (
    select
        journey_id,
        attribution_model,
        {{ ordered_sum('weight', 'touch_index') }} as weight
    from weights
    group by journey_id, attribution_model
),

weighed as (
    select
        weights.journey_id,
        weights.touchpoint_id,
        weights.attribution_model,
        weights.weight / totals.weight as credit
    from weights
    inner join totals
        on
            weights.journey_id = totals.journey_id
            and weights.attribution_model = totals.attribution_model
)

select
    journeys.conversion_id,
    weighed.journey_id,
    weighed.touchpoint_id,
    touches.person_id,
    weighed.attribution_model,
    journeys.conversion_type,
    journeys.converted_at,
    touches.touched_at,
    touches.channel,
    touches.campaign_id,
    weighed.credit,
    weighed.credit * journeys.net_revenue as attributed_revenue
from weighed
inner join {{ ref('journeys') }} as journeys on weighed.journey_id = journeys.journey_id
inner join {{ ref('journey_touchpoints') }} as touches
    on
        weighed.journey_id = touches.journey_id
        and weighed.touchpoint_id = touches.touchpoint_id
