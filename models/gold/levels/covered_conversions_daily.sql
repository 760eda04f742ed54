-- Conversions that could have a touch, and those that have one. Sales in the store and calls have
-- no visit of their own, and whoever refused marketing or linking has no journey; an order whose
-- purchase event never arrived counts, for nobody refused anything.
with reachable as (
    select
        conversions.date,
        conversions.conversion_id,
        conversions.conversion_type
    from {{ ref('conversions') }} as conversions
    left join {{ ref('order_deliveries') }} as orders
        on conversions.order_id = orders.order_id
    left join {{ ref('consented_events') }} as own on conversions.conversion_id = own.event_id
    where
        conversions.sales_channel is distinct from 'store'
        and conversions.sales_channel is distinct from 'offline'
        and not coalesce(orders.is_refused, false)
        and coalesce(own.may_market, true)
        and coalesce(own.may_link, true)
)

select
    reachable.date,
    count(case when journeys.touch_count > 0 then 1 end) as good_count,
    count(*) as total_count
from reachable
inner join {{ ref('journeys') }} as journeys
    on
        reachable.conversion_id = journeys.conversion_id
        and reachable.conversion_type = journeys.conversion_type
group by reachable.date
