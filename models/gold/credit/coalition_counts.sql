-- All the Shapley value needs to know: how the journeys of each set of channels ended. Censored
-- journeys are left out.
with path_channels as (
    select distinct path_id, to_channel as channel
    from {{ ref('path_steps') }}
    where to_channel is not null
),

coalitions as (
    select path_id, {{ ordered_array('channel', 'channel') }} as coalition
    from path_channels
    group by path_id
)

select
    counts.conversion_type,
    counts.context_policy,
    coalitions.coalition,
    cast(sum(counts.conversion_count + counts.loss_count) as bigint) as journey_count,
    cast(sum(counts.conversion_count) as bigint) as conversion_count,
    {{ exact_sum('counts.net_revenue') }} as net_revenue
from {{ ref('path_counts') }} as counts
inner join coalitions on counts.path_id = coalitions.path_id
where counts.conversion_count + counts.loss_count > 0
group by counts.conversion_type, counts.context_policy, coalitions.coalition
