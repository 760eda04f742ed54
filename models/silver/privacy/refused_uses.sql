-- Uses of events that the banner or a logged decision refuses; there should be none. A touch must
-- come from an event that nobody refused for analytics or marketing, a session from events that
-- nobody refused for analytics.
select
    'refused_touches' as check_name,
    'touchpoints' as found_in,
    touchpoints.touchpoint_id as found_key,
    {{ business_date('touchpoints.touched_at') }} as date
from {{ ref('touchpoints') }} as touchpoints
left join {{ ref('visits') }} as visits on touchpoints.touchpoint_id = visits.visit_key
left join {{ ref('clickstream_events') }} as events on visits.first_event_id = events.event_id
left join {{ ref('refused_purposes') }} as refused on events.event_id = refused.event_id
where
    events.event_id is null
    or not events.has_consent
    or refused.refuses_analytics
    or refused.refuses_marketing
union all
select
    'refused_sessions' as check_name,
    'session_events' as found_in,
    session_events.event_id as found_key,
    {{ business_date('session_events.occurred_at') }} as date
from {{ ref('session_events') }} as session_events
inner join {{ ref('clickstream_events') }} as events on session_events.event_id = events.event_id
left join {{ ref('refused_purposes') }} as refused on events.event_id = refused.event_id
where not events.has_consent or refused.refuses_analytics
