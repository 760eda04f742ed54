-- The events silver may use. A banner answered with no refuses every purpose; without an answer or
-- a decision all are allowed.
{{ config(materialized='view') }}

select
    events.event_id,
    events.anonymous_id,
    events.user_id,
    events.email_hash,
    events.order_id,
    events.sku_id,
    events.occurred_at,
    events.received_at,
    events.event_name,
    events.collector_source,
    events.utm_source,
    events.utm_medium,
    events.utm_campaign,
    events.utm_content,
    events.utm_term,
    events.gclid,
    events.fbclid,
    events.ttclid,
    events.page_url,
    events.referrer,
    events.user_agent,
    events.os,
    events.device_type,
    events.country,
    events.ip_hash,
    events.currency,
    events.value,
    events.has_consent,
    not coalesce(refused.refuses_marketing, false) as may_market,
    not coalesce(refused.refuses_linking, false) as may_link
from {{ ref('clickstream_events') }} as events
left join {{ ref('refused_purposes') }} as refused on events.event_id = refused.event_id
where coalesce(events.has_consent, true) and not coalesce(refused.refuses_analytics, false)
