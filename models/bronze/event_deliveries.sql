-- What the collector delivered, by the day of the event: before retries are dropped and after.
with deliveries as (
    select date, sum(row_count) as delivery_count
    from {{ ref('event_file_days') }}
    where date is not null
    group by date
),

events as (
    select {{ business_date('occurred_at') }} as date, count(*) as event_count
    from {{ ref('clickstream_events') }}
    group by {{ business_date('occurred_at') }}
)

select
    deliveries.date,
    cast(deliveries.delivery_count as bigint) as delivery_count,
    coalesce(events.event_count, 0) as event_count
from deliveries
left join events on deliveries.date = events.date
