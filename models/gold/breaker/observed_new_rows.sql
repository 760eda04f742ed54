-- What the check of rows that are new observes, per raw table: how many of those that came since
-- the last good version could not be used. In a long history they would drown.
with counted as (
    select
        arrivals.source_table,
        arrivals.rows_read - last_good.sample_count as new_rows,
        -- What was read, and which share of it could not be used, when that version was made.
        arrivals.rows_quarantined - last_good.observed * last_good.sample_count
            as new_rows_quarantined
    from {{ ref('source_arrivals') }} as arrivals
    left join {{ ref('last_good_checks') }} as last_good
        on last_good.check_name = 'quarantined_share.' || arrivals.source_table
)

select
    'new_rows_quarantined' as check_family,
    source_table as scope,
    new_rows_quarantined / nullif(new_rows, 0) as observed,
    cast(null as double) as usual,
    cast(0 as double) as noise,
    case when new_rows > 0 then new_rows else 0 end as sample_count,
    'share of the rows of ' || source_table || ' since the last good version that could not be used'
        as subject
from counted
