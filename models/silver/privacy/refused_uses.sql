-- Uses of events that the banner or a logged decision refuses; there should be none. A touch must
-- come from an event that is there and that nobody refused for analytics or marketing, a session
-- from events that nobody refused for analytics. Refusals are the exception: what is used is held
-- against them, and not every use against every event.
with refused_events as (
    select
        events.event_id,
        not coalesce(events.has_consent, true) or coalesce(refused.refuses_analytics, false)
            as refuses_analytics
    from {{ ref('clickstream_events') }} as events
    left join {{ ref('refused_purposes') }} as refused on events.event_id = refused.event_id
    where not events.has_consent or refused.refuses_analytics or refused.refuses_marketing
),

touches_of_events as (
    select
        visits.visit_key,
        refused_events.event_id is not null as is_refused
    from {{ ref('visits') }} as visits
    inner join {{ ref('clickstream_events') }} as events on visits.first_event_id = events.event_id
    left join refused_events on visits.first_event_id = refused_events.event_id
)

select
    'refused_touches' as check_name,
    'touchpoints' as found_in,
    touchpoints.touchpoint_id as found_key,
    {{ business_date('touchpoints.touched_at') }} as date
from {{ ref('touchpoints') }} as touchpoints
left join touches_of_events on touchpoints.touchpoint_id = touches_of_events.visit_key
where coalesce(touches_of_events.is_refused, true)
union all
select
    'refused_sessions' as check_name,
    'session_events' as found_in,
    session_events.event_id as found_key,
    {{ business_date('session_events.occurred_at') }} as date
from {{ ref('session_events') }} as session_events
inner join refused_events on session_events.event_id = refused_events.event_id
where refused_events.refuses_analytics
