-- What arrived of each raw table: how much of it, how much could not be used, how late it is by its
-- own clock and by its own rhythm, and which of its columns are there.
with gaps as (
    select
        source_table,
        hour_at,
        {{ seconds_between(
            'lag(hour_at) over (partition by source_table order by hour_at)', 'hour_at'
        ) }} / 3600 as gap_hours
    from {{ ref('source_hours') }}
),

rhythms as (
    select
        gaps.source_table,
        count(*) as hour_count,
        max(gaps.hour_at) as latest_hour_at,
        -- Longer silences were one in a hundred: nights, but not the week that got lost.
        percentile_cont(0.99) within group (order by gaps.gap_hours) as usual_gap_hours,
        {{ seconds_between('max(gaps.hour_at)', 'max(clock.as_of)') }} / 3600 as hours_behind
    from gaps
    cross join {{ ref('clock') }} as clock
    group by gaps.source_table
),

columns_found as (
    select
        source_table,
        cast(count(case when drift = 'absent' then 1 end) as bigint) as absent_column_count,
        cast(count(case when drift = 'new' then 1 end) as bigint) as new_column_count,
        count(case when drift = 'absent_table' then 1 end) > 0 as is_absent
    from {{ ref('schema_drift') }}
    group by source_table
)

select
    audit.source_table,
    audit.rows_read,
    audit.rows_in_bronze,
    audit.rows_quarantined,
    audit.rows_duplicate,
    coalesce(columns_found.is_absent, false) as is_absent,
    coalesce(columns_found.absent_column_count, 0) as absent_column_count,
    coalesce(columns_found.new_column_count, 0) as new_column_count,
    coalesce(rhythms.hour_count, 0) as hour_count,
    rhythms.latest_hour_at,
    cast(rhythms.usual_gap_hours as double) as usual_gap_hours,
    cast(rhythms.hours_behind as double) as hours_behind
from {{ ref('load_audit') }} as audit
left join rhythms on audit.source_table = rhythms.source_table
left join columns_found on audit.source_table = columns_found.source_table
