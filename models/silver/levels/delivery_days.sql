-- Deliveries of the clickstream on every date of the calendar, and all so far: what a build made
-- that night would read.
select
    calendar.date,
    coalesce(deliveries.delivery_count, 0) as delivery_count,
    coalesce(deliveries.event_count, 0) as event_count,
    cast(sum(coalesce(deliveries.delivery_count, 0)) over (
        order by calendar.date
        rows between unbounded preceding and current row
    ) as bigint) as delivery_count_so_far
from {{ ref('calendar') }} as calendar
left join {{ ref('event_deliveries') }} as deliveries on calendar.date = deliveries.date
