with clock as (
    select * from {{ ref('clock') }}
),

accepted as (
    select landed.*
    from {{ ref('landed_customers') }} as landed
    cross join clock
    where {{ quarantine_reason('crm', 'customers') }} is null
),

ranked as (
    select
        *,
        row_number() over (
            partition by row_key
            order by created_at desc, raw_row asc
        ) as version_rank
    from accepted
)

select
    customer_id,
    email as email_hash,
    phone as phone_hash,
    account_id,
    created_at
from ranked
where version_rank = 1
