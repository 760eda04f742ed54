-- What each file of the clickstream holds: how many rows for each day, and how many of them are not
-- used. A file with rows later than "now" is read again when they are no longer.
{{ config(
    materialized='incremental', incremental_strategy='repair', unique_key='source_file',
    meta={'stale': 'unread_files'}
) }}

select
    landed.source_file,
    case
        when {{ quarantine_reason('raw', 'clickstream_events') }} is null
            then {{ business_date('landed.event_ts') }}
    end as date,
    count(*) as row_count,
    count({{ quarantine_reason('raw', 'clickstream_events') }}) as quarantined_count,
    count(case when landed.problem is null and landed.event_ts > clock.as_of then 1 end)
        as later_count,
    max(case when landed.problem is null then landed.event_ts end) as last_event_at
from {{ ref('landed_clickstream_events') }} as landed
cross join {{ ref('clock') }} as clock
where {{ is_stale('landed.source_file', 'unread_files') }}
group by 1, 2
