-- Who a session was: a person, a machine that says so or gives itself away, or traffic that nobody
-- meant. First match wins; whoever buys is a person unless the user agent says otherwise.
{{ config(
    materialized='incremental', incremental_strategy='repair', unique_key='anonymous_id',
    meta={'stale': 'stale_visitors'}
) }}

with buyers as (
    select distinct anonymous_id, session_number
    from {{ ref('session_events') }}
    where event_name = 'purchase' and {{ is_stale('anonymous_id', 'stale_visitors') }}
),

judged as (
    select
        visits.visit_key,
        visits.anonymous_id,
        visits.ip_hash,
        visits.utm_campaign,
        {{ business_date('visits.visited_at') }} as date,
        pace.event_count,
        pace.reload_count,
        pace.mean_pause_seconds,
        pace.spread_pause_seconds,
        coalesce(agents.is_bot, false) as has_bot_agent,
        buyers.anonymous_id is not null as has_transaction
    from {{ ref('visits') }} as visits
    inner join {{ ref('session_pace') }} as pace
        on
            visits.anonymous_id = pace.anonymous_id
            and visits.session_number = pace.session_number
    left join {{ ref('user_agents') }} as agents on visits.user_agent = agents.user_agent
    left join buyers
        on
            visits.anonymous_id = buyers.anonymous_id
            and visits.session_number = buyers.session_number
    where {{ is_stale('visits.anonymous_id', 'stale_visitors') }}
),

device_days as (
    select anonymous_id, date, count(*) as session_count
    from judged
    group by anonymous_id, date
)

select
    judged.visit_key as session_key,
    judged.anonymous_id,
    case
        when judged.has_bot_agent then 'DECLARED_BOT'
        when judged.has_transaction then 'PERSON'
        when
            judged.reload_count >= thresholds.storm_reloads
            and judged.reload_count >= thresholds.storm_share * judged.event_count
            then 'RELOAD_STORM'
        when
            judged.event_count >= thresholds.scripted_events
            and (
                judged.mean_pause_seconds <= thresholds.scripted_gap_seconds
                or judged.spread_pause_seconds
                <= thresholds.scripted_regularity * judged.mean_pause_seconds
            )
            then 'SCRIPT'
        when judged.event_count >= thresholds.endless_events then 'SCRIPT'
        when device_days.session_count >= thresholds.crawler_sessions then 'CRAWLER'
        when
            judged.event_count = 1 and networks.ip_hash is not null
            then 'CLICK_FRAUD'
        else 'PERSON'
    end as visitor_tag
from judged
cross join {{ ref('thresholds') }} as thresholds
inner join device_days
    on judged.anonymous_id = device_days.anonymous_id and judged.date = device_days.date
left join {{ ref('fraud_networks') }} as networks
    on
        judged.ip_hash = networks.ip_hash
        and judged.utm_campaign = networks.utm_campaign
        and judged.date = networks.date
