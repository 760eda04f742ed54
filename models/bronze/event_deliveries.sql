-- What the collector delivered, by the day of the event: before retries are dropped and after.
select
    {{ business_date('landed.event_ts') }} as date,
    count(*) as delivery_count,
    count(distinct landed.event_id) as event_count
from {{ ref('landed_clickstream_events') }} as landed
cross join {{ ref('clock') }} as clock
where {{ quarantine_reason('raw', 'clickstream_events') }} is null
group by {{ business_date('landed.event_ts') }}
