-- All the Shapley value needs to know: how the journeys of each set of channels ended. Censored
-- journeys are left out.
select
    conversion_type,
    context_policy,
    {{ sorted_set_of('channel_path') }} as coalition,
    cast(sum(conversion_count + loss_count) as bigint) as journey_count,
    cast(sum(conversion_count) as bigint) as conversion_count,
    {{ exact_sum('net_revenue') }} as net_revenue
from {{ ref('path_counts') }}
where conversion_count + loss_count > 0
group by conversion_type, context_policy, {{ sorted_set_of('channel_path') }}
