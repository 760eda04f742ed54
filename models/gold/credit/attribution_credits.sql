-- Who gets the credit: one row per conversion, touch, model and policy; a conversion without a
-- touch has one unattributed row per model and policy. Rules look at converted journeys alone, so
-- that both policies give them the same credit.
with rule_credits as (
    select
        journey_id,
        touchpoint_id,
        attribution_model,
        weight / sum(weight) over (
            partition by journey_id, attribution_model order by touch_index
            rows between unbounded preceding and unbounded following
        ) as credit
    from {{ ref('rule_weights') }}
),

policies as (
    select 'naive' as context_policy
    union all
    select 'context_aware' as context_policy
),

touch_credits as (
    select
        rule_credits.journey_id,
        rule_credits.touchpoint_id,
        rule_credits.attribution_model,
        policies.context_policy,
        rule_credits.credit
    from rule_credits
    cross join policies
    union all
    select
        touches.journey_id,
        touches.touchpoint_id,
        spreads.attribution_model,
        spreads.context_policy,
        spreads.touch_credit as credit
    from {{ ref('journey_touchpoints') }} as touches
    inner join {{ ref('channel_spreads') }} as spreads
        on touches.journey_id = spreads.journey_id and touches.channel = spreads.channel
),

models as (
    select attribution_model from {{ ref('attribution_models') }}
    where is_enabled
    union all
    select 'markov' as attribution_model
    union all
    select 'shapley' as attribution_model
),

all_credits as (
    select * from touch_credits
    union all
    select
        journeys.journey_id,
        null as touchpoint_id,
        models.attribution_model,
        policies.context_policy,
        1 as credit
    from {{ ref('journeys') }} as journeys
    cross join models
    cross join policies
    where journeys.journey_status = 'converted' and journeys.touch_count = 0
)

select
    journeys.conversion_id,
    all_credits.journey_id,
    all_credits.touchpoint_id,
    all_credits.attribution_model,
    all_credits.context_policy,
    journeys.conversion_type,
    journeys.converted_at,
    touches.touched_at,
    coalesce(touches.channel, 'unattributed') as channel,
    touches.campaign_id,
    cast(all_credits.credit as double) as credit,
    cast(all_credits.credit * journeys.net_revenue as double) as attributed_revenue
from all_credits
inner join {{ ref('journeys') }} as journeys on all_credits.journey_id = journeys.journey_id
left join {{ ref('journey_touchpoints') }} as touches
    on
        all_credits.journey_id = touches.journey_id
        and all_credits.touchpoint_id = touches.touchpoint_id
