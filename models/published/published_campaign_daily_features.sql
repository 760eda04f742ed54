-- gold.campaign_daily_features as it was in the version that consumers read.
{{ config(materialized='view') }}

select {{ columns_of('campaign_daily_features', 'rows_kept') }}
from {{ ref('campaign_daily_features_versions') }} as rows_kept
inner join {{ ref('versions') }} as versions
    on rows_kept.version_id = versions.version_id and versions.is_current
