-- Events that the banner or a logged decision refused for analytics never enter a session.
select session_events.event_id
from {{ ref('session_events') }} as session_events
inner join {{ ref('clickstream_events') }} as events on session_events.event_id = events.event_id
left join {{ ref('refused_purposes') }} as refused on events.event_id = refused.event_id
where not events.has_consent or refused.refuses_analytics
