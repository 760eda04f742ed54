-- The lines of the books add up to the rows of crm.orders as they landed, currency by currency.
with landed as (
    select
        currency,
        count(*) as row_count,
        sum(coalesce(revenue, 0)) as revenue
    from {{ ref('landed_orders') }}
    group by currency
),

booked as (
    select
        currency,
        sum(row_count) as row_count,
        sum(coalesce(original_revenue, 0)) as revenue
    from {{ ref('booked_revenue') }}
    group by currency
)

select
    landed.currency,
    landed.row_count,
    landed.revenue,
    booked.row_count as booked_row_count,
    booked.revenue as booked_revenue
from landed
full outer join booked on landed.currency is not distinct from booked.currency
where
    landed.row_count is distinct from booked.row_count
    or abs(landed.revenue - booked.revenue) > 1e-9 * greatest(1, abs(landed.revenue))
