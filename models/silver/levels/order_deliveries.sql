-- Orders are the best expectation of events there is: of each order placed online, whether its
-- purchase event arrived in time, and whether consent keeps it from its person's journey. An event
-- that does not say when it was received is here, and nothing says that it was late.
with purchases as (
    select
        events.order_id,
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
    where events.event_name = 'purchase' and events.order_id is not null
    group by events.order_id
),

-- Where no event ever names an order, orders say nothing of deliveries.
named as (
    select count(*) as order_count from purchases
)

select
    orders.order_id,
    orders.ordered_at,
    {{ business_date('orders.ordered_at') }} as date,
    coalesce(purchases.delay_hours <= thresholds.delivery_hours, false) as is_delivered,
    coalesce(purchases.is_refused, false) as is_refused
from {{ ref('orders') }} as orders
cross join {{ ref('thresholds') }} as thresholds
cross join named
left join purchases on orders.order_id = purchases.order_id
where orders.sales_channel is distinct from 'store' and named.order_count > 0
