-- All the Shapley value needs to know: how the journeys of each set of channels ended. Censored
-- journeys are left out.
with journey_channels as (
    select distinct journey_id, channel
    from {{ ref('journey_touchpoints') }}
),

coalitions as (
    select journey_id, {{ ordered_array('channel', 'channel') }} as coalition
    from journey_channels
    group by journey_id
)

select
    policies.conversion_type,
    policies.context_policy,
    coalitions.coalition,
    count(*) as journey_count,
    cast(sum(case when policies.is_converted then 1 else 0 end) as bigint) as conversion_count,
    {{ exact_sum('policies.net_revenue') }} as net_revenue
from {{ ref('context_policies') }} as policies
inner join coalitions on policies.journey_id = coalitions.journey_id
where policies.is_converted or policies.is_loss
group by policies.conversion_type, policies.context_policy, coalitions.coalition
