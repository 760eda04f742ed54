-- Orders as the collector tells of them: of each order that a purchase event names, when it was
-- bought, how late its first event came, whether consent keeps it from its person's journey, and
-- whether the order itself is there. An event that does not say when it was received is here, and
-- nothing says that it was late.
select
    events.order_id,
    min(events.occurred_at) as purchased_at,
    min(orders.ordered_at) as ordered_at,
    count(orders.order_id) > 0 as is_ordered,
    min({{ seconds_between(
        'events.occurred_at', 'coalesce(events.received_at, events.occurred_at)'
    ) }} / 3600) as delay_hours,
    min(case
        when not events.has_consent then 1
        when refused.refuses_analytics then 1
        when refused.refuses_marketing then 1
        when refused.refuses_linking then 1
        else 0
    end) = 1 as is_refused
from {{ ref('clickstream_events') }} as events
left join {{ ref('refused_purposes') }} as refused on events.event_id = refused.event_id
left join {{ ref('orders') }} as orders on events.order_id = orders.order_id
where events.event_name = 'purchase' and events.order_id is not null
group by events.order_id
