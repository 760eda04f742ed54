-- Every contact of a device with the shop or its advertising: a session, an ad impression, an
-- e-mail open. What it says of where it came from is that of its first event.
{{ config(
    materialized='incremental', incremental_strategy='repair', unique_key='anonymous_id',
    meta={'stale': 'stale_devices'}
) }}

with sessions as (
    select
        anonymous_id,
        session_number,
        max(case when event_number = 1 then event_id end) as first_event_id,
        min(user_id) as user_id,
        min(email_hash) as email_hash,
        {{ first_of('sku_id', 'event_number') }} as sku_id,
        min(case when may_market then 1 else 0 end) = 1 as may_market,
        min(case when may_link then 1 else 0 end) = 1 as may_link,
        count(*) as event_count
    from {{ ref('session_events') }}
    where {{ is_stale('anonymous_id', 'stale_devices') }}
    group by anonymous_id, session_number
),

contacts as (
    select
        sessions.first_event_id,
        'session' as visit_kind,
        'click' as interaction_type,
        cast(null as {{ dbt.type_string() }}) as default_medium,
        sessions.session_number,
        sessions.user_id,
        sessions.email_hash,
        sessions.sku_id,
        sessions.may_market,
        sessions.may_link,
        sessions.event_count
    from sessions
    union all
    select
        events.event_id as first_event_id,
        events.event_name as visit_kind,
        elsewhere.interaction_type,
        elsewhere.default_medium,
        cast(null as bigint) as session_number,
        events.user_id,
        events.email_hash,
        events.sku_id,
        events.may_market,
        events.may_link,
        1 as event_count
    from {{ ref('consented_events') }} as events
    inner join {{ ref('marketing_events') }} as elsewhere
        on events.event_name = elsewhere.event_name
    where {{ is_stale('events.anonymous_id', 'stale_devices') }}
),

located as (
    select
        contacts.*,
        events.anonymous_id,
        events.occurred_at as visited_at,
        lower(events.utm_source) as utm_source,
        lower(events.utm_medium) as utm_medium,
        events.utm_campaign,
        events.utm_content as creative_id,
        events.sku_id as landing_sku_id,
        lower(events.collector_source) as collector_source,
        case
            when events.gclid is not null then 'gclid'
            when events.fbclid is not null then 'fbclid'
            when events.ttclid is not null then 'ttclid'
        end as click_id,
        nullif({{ url_host('events.referrer') }}, {{ url_host('events.page_url') }})
            as referrer_host,
        events.device_type,
        events.os,
        events.country,
        events.ip_hash,
        events.user_agent
    from contacts
    inner join {{ ref('consented_events') }} as events on contacts.first_event_id = events.event_id
    where {{ is_stale('events.anonymous_id', 'stale_devices') }}
)

select
    {{ dbt_utils.generate_surrogate_key(['visit_kind', 'anonymous_id', 'first_event_id']) }}
        as visit_key,
    *
from located
