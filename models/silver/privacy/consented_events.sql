-- The events silver may use. A banner answered with no refuses every purpose; without an answer or
-- a decision all are allowed.
select
    events.*,
    not coalesce(refused.refuses_marketing, false) as may_market,
    not coalesce(refused.refuses_linking, false) as may_link
from {{ ref('clickstream_events') }} as events
left join {{ ref('refused_purposes') }} as refused on events.event_id = refused.event_id
where coalesce(events.has_consent, true) and not coalesce(refused.refuses_analytics, false)
