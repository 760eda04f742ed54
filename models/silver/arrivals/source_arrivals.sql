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

ranked as (
    select
        *,
        percent_rank() over (
            partition by source_table, gap_hours is null order by gap_hours
        ) as gap_share
    from gaps
),

rhythms as (
    select
        ranked.source_table,
        count(*) as hour_count,
        max(ranked.hour_at) as latest_hour_at,
        -- Nearly all silences were no longer: nights are in it, the week that got lost is not.
        max(case when ranked.gap_share <= thresholds.usual_gap_share then ranked.gap_hours end)
            as usual_gap_hours,
        {{ seconds_between('max(ranked.hour_at)', 'max(clock.as_of)') }} / 3600 as hours_behind
    from ranked
    cross join {{ ref('clock') }} as clock
    cross join {{ ref('thresholds') }} as thresholds
    group by ranked.source_table
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
