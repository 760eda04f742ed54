-- What the checks of volume observe: the rows of each raw table on each day since the last good
-- version, beside the same weekday of the weeks before.
select
    'volume' as check_family,
    volumes.source_table as scope,
    days.day_suffix,
    cast(volumes.row_count as double) as observed,
    volumes.usual_rows as usual,
    cast(0 as double) as noise,
    cast(coalesce(volumes.usual_rows, 0) as bigint) as sample_count,
    'rows of ' || volumes.source_table || ' in a day, beside the same weekday of the weeks before'
        as subject
from {{ ref('source_volumes') }} as volumes
inner join {{ ref('unaudited_days') }} as days on volumes.day_number = days.day_number
