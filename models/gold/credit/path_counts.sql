-- How often each path of channels was walked, and how it ended: the statistic that packages for
-- path data expect.
select
    policies.conversion_type,
    policies.context_policy,
    journeys.channel_path,
    count(*) as journey_count,
    cast(sum(case when policies.is_converted then 1 else 0 end) as bigint) as conversion_count,
    cast(sum(case when policies.is_loss then 1 else 0 end) as bigint) as loss_count,
    {{ exact_sum('policies.net_revenue') }} as net_revenue
from {{ ref('context_policies') }} as policies
inner join {{ ref('journeys') }} as journeys on policies.journey_id = journeys.journey_id
group by policies.conversion_type, policies.context_policy, journeys.channel_path
