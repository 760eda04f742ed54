-- The days that show what is usual: those before the days that are judged, as far back as the
-- history is looked at.
with judged as (
    select max(day_number) as last_day_number from {{ ref('unaudited_days') }}
),

days as (
    select
        {{ dbt.datediff('calendar.date', business_date('clock.as_of'), 'day') }}
            as day_number
    from {{ ref('calendar') }} as calendar
    cross join {{ ref('as_of') }} as clock
)

select days.day_number
from days
cross join judged
cross join {{ ref('thresholds') }} as thresholds
where
    days.day_number > judged.last_day_number
    and days.day_number <= thresholds.breaker_history_days
