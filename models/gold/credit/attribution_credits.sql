-- Who gets the credit: one row per conversion, touch, model and policy; a conversion without a
-- touch has one unattributed row per model and policy.
-- A view that names no database can be read in a copy of the store, whatever its name.
{{ config(materialized='view') }}

with policies as (
    select distinct context_policy from {{ ref('context_policies').include(database=false) }}
),

models as (
    select attribution_model from {{ ref('attribution_models').include(database=false) }}
    where is_enabled
    union all
    select 'markov' as attribution_model
    union all
    select 'shapley' as attribution_model
),

credits as (
    select
        rules.conversion_id,
        rules.journey_id,
        rules.touchpoint_id,
        rules.attribution_model,
        policies.context_policy,
        rules.conversion_type,
        rules.converted_at,
        rules.touched_at,
        rules.channel,
        rules.campaign_id,
        rules.credit,
        rules.attributed_revenue
    from {{ ref('rule_credits').include(database=false) }} as rules
    cross join policies
    union all
    select * from {{ ref('spread_credits').include(database=false) }}
    union all
    select
        journeys.conversion_id,
        journeys.journey_id,
        null as touchpoint_id,
        models.attribution_model,
        policies.context_policy,
        journeys.conversion_type,
        journeys.converted_at,
        null as touched_at,
        'unattributed' as channel,
        null as campaign_id,
        1 as credit,
        journeys.net_revenue as attributed_revenue
    from {{ ref('journeys').include(database=false) }} as journeys
    cross join models
    cross join policies
    where journeys.journey_status = 'converted' and journeys.touch_count = 0
)

select
    conversion_id,
    journey_id,
    touchpoint_id,
    attribution_model,
    context_policy,
    conversion_type,
    converted_at,
    touched_at,
    channel,
    campaign_id,
    cast(credit as double) as credit,
    cast(attributed_revenue as double) as attributed_revenue
from credits
