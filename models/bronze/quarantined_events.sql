-- The rows of the clickstream that are not used, file by file.
{{ config(
    materialized='incremental', incremental_strategy='repair', unique_key='source_file',
    meta={'stale': 'unread_files'}
) }}

select
    landed.source_file,
    landed.row_key,
    {{ quarantine_reason('raw', 'clickstream_events') }} as reason,
    {{ struct_as_json('landed.raw_row') }} as raw_row
from {{ ref('landed_clickstream_events') }} as landed
cross join {{ ref('clock') }} as clock
where
    {{ quarantine_reason('raw', 'clickstream_events') }} is not null
    and {{ is_stale('landed.source_file', 'unread_files') }}
