-- Retries are the exception, so only repeated keys pay for the window that picks the first
-- delivery.
with clock as (
    select * from {{ ref('clock') }}
),

accepted as (
    select
        landed.event_id,
        landed.anonymous_id,
        landed.user_id,
        landed.email_hash,
        landed.order_id,
        landed.sku_id,
        landed.event_ts as occurred_at,
        landed.received_at,
        landed.event_name,
        landed.source as collector_source,
        landed.utm_source,
        landed.utm_medium,
        landed.utm_campaign,
        landed.utm_content,
        landed.utm_term,
        landed.gclid,
        landed.fbclid,
        landed.ttclid,
        landed.page_url,
        landed.referrer,
        landed.user_agent,
        landed.os,
        landed.device_type,
        landed.country,
        landed.ip_hash,
        landed.currency,
        landed.value,
        landed.consent as has_consent
    from {{ ref('landed_clickstream_events') }} as landed
    cross join clock
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
            partition by accepted.event_id
            order by
                accepted.received_at asc nulls last,
                accepted.occurred_at asc,
                {{ row_as_struct([
                    ('event_name', 'accepted.event_name'),
                    ('anonymous_id', 'accepted.anonymous_id'),
                    ('user_id', 'accepted.user_id'),
                    ('email_hash', 'accepted.email_hash'),
                    ('order_id', 'accepted.order_id'),
                    ('sku_id', 'accepted.sku_id'),
                    ('utm_campaign', 'accepted.utm_campaign'),
                    ('page_url', 'accepted.page_url'),
                    ('value', 'accepted.value'),
                ]) }} asc
        ) as delivery_rank
    from accepted
    inner join repeated_keys on accepted.event_id = repeated_keys.event_id
)

select accepted.*
from accepted
left join repeated_keys on accepted.event_id = repeated_keys.event_id
where repeated_keys.event_id is null
union all
select
    event_id,
    anonymous_id,
    user_id,
    email_hash,
    order_id,
    sku_id,
    occurred_at,
    received_at,
    event_name,
    collector_source,
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
    currency,
    value,
    has_consent
from retried
where delivery_rank = 1
