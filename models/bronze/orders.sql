with clock as (
    select * from {{ ref('clock') }}
),

accepted as (
    select landed.*
    from {{ ref('landed_orders') }} as landed
    cross join clock
    where {{ quarantine_reason('crm', 'orders') }} is null
),

ranked as (
    select
        *,
        row_number() over (
            partition by row_key
            order by updated_at desc, raw_row asc
        ) as version_rank
    from accepted
)

select
    order_id,
    customer_id,
    anonymous_id,
    email as email_hash,
    status,
    sales_channel,
    currency,
    ordered_at,
    updated_at,
    refunded_at,
    revenue,
    coalesce(refund_amount, 0) as refund_amount
from ranked
where version_rank = 1
