with clock as (
    select * from {{ ref('clock') }}
),

accepted as (
    select landed.*
    from {{ ref('landed_erasure_requests') }} as landed
    cross join clock
    where {{ quarantine_reason('privacy', 'erasure_requests') }} is null
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
    requested_at
from ranked
where version_rank = 1
