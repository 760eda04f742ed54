-- One row per conversion of the file. Customer and second together are unique, so they name the order.
select
    'order-' || customer_id || '-' || strftime("time", '%Y%m%dT%H%M%SZ') as order_id,
    customer_id,
    "time" as ordered_at,
    "time" as updated_at,
    'paid' as status,
    cast(conversion_value as decimal(18, 2)) as revenue,
    'USD' as currency,
    'web' as sales_channel
from '{datasets}/cookie_touches/touches_sample.csv.gz'
where interaction = 'conversion'
order by order_id
