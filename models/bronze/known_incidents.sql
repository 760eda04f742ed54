with clock as (
    select * from {{ ref('clock') }}
),

accepted as (
    select landed.*
    from {{ ref('landed_known_incidents') }} as landed
    cross join clock
    where {{ quarantine_reason('ops', 'known_incidents') }} is null
),

ranked as (
    select
        *,
        row_number() over (partition by row_key order by raw_row) as version_rank
    from accepted
)

select
    incident_id,
    component,
    starts_at,
    ends_at,
    coalesce(planned, false) as is_planned
from ranked
where version_rank = 1
