with clock as (
    select * from {{ ref('clock') }}
),

accepted as (
    select landed.*
    from {{ ref('landed_fx_rates') }} as landed
    cross join clock
    where {{ quarantine_reason('finance', 'fx_rates') }} is null
),

ranked as (
    select
        *,
        row_number() over (partition by row_key order by raw_row) as version_rank
    from accepted
)

select
    date,
    currency,
    rate_to_reporting
from ranked
where version_rank = 1
