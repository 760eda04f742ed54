-- What the checks of clocks and amounts observe, in the middle of each day since the last good
-- version: what moves a middle moved everything.
with measured as (
    select
        'clock_skew' as check_family,
        'orders' as scope,
        day_number,
        order_count as sample_count,
        minutes_apart as observed,
        'minutes from an order to its purchase event' as subject
    from {{ ref('order_clocks') }}
    union all
    select
        'clock_skew' as check_family,
        'collector' as scope,
        day_number,
        event_count as sample_count,
        lag_minutes as observed,
        'minutes from an event to its reception' as subject
    from {{ ref('collector_lag') }}
    union all
    select
        'order_value' as check_family,
        'all' as scope,
        day_number,
        order_count as sample_count,
        order_value as observed,
        'value of the middle order' as subject
    from {{ ref('order_values') }}
),

usual as (
    select
        measured.check_family,
        measured.scope,
        cast({{ median_of('measured.observed') }} as double) as observed
    from measured
    inner join {{ ref('usual_days') }} as days on measured.day_number = days.day_number
    group by measured.check_family, measured.scope
)

select
    measured.check_family,
    measured.scope,
    days.day_suffix,
    measured.observed,
    usual.observed as usual,
    cast(0 as double) as noise,
    measured.sample_count,
    measured.subject || ', in the middle of a day' as subject
from measured
inner join {{ ref('unaudited_days') }} as days on measured.day_number = days.day_number
left join usual on measured.check_family = usual.check_family and measured.scope = usual.scope
