-- Who a session was: a person, a machine that says so or gives itself away, or traffic that nobody
-- meant. First match wins; whoever buys is a person unless the user agent says otherwise.
with buyers as (
    select distinct anonymous_id, session_number
    from {{ ref('session_events') }}
    where event_name = 'purchase'
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
),

device_days as (
    select anonymous_id, date, count(*) as session_count
    from judged
    group by anonymous_id, date
),

-- A network address from which many fresh devices open one page of one campaign in a day.
network_days as (
    select
        ip_hash,
        utm_campaign,
        date,
        count(distinct anonymous_id) as device_count,
        avg(case when event_count = 1 then 1.0 else 0 end) as single_event_share
    from judged
    where ip_hash is not null and utm_campaign is not null
    group by ip_hash, utm_campaign, date
)

select
    judged.visit_key as session_key,
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
            judged.event_count = 1
            and network_days.device_count >= thresholds.fraud_devices
            and network_days.single_event_share >= thresholds.fraud_share
            then 'CLICK_FRAUD'
        else 'PERSON'
    end as visitor_tag
from judged
cross join {{ ref('thresholds') }} as thresholds
inner join device_days
    on judged.anonymous_id = device_days.anonymous_id and judged.date = device_days.date
left join network_days
    on
        judged.ip_hash = network_days.ip_hash
        and judged.utm_campaign = network_days.utm_campaign
        and judged.date = network_days.date
