-- What a channel is given of single conversions is the sum of its rows; for rules that is also what
-- it is credited with.
with added_up as (
    select
        channel,
        attribution_model,
        context_policy,
        conversion_type,
        sum(credit) as credit,
        sum(attributed_revenue) as attributed_revenue
    from {{ ref('attribution_credits') }}
    group by channel, attribution_model, context_policy, conversion_type
)

select
    credits.channel,
    credits.attribution_model,
    credits.context_policy,
    credits.conversion_type,
    credits.touch_conversions,
    credits.credited_conversions,
    credits.credited_revenue,
    added_up.channel as channel_of_touches,
    added_up.credit,
    added_up.attributed_revenue
from {{ ref('channel_credits') }} as credits
full outer join added_up
    on
        credits.channel = added_up.channel
        and credits.attribution_model = added_up.attribution_model
        and credits.context_policy = added_up.context_policy
        and credits.conversion_type = added_up.conversion_type
where
    credits.channel is null
    or abs(credits.touch_conversions - coalesce(added_up.credit, 0))
    > 1e-9 * greatest(1, added_up.credit)
    or (
        (credits.attribution_model not in ('markov', 'shapley') or credits.channel = 'unattributed')
        and (
            abs(credits.credited_conversions - added_up.credit)
            > 1e-9 * greatest(1, added_up.credit)
            or abs(credits.credited_revenue - added_up.attributed_revenue)
            > 1e-9 * greatest(1, abs(added_up.attributed_revenue))
        )
    )
