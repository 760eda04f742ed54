-- A conversion's credit under Markov and Shapley, spread over the channels of its path in
-- proportion to their weights, and within a channel evenly over its touches. In the set-based
-- Shapley game every channel of a path weighs the same.
with journey_channels as (
    select journey_id, conversion_type, channel, count(*) as touches_of_channel
    from {{ ref('journey_touchpoints') }}
    where is_converted
    group by journey_id, conversion_type, channel
),

weighted as (
    select
        journey_channels.*,
        weights.attribution_model,
        weights.context_policy,
        case
            when weights.attribution_model = 'shapley' and '{{ var("shapley_game") }}' = 'set'
                then 1
            else weights.conversion_share
        end as weight
    from journey_channels
    inner join {{ ref('channel_weights') }} as weights
        on
            journey_channels.conversion_type = weights.conversion_type
            and journey_channels.channel = weights.channel
),

summed as (
    select
        *,
        sum(weight) over (
            partition by journey_id, attribution_model, context_policy order by channel
            rows between unbounded preceding and unbounded following
        ) as total_weight,
        count(*) over (
            partition by journey_id, attribution_model, context_policy
        ) as channels_of_journey
    from weighted
)

select
    journey_id,
    attribution_model,
    context_policy,
    channel,
    -- Channels without any weight at all share evenly.
    case when total_weight > 0 then weight / total_weight else 1.0 / channels_of_journey end
    / touches_of_channel as touch_credit
from summed
