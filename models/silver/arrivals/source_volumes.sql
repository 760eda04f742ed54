-- The rows of each raw table in each of the last days of its own time, beside the middle of the
-- same weekday of the weeks before. A day without any row is a day too.
with spans as (
    select
        source_table,
        max(hour_at) as last_hour_at,
        cast(min(hour_at) as date) as first_date,
        cast(max(hour_at) as date) as last_date,
        {{ seconds_between('min(hour_at)', 'max(hour_at)') }} as history_seconds
    from {{ ref('source_hours') }}
    group by source_table
),

dates as (
    select
        source_table,
        {{ days_from('first_date', 'last_date') }} as date
    from spans
),

numbered as (
    select
        source_table,
        row_number() over (partition by source_table order by date desc) - 1 as day_number
    from dates
),

aged as (
    select
        hours.source_table,
        hours.row_count,
        {{ days_before('hours.hour_at', 'spans.last_hour_at') }} as day_number
    from {{ ref('source_hours') }} as hours
    inner join spans on hours.source_table = spans.source_table
),

-- The first day of the history may be a part of a day, and then says nothing.
whole_days as (
    select
        numbered.source_table,
        numbered.day_number,
        coalesce(sum(aged.row_count), 0) as row_count
    from numbered
    inner join spans on numbered.source_table = spans.source_table
    left join aged
        on numbered.source_table = aged.source_table and numbered.day_number = aged.day_number
    where (numbered.day_number + 1) * 24 * 3600 <= spans.history_seconds + 3600
    group by numbered.source_table, numbered.day_number
)

select
    days.source_table,
    days.day_number,
    cast(days.row_count as bigint) as row_count,
    cast({{ median_of('earlier.row_count') }} as double) as usual_rows
from whole_days as days
cross join {{ ref('thresholds') }} as thresholds
left join whole_days as earlier
    on
        days.source_table = earlier.source_table
        and mod(earlier.day_number - days.day_number, 7) = 0
        and days.day_number < earlier.day_number
        and days.day_number + 7 * thresholds.breaker_weeks >= earlier.day_number
where days.day_number <= thresholds.breaker_history_days
group by days.source_table, days.day_number, days.row_count
