with clock as (
    select * from {{ ref('clock') }}
),

accepted as (
    select landed.*
    from {{ ref('landed_inventory_hourly_snapshot') }} as landed
    cross join clock
    where {{ quarantine_reason('warehouse', 'inventory_hourly_snapshot') }} is null
),

ranked as (
    select
        *,
        row_number() over (partition by row_key order by raw_row) as version_rank
    from accepted
)

select
    sku_id,
    snapshot_at,
    stock_quantity
from ranked
where version_rank = 1
