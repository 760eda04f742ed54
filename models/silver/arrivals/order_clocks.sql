-- How far the clocks of the shop and of the collector are apart: minutes from an order to its
-- purchase event, the middle of each of the last days.
with pairs as (
    select
        {{ days_before('orders.ordered_at', 'clock.as_of') }} as day_number,
        {{ seconds_between('orders.ordered_at', 'orders.purchased_at') }} / 60 as minutes_apart
    from {{ ref('purchase_orders') }} as orders
    cross join {{ ref('clock') }} as clock
    where orders.is_ordered
)

select
    pairs.day_number,
    count(*) as order_count,
    cast({{ median_of('pairs.minutes_apart') }} as double) as minutes_apart
from pairs
cross join {{ ref('thresholds') }} as thresholds
where pairs.day_number <= thresholds.breaker_history_days
group by pairs.day_number
