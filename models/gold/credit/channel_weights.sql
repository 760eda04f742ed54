-- What the algorithmic models make of a channel, side by side: its share of the conversions and of
-- the revenue.
select
    'markov' as attribution_model,
    conversion_type,
    context_policy,
    channel,
    conversion_share,
    value_share,
    removal_effect
from {{ ref('markov_removal_effects') }}
union all
select
    'shapley' as attribution_model,
    conversion_type,
    context_policy,
    channel,
    conversion_share,
    value_share,
    cast(null as double) as removal_effect
from {{ ref('shapley_values') }}
