with clock as (
    select * from {{ ref('clock') }}
),

accepted as (
    select landed.*
    from {{ ref('landed_consent_log') }} as landed
    cross join clock
    where {{ quarantine_reason('privacy', 'consent_log') }} is null
),

ranked as (
    select
        *,
        row_number() over (partition by row_key order by raw_row) as version_rank
    from accepted
)

select
    identifier_type,
    identifier,
    purpose,
    recorded_at,
    granted as is_granted
from ranked
where version_rank = 1
