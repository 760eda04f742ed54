-- What each model says a channel earned, and what it cost. Rules add up their touches. Markov and
-- Shapley are statements about channels: their shares are taken of all conversions with a touch,
-- whatever single path the channel was on.
with added_up as (
    select
        channel,
        attribution_model,
        context_policy,
        conversion_type,
        {{ exact_sum('credit') }} as touch_conversions,
        {{ exact_sum('attributed_revenue') }} as touch_revenue
    from {{ ref('attribution_credits') }}
    group by channel, attribution_model, context_policy, conversion_type
),

totals as (
    select
        attribution_model,
        context_policy,
        conversion_type,
        {{ exact_sum('touch_conversions') }} as all_conversions,
        {{ exact_sum("case when channel <> 'unattributed' then touch_conversions else 0 end") }}
            as attributed_conversions,
        {{ exact_sum("case when channel <> 'unattributed' then touch_revenue else 0 end") }}
            as attributed_revenue
    from added_up
    group by attribution_model, context_policy, conversion_type
),

spent as (
    select channel, {{ exact_sum('spend') }} as spend
    from {{ ref('marketing_performance') }}
    where spend is not null
    group by channel
),

-- Every model has a row for every channel: one that only fed others has an effect and no touch of
-- its own, and one that cost money and was never seen still cost it.
all_channels as (
    select channel from added_up
    union
    select channel from {{ ref('channel_weights') }}
    union
    select channel from spent
),

channels as (
    select
        all_channels.channel,
        totals.attribution_model,
        totals.context_policy,
        totals.conversion_type
    from all_channels
    cross join totals
),

credited as (
    select
        channels.*,
        totals.all_conversions,
        coalesce(added_up.touch_conversions, 0) as touch_conversions,
        coalesce(
            weights.conversion_share * totals.attributed_conversions, added_up.touch_conversions, 0
        ) as credited_conversions,
        case
            when weights.value_share is not null
                then weights.value_share * totals.attributed_revenue
            when added_up.channel is not null then added_up.touch_revenue
            else 0
        end as credited_revenue,
        weights.removal_effect
    from channels
    inner join totals
        on
            channels.attribution_model = totals.attribution_model
            and channels.context_policy = totals.context_policy
            and channels.conversion_type = totals.conversion_type
    left join added_up
        on
            channels.attribution_model = added_up.attribution_model
            and channels.context_policy = added_up.context_policy
            and channels.conversion_type = added_up.conversion_type
            and channels.channel = added_up.channel
    left join {{ ref('channel_weights') }} as weights
        on
            channels.attribution_model = weights.attribution_model
            and channels.context_policy = weights.context_policy
            and channels.conversion_type = weights.conversion_type
            and channels.channel = weights.channel
)

select
    credited.channel,
    credited.attribution_model,
    credited.context_policy,
    credited.conversion_type,
    cast(credited.credited_conversions as double) as credited_conversions,
    cast(credited.credited_revenue as double) as credited_revenue,
    cast(credited.credited_conversions / nullif(credited.all_conversions, 0) as double)
        as credit_share,
    credited.touch_conversions,
    credited.removal_effect,
    spent.spend,
    cast(spent.spend / nullif(credited.credited_conversions, 0) as double)
        as cost_per_conversion,
    cast(credited.credited_revenue / nullif(spent.spend, 0) as double) as roas
from credited
left join spent on credited.channel = spent.channel
