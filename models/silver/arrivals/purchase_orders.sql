-- Purchase events beside the orders they name: an order that was bought and is not there was not
-- exported, or could not be read.
select
    events.order_id,
    min(events.occurred_at) as purchased_at,
    count(orders.order_id) > 0 as is_ordered
from {{ ref('clickstream_events') }} as events
left join {{ ref('orders') }} as orders on events.order_id = orders.order_id
where events.event_name = 'purchase' and events.order_id is not null
group by events.order_id
