with clock as (
    select * from {{ ref('clock') }}
),

accepted as (
    select landed.*
    from {{ ref('landed_identity_links') }} as landed
    cross join clock
    where {{ quarantine_reason('raw', 'identity_links') }} is null
),

ranked as (
    select
        *,
        row_number() over (partition by row_key order by raw_row) as version_rank
    from accepted
)

select
    identifier_type_a,
    identifier_a,
    identifier_type_b,
    identifier_b,
    link_source,
    observed_at
from ranked
where version_rank = 1
