-- The hold or rollback that stops publishing until somebody releases it; no row when nothing does.
{{ config(materialized='view') }}

with acts as (
    select
        *,
        row_number() over (order by recorded_at desc) as act_rank
    from {{ ref('interventions') }}
    where kind in ('hold', 'rollback', 'release')
)

select
    recorded_at,
    kind,
    version_id,
    actor,
    reason
from acts
where act_rank = 1 and kind <> 'release'
