-- Orders that stand, in the reporting currency: what was sold, what went back, what is left.
select
    orders.order_id,
    orders.customer_id,
    orders.anonymous_id,
    orders.email_hash,
    orders.sales_channel,
    orders.ordered_at,
    orders.revenue * rates.rate_to_reporting as gross_revenue,
    orders.refund_amount * rates.rate_to_reporting as refund_amount
from {{ ref('orders') }} as orders
inner join {{ ref('order_statuses') }} as statuses on orders.status = statuses.status
left join {{ ref('exchange_rates') }} as rates
    on
        orders.currency = rates.currency
        and {{ business_date('orders.ordered_at') }} >= rates.valid_from
        and {{ business_date('orders.ordered_at') }} < rates.valid_to
where statuses.does_stand
