-- How many purchases each channel was credited with in the week up to a date and in the week before
-- it. Last non-direct click gives a conversion whole to one channel, so that the shares are counts
-- whose noise is known, and what it gave an old conversion never changes.
with credited as (
    select
        {{ business_date('converted_at') }} as date,
        channel,
        count(*) as conversion_count
    from {{ ref('attribution_credits') }}
    where
        attribution_model = 'last_non_direct'
        and context_policy = 'naive'
        and conversion_type = 'purchase'
        and touchpoint_id is not null
        and credit > 0
    group by {{ business_date('converted_at') }}, channel
),

channels as (
    select distinct channel from credited
),

weeks as (
    select
        drift_days,
        drift_days - 1 as days_before,
        drift_days * 2 - 1 as days_before_both
    from {{ ref('thresholds') }}
),

weekly as (
    select
        calendar.date,
        channels.channel,
        sum(coalesce(credited.conversion_count, 0)) over (
            in_order rows between weeks.days_before preceding and current row
        ) as conversion_count,
        sum(coalesce(credited.conversion_count, 0)) over (
            in_order rows between weeks.days_before_both preceding and weeks.drift_days preceding
        ) as conversion_count_before,
        row_number() over in_order > weeks.days_before_both as is_two_weeks
    from {{ ref('calendar') }} as calendar
    cross join channels
    cross join weeks
    left join credited on calendar.date = credited.date and channels.channel = credited.channel
    window in_order as (partition by channels.channel order by calendar.date)
)

select
    date,
    channel,
    cast(conversion_count as bigint) as conversion_count,
    cast(conversion_count_before as bigint) as conversion_count_before
from weekly
where is_two_weeks and conversion_count + conversion_count_before > 0
