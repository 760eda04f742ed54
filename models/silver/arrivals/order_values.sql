-- The middle order of each of the last days in the reporting currency: an amount in cents, or in
-- another currency, moves it at once.
with orders as (
    select
        {{ days_before('conversions.converted_at', 'clock.as_of') }} as day_number,
        conversions.gross_revenue
    from {{ ref('conversions') }} as conversions
    cross join {{ ref('clock') }} as clock
    where conversions.conversion_type = 'purchase' and conversions.gross_revenue > 0
)

select
    orders.day_number,
    count(*) as order_count,
    cast({{ median_of('orders.gross_revenue') }} as double) as order_value
from orders
cross join {{ ref('thresholds') }} as thresholds
where orders.day_number <= thresholds.breaker_history_days
group by orders.day_number
