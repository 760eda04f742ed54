with clock as (
    select * from {{ ref('clock') }}
),

accepted as (
    select landed.*
    from {{ ref('landed_order_items') }} as landed
    cross join clock
    where {{ quarantine_reason('crm', 'order_items') }} is null
),

ranked as (
    select
        *,
        row_number() over (partition by row_key order by raw_row) as version_rank
    from accepted
)

select
    order_id,
    sku_id,
    quantity,
    unit_price
from ranked
where version_rank = 1
