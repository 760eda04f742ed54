-- What marketing is for: orders that stand, offline conversions, leads and sign-ups, each with its
-- person and its value.
with united as (
    select
        orders.order_id as conversion_id,
        people.person_id,
        orders.ordered_at as converted_at,
        'purchase' as conversion_type,
        orders.order_id,
        orders.sales_channel,
        orders.gross_revenue,
        orders.refund_amount
    from {{ ref('standing_orders') }} as orders
    inner join {{ ref('record_people') }} as people
        on people.record_kind = 'purchase' and orders.order_id = people.record_id
    union all
    select
        offline.conversion_id,
        people.person_id,
        offline.occurred_at as converted_at,
        offline.conversion_type,
        null as order_id,
        'offline' as sales_channel,
        offline.gross_revenue,
        0 as refund_amount
    from {{ ref('offline_values') }} as offline
    inner join {{ ref('record_people') }} as people
        on people.record_kind = 'offline' and offline.conversion_id = people.record_id
    union all
    select
        conversion_id,
        person_id,
        converted_at,
        conversion_type,
        null as order_id,
        'web' as sales_channel,
        gross_revenue,
        0 as refund_amount
    from {{ ref('event_conversions') }}
)

select
    conversion_id,
    person_id,
    order_id,
    converted_at,
    {{ business_date('converted_at') }} as date,
    conversion_type,
    sales_channel,
    gross_revenue,
    refund_amount,
    gross_revenue - refund_amount as net_revenue
from united
