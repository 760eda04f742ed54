-- What Markov and Shapley give a touch of a converted journey. What a channel is worth moves with
-- every journey, and so do all of these. Grain: touch, model and policy.
with converted as (
    select
        *,
        {{ dbt_utils.generate_surrogate_key(['channel_path']) }} as path_id
    from {{ ref('journeys') }}
    where journey_status = 'converted' and touch_count > 0
)

select
    journeys.conversion_id,
    touches.journey_id,
    touches.touchpoint_id,
    spreads.attribution_model,
    spreads.context_policy,
    journeys.conversion_type,
    journeys.converted_at,
    touches.touched_at,
    touches.channel,
    touches.campaign_id,
    spreads.touch_credit as credit,
    spreads.touch_credit * journeys.net_revenue as attributed_revenue
from converted as journeys
inner join {{ ref('journey_touchpoints') }} as touches on journeys.journey_id = touches.journey_id
inner join {{ ref('channel_spreads') }} as spreads
    on
        journeys.conversion_type = spreads.conversion_type
        and journeys.path_id = spreads.path_id
        and touches.channel = spreads.channel
