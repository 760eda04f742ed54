with clock as (
    select * from {{ ref('clock') }}
),

accepted as (
    select landed.*
    from {{ ref('landed_offline_conversions') }} as landed
    cross join clock
    where {{ quarantine_reason('raw', 'offline_conversions') }} is null
),

ranked as (
    select
        *,
        row_number() over (
            partition by row_key
            order by uploaded_at desc, raw_row asc
        ) as version_rank
    from accepted
)

select
    conversion_id,
    customer_id,
    email as email_hash,
    phone as phone_hash,
    conversion_type,
    currency,
    occurred_at,
    uploaded_at,
    value
from ranked
where version_rank = 1
