-- The set-based game splits a conversion equally over the distinct channels of its path (Zhao,
-- Mahboobi and Bagheri, 2018).
with journey_channels as (
    select distinct
        journey_id,
        conversion_type,
        channel
    from {{ ref('journey_touchpoints') }}
    where is_converted
),

shared as (
    select
        conversion_type,
        channel,
        1.0 / count(*) over (partition by journey_id) as credit
    from journey_channels
),

closed_form as (
    select
        conversion_type,
        channel,
        sum(credit) as credited_conversions
    from shared
    group by conversion_type, channel
),

credits as (
    select
        conversion_type,
        channel,
        credited_conversions,
        touch_conversions
    from {{ ref('channel_credits') }}
    where attribution_model = 'shapley' and channel <> 'unattributed'
)

select
    closed_form.conversion_type,
    closed_form.channel,
    closed_form.credited_conversions as expected_conversions,
    credits.channel as credited_channel,
    credits.credited_conversions,
    credits.touch_conversions
from closed_form
full outer join credits
    on
        closed_form.conversion_type = credits.conversion_type
        and closed_form.channel = credits.channel
where
    '{{ var("shapley_game") }}' = 'set'
    and (
        abs(
            coalesce(credits.credited_conversions, 0)
            - coalesce(closed_form.credited_conversions, 0)
        )
        > 1e-9 * greatest(1, closed_form.credited_conversions)
        or abs(
            coalesce(credits.touch_conversions, 0) - coalesce(closed_form.credited_conversions, 0)
        )
        > 1e-9 * greatest(1, closed_form.credited_conversions)
    )
