-- Users of the last week's events, and how many of them the shop knows as customers: both are the
-- same key, until one side spells it anew.
with customers as (
    select customer_id from {{ ref('customers') }}
    where customer_id is not null
    union
    select customer_id from {{ ref('orders') }}
    where customer_id is not null
)

select
    count(distinct events.user_id) as user_count,
    count(distinct customers.customer_id) as known_count
from {{ ref('clickstream_events') }} as events
cross join {{ ref('clock') }} as clock
cross join {{ ref('thresholds') }} as thresholds
left join customers on events.user_id = customers.customer_id
where
    {{ days_before('events.occurred_at', 'clock.as_of') }} < thresholds.breaker_days
