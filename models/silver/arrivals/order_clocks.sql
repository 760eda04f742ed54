-- How far the clocks of the shop and of the collector are apart: minutes from an order to its
-- purchase event, the middle of each of the last days.
with purchases as (
    select
        order_id,
        min(occurred_at) as purchased_at
    from {{ ref('clickstream_events') }}
    where event_name = 'purchase' and order_id is not null
    group by order_id
),

pairs as (
    select
        {{ days_before('orders.ordered_at', 'clock.as_of') }} as day_number,
        {{ seconds_between('orders.ordered_at', 'purchases.purchased_at') }} / 60 as minutes_apart
    from {{ ref('orders') }} as orders
    inner join purchases on orders.order_id = purchases.order_id
    cross join {{ ref('clock') }} as clock
)

select
    pairs.day_number,
    count(*) as order_count,
    cast({{ median_of('pairs.minutes_apart') }} as double) as minutes_apart
from pairs
cross join {{ ref('thresholds') }} as thresholds
where pairs.day_number <= thresholds.breaker_history_days
group by pairs.day_number
