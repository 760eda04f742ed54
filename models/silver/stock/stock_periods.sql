-- Stretches in which a product was in stock, or out of it, to the second: from the snapshot that
-- says so to the next one that says otherwise, or until the last word is too old to be believed.
with snapshots as (
    select
        stock.sku_id,
        stock.snapshot_at,
        stock.stock_quantity <= 0 as is_out_of_stock,
        least(
            coalesce(
                lead(stock.snapshot_at) over sku_line,
                cast('9999-12-31' as {{ dbt.type_timestamp() }})
            ),
            {{ dbt.dateadd('hour', 'thresholds.stock_carry_hours + 1', 'stock.snapshot_at') }}
        ) as known_until
    from {{ ref('inventory_hourly_snapshot') }} as stock
    cross join {{ ref('thresholds') }} as thresholds
    window sku_line as (partition by stock.sku_id order by stock.snapshot_at)
),

marked as (
    select
        *,
        case
            when
                lag(is_out_of_stock) over sku_line = is_out_of_stock
                and lag(known_until) over sku_line = snapshot_at
                then 0
            else 1
        end as starts_period
    from snapshots
    window sku_line as (partition by sku_id order by snapshot_at)
),

numbered as (
    select
        *,
        sum(starts_period) over (
            partition by sku_id order by snapshot_at
            rows between unbounded preceding and current row
        ) as period_number
    from marked
)

select
    sku_id,
    min(snapshot_at) as valid_from,
    max(known_until) as valid_to,
    is_out_of_stock
from numbered
group by sku_id, period_number, is_out_of_stock
