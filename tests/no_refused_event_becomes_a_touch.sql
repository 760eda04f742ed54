-- A touch comes from an event that neither the banner nor a logged decision refused, for analytics
-- or for marketing.
select
    touchpoints.touchpoint_id,
    events.event_id,
    events.has_consent,
    refused.refuses_analytics,
    refused.refuses_marketing
from {{ ref('touchpoints') }} as touchpoints
left join {{ ref('visits') }} as visits on touchpoints.touchpoint_id = visits.visit_key
left join {{ ref('clickstream_events') }} as events on visits.first_event_id = events.event_id
left join {{ ref('refused_purposes') }} as refused on events.event_id = refused.event_id
where
    events.event_id is null
    or not events.has_consent
    or refused.refuses_analytics
    or refused.refuses_marketing
