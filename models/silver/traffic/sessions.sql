-- Sessions with their person, source and what happened in them.
{{ config(
    materialized='incremental', incremental_strategy='repair', unique_key='anonymous_id',
    meta={'stale': 'stale_visitors'}
) }}

with activity as (
    select
        anonymous_id,
        session_number,
        max(occurred_at) as ended_at,
        count(*) as event_count,
        max(case when event_name = 'add_to_cart' then 1 else 0 end) = 1 as has_add_to_cart,
        max(case when event_name = 'begin_checkout' then 1 else 0 end) = 1 as has_checkout,
        max(case when event_name = 'purchase' then 1 else 0 end) = 1 as has_transaction
    from {{ ref('session_events') }}
    where {{ is_stale('anonymous_id', 'stale_visitors') }}
    group by anonymous_id, session_number
)

select
    visits.visit_key as session_key,
    people.person_id,
    visits.anonymous_id,
    visits.session_number,
    visits.sku_id,
    visits.visited_at as started_at,
    activity.ended_at,
    {{ business_date('visits.visited_at') }} as date,
    sources.source,
    sources.medium,
    sources.campaign_id,
    visits.creative_id,
    channels.channel,
    visits.device_type,
    visits.os,
    visits.country,
    activity.event_count,
    quality.visitor_tag,
    quality.visitor_tag in ('DECLARED_BOT', 'SCRIPT', 'CRAWLER') as is_bot,
    quality.visitor_tag in ('RELOAD_STORM', 'CLICK_FRAUD') as is_phantom,
    visits.may_market,
    activity.has_add_to_cart,
    activity.has_checkout,
    activity.has_transaction
from {{ ref('visits') }} as visits
inner join activity
    on
        visits.anonymous_id = activity.anonymous_id
        and visits.session_number = activity.session_number
inner join {{ ref('visit_people') }} as people on visits.visit_key = people.visit_key
inner join {{ ref('visit_sources') }} as sources on visits.visit_key = sources.visit_key
inner join {{ ref('traffic_sources') }} as channels
    on sources.traffic_source_key = channels.traffic_source_key
inner join {{ ref('session_quality') }} as quality on visits.visit_key = quality.session_key
where {{ is_stale('visits.anonymous_id', 'stale_visitors') }}
