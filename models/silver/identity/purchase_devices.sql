-- The device on which an order was bought, as its purchase event says; an order that several
-- devices claim has none.
select
    order_id,
    min(anonymous_id) as anonymous_id
from {{ ref('consented_events') }}
where event_name = 'purchase' and order_id is not null and may_link
group by order_id
having count(distinct anonymous_id) = 1
