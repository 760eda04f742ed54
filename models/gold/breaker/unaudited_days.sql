-- The days since the last good version, counted back from "now": each is judged by itself, so that
-- a bad day does not pass because better ones followed it. A day counts when more of it came after
-- that version than before it. Before the first version, the last day.
with span as (
    select
        clock.as_of,
        cast(round(
            {{ seconds_between('version.as_of', 'clock.as_of') }} / (24 * 3600)
        ) as bigint) as day_count
    from {{ ref('as_of') }} as clock
    left join {{ ref('last_good_version') }} as version on 1 = 1
),

earlier_days as (
    select
        calendar.date,
        {{ dbt.datediff('calendar.date', business_date('span.as_of'), 'day') }}
            as day_number,
        span.day_count
    from {{ ref('calendar') }} as calendar
    cross join span
    where calendar.date < {{ business_date('span.as_of') }}
)

select
    0 as day_number,
    cast(null as {{ dbt.type_string() }}) as day_suffix
union all
select
    earlier_days.day_number,
    '.' || cast(earlier_days.date as {{ dbt.type_string() }}) as day_suffix
from earlier_days
cross join {{ ref('thresholds') }} as thresholds
where
    earlier_days.day_number < earlier_days.day_count
    and earlier_days.day_number < thresholds.breaker_history_days
