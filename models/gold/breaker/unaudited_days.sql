-- The days since the last good version, counted back from "now": each is judged by itself, so that
-- a bad day does not pass because better ones followed it. Before the first version, the last day.
with span as (
    select
        clock.as_of,
        case
            when version.as_of < {{ dbt.dateadd('day', -1, 'clock.as_of') }}
                then {{ days_before('version.as_of', 'clock.as_of') }}
            else 0
        end as last_day_number
    from {{ ref('as_of') }} as clock
    left join {{ ref('last_good_version') }} as version on 1 = 1
),

earlier_days as (
    select
        calendar.date,
        {{ dbt.datediff('calendar.date', business_date('span.as_of'), 'day') }}
            as day_number,
        span.last_day_number
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
    earlier_days.day_number <= earlier_days.last_day_number
    and earlier_days.day_number < thresholds.breaker_history_days
