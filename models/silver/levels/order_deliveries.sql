-- Orders are the best expectation of events there is: of each order placed online, whether its
-- purchase event arrived in time, and whether consent keeps it from its person's journey. Where no
-- event ever names an order, orders say nothing of deliveries.
with named as (
    select count(*) as order_count from {{ ref('purchase_orders') }}
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
left join {{ ref('purchase_orders') }} as purchases on orders.order_id = purchases.order_id
where orders.sales_channel is distinct from 'store' and named.order_count > 0
