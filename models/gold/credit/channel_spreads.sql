-- A conversion's credit under Markov and Shapley, spread over the channels of its path in
-- proportion to their weights, and within a channel evenly over its touches. In the set-based
-- Shapley game every channel of a path weighs the same.
with walked as (
    select distinct conversion_type, path_id, channel_path
    from {{ ref('path_counts') }}
    where conversion_count > 0
),

touches as (
    select
        conversion_type,
        path_id,
        {{ elements_of('channel_path', 'channel', 'touch_index') }}
    from walked
),

path_channels as (
    select conversion_type, path_id, channel, count(*) as touches_of_channel
    from touches
    group by conversion_type, path_id, channel
),

weighted as (
    select
        path_channels.*,
        weights.attribution_model,
        weights.context_policy,
        case
            when weights.attribution_model = 'shapley' and '{{ var("shapley_game") }}' = 'set'
                then 1
            else weights.conversion_share
        end as weight
    from path_channels
    inner join {{ ref('channel_weights') }} as weights
        on
            path_channels.conversion_type = weights.conversion_type
            and path_channels.channel = weights.channel
),

totals as (
    select
        conversion_type,
        path_id,
        attribution_model,
        context_policy,
        {{ ordered_sum('weight', 'channel') }} as weight,
        count(*) as channel_count
    from weighted
    group by conversion_type, path_id, attribution_model, context_policy
)

select
    weighted.conversion_type,
    weighted.path_id,
    weighted.attribution_model,
    weighted.context_policy,
    weighted.channel,
    -- Channels without any weight at all share evenly.
    case
        when totals.weight > 0 then weighted.weight / totals.weight
        else 1.0 / totals.channel_count
    end / weighted.touches_of_channel as touch_credit
from weighted
inner join totals
    on
        weighted.conversion_type = totals.conversion_type
        and weighted.path_id = totals.path_id
        and weighted.attribution_model = totals.attribution_model
        and weighted.context_policy = totals.context_policy
