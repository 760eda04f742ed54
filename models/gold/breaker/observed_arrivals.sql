-- What the checks of arriving data observe, per raw table: what could not be used, what came twice,
-- what is late, and what is gone.
select
    'quarantined_share' as check_family,
    source_table as scope,
    cast(rows_quarantined as double) / nullif(rows_read, 0) as observed,
    cast(null as double) as usual,
    cast(0 as double) as noise,
    rows_read as sample_count,
    'share of the rows of ' || source_table || ' that could not be used' as subject
from {{ ref('source_arrivals') }}
union all
select
    'duplicate_share' as check_family,
    source_table as scope,
    cast(rows_duplicate as double) / nullif(rows_read, 0) as observed,
    null as usual,
    0 as noise,
    rows_read as sample_count,
    'share of the rows of ' || source_table || ' that came more than once' as subject
from {{ ref('source_arrivals') }}
union all
select
    'freshness' as check_family,
    source_table as scope,
    hours_behind as observed,
    null as usual,
    -- A table is not late as long as it is silent no longer than it often was.
    coalesce(usual_gap_hours, 0) as noise,
    hour_count as sample_count,
    'hours since the latest row of ' || source_table as subject
from {{ ref('source_arrivals') }}
where hour_count > 0
union all
select
    'kept_rows' as check_family,
    source_table as scope,
    cast(rows_in_bronze as double) as observed,
    null as usual,
    0 as noise,
    rows_in_bronze as sample_count,
    'rows of ' || source_table || ' in all, beside the last good version' as subject
from {{ ref('source_arrivals') }}
union all
select
    'missing_columns' as check_family,
    source_table as scope,
    cast(absent_column_count + case when is_absent then 1 else 0 end as double) as observed,
    null as usual,
    0 as noise,
    1 as sample_count,
    'declared columns of ' || source_table || ' that are not there, beside the last good version'
        as subject
from {{ ref('source_arrivals') }}
union all
select
    'new_columns' as check_family,
    source_table as scope,
    cast(new_column_count as double) as observed,
    null as usual,
    0 as noise,
    1 as sample_count,
    'columns of ' || source_table || ' that nobody declared, beside the last good version'
        as subject
from {{ ref('source_arrivals') }}
