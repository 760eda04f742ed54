-- Stock of each product in every hour from its first snapshot to "now". An hour without a snapshot
-- is unknown; for some hours the last known level stays believable.
with observed as (
    select
        sku_id,
        {{ dbt.date_trunc('hour', 'snapshot_at') }} as hour_at,
        stock_quantity,
        row_number() over (
            partition by sku_id, {{ dbt.date_trunc('hour', 'snapshot_at') }}
            order by snapshot_at, stock_quantity
        ) as snapshot_rank
    from {{ ref('inventory_hourly_snapshot') }}
),

skus as (
    select sku_id, min(hour_at) as first_hour_at
    from observed
    group by sku_id
),

hours as (
    select skus.sku_id, {{ hours_from('skus.first_hour_at', 'clock.as_of') }} as hour_at
    from skus
    cross join {{ ref('as_of') }} as clock
),

dense as (
    select
        hours.sku_id,
        hours.hour_at,
        observed.stock_quantity,
        observed.sku_id is not null as is_observed,
        last_value(observed.stock_quantity ignore nulls) over (
            partition by hours.sku_id order by hours.hour_at
            rows between thresholds.stock_carry_hours preceding and current row
        ) as known_stock_quantity
    from hours
    cross join {{ ref('thresholds') }} as thresholds
    left join observed
        on
            hours.sku_id = observed.sku_id
            and hours.hour_at = observed.hour_at
            and observed.snapshot_rank = 1
)

select
    sku_id,
    hour_at,
    {{ business_date('hour_at') }} as date,
    stock_quantity,
    known_stock_quantity,
    stock_quantity <= 0 as is_out_of_stock,
    is_observed
from dense
