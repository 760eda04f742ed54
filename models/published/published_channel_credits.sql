-- gold.channel_credits as it was in the version that consumers read.
{{ config(materialized='view') }}

select {{ columns_of('channel_credits', 'rows_kept') }}
from {{ ref('channel_credits_versions') }} as rows_kept
inner join {{ ref('versions') }} as versions
    on rows_kept.version_id = versions.version_id and versions.is_current
