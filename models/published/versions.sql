-- Every version ever published, and which of them consumers read: the latest, or after a rollback
-- the one rolled back to, until a later one is published.
{{ config(materialized='view') }}

with rollbacks as (
    select
        version_id,
        recorded_at,
        row_number() over (order by recorded_at desc) as rollback_rank
    from {{ ref('interventions') }}
    where kind = 'rollback'
),

ranked as (
    select
        versions.*,
        row_number() over (
            order by
                case
                    when versions.published_at > rollbacks.recorded_at then 0
                    when versions.version_id = rollbacks.version_id then 1
                    else 2
                end,
                versions.published_at desc
        ) as version_rank
    from {{ ref('version_log') }} as versions
    left join rollbacks on rollbacks.rollback_rank = 1
)

select
    version_id,
    published_at,
    as_of,
    version_rank = 1 as is_current,
    row_counts,
    reason,
    build_id
from ranked
