-- What advertising cost, once for each model and policy, so that the credits of each have a cost to
-- be held against.
with choices as (
    select distinct attribution_model, context_policy
    from {{ ref('channel_credits') }}
)

select
    choices.attribution_model,
    choices.context_policy,
    features.date,
    features.channel,
    features.campaign_id,
    features.spend
from {{ ref('campaign_daily_features') }} as features
cross join choices
where features.spend is not null
