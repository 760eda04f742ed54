with clock as (
    select * from {{ ref('clock') }}
),

accepted as (
    select landed.*
    from {{ ref('landed_promo_calendar') }} as landed
    cross join clock
    where {{ quarantine_reason('marketing', 'promo_calendar') }} is null
),

ranked as (
    select
        *,
        row_number() over (partition by row_key order by starts_at, raw_row) as version_rank
    from accepted
)

select
    promo_id,
    promo_name,
    tier,
    starts_at,
    ends_at
from ranked
where version_rank = 1
