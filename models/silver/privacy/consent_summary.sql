-- What consent takes away, so that it is counted and not silently missing.
with events as (
    select
        {{ business_date('events.occurred_at') }} as date,
        -- A banner answered with no refuses every purpose.
        not coalesce(events.has_consent, true)
        or coalesce(refused.refuses_analytics, false) as refuses_analytics,
        coalesce(refused.refuses_marketing, false) as refuses_marketing,
        coalesce(refused.refuses_linking, false) as refuses_linking
    from {{ ref('clickstream_events') }} as events
    left join {{ ref('refused_purposes') }} as refused on events.event_id = refused.event_id
)

select
    date,
    count(*) as event_count,
    cast(sum(case when refuses_analytics then 1 else 0 end) as bigint) as analytics_refused_count,
    cast(sum(case when refuses_analytics or refuses_marketing then 1 else 0 end) as bigint)
        as marketing_refused_count,
    cast(sum(case when refuses_analytics or refuses_linking then 1 else 0 end) as bigint)
        as linking_refused_count
from events
group by date
