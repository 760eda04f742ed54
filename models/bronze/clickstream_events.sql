-- Retries are the exception, so only repeated keys pay for the window that picks the first delivery.
with accepted as (
    select landed.*
    from {{ ref('landed_clickstream_events') }} as landed
    cross join {{ ref('clock') }} as clock
    where {{ quarantine_reason('raw', 'clickstream_events') }} is null
),

repeated_keys as (
    select event_id
    from accepted
    group by event_id
    having count(*) > 1
),

retried as (
    select
        accepted.*,
        row_number() over (
            partition by accepted.event_id order by accepted.received_at asc nulls last, accepted.raw_row asc
        ) as delivery_rank
    from accepted
    inner join repeated_keys on accepted.event_id = repeated_keys.event_id
),

first_deliveries as (
    select accepted.*, 1 as delivery_rank
    from accepted
    left join repeated_keys on accepted.event_id = repeated_keys.event_id
    where repeated_keys.event_id is null
    union all
    select * from retried
    where delivery_rank = 1
)

select
    event_id,
    anonymous_id,
    user_id,
    email_hash,
    order_id,
    sku_id,
    event_ts as occurred_at,
    received_at,
    event_name,
    source as collector_source,
    utm_source,
    utm_medium,
    utm_campaign,
    utm_content,
    utm_term,
    gclid,
    fbclid,
    ttclid,
    page_url,
    referrer,
    user_agent,
    os,
    device_type,
    country,
    ip_hash,
    upper(currency) as currency,
    value,
    consent as has_consent
from first_deliveries
