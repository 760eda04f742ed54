-- Journeys of people towards a kind of conversion: converted, lost, or still open. A conversion
-- without a touch has one too. A journey whose last visit met a wall is blocked: that it did not
-- convert says nothing about the marketing.
{{ config(
    materialized='incremental', incremental_strategy='repair', unique_key='person_id',
    meta={'stale': 'stale_people'}, on_schema_change='fail'
) }}

with paths as (
    select
        journey_id,
        min(person_id) as person_id,
        min(conversion_type) as conversion_type,
        min(touched_at) as started_at,
        max(touched_at) as last_touched_at,
        count(*) as touch_count,
        max(case when interaction_type = 'click' then touch_index end) as last_click_index,
        {{ ordered_array('channel', 'touch_index') }} as channel_path
    from {{ ref('journey_touchpoints') }}
    where {{ is_stale('person_id', 'stale_people') }}
    group by journey_id
),

claimable as (
    select journey_id, max(case when is_claimable then 1 else 0 end) = 1 as is_open
    from {{ ref('unconverted_touches') }}
    where {{ is_stale('person_id', 'stale_people') }}
    group by journey_id
),

spans as (
    select * from {{ ref('conversion_spans') }}
    where {{ is_stale('person_id', 'stale_people') }}
)

select
    coalesce(paths.journey_id, spans.journey_id) as journey_id,
    coalesce(paths.person_id, spans.person_id) as person_id,
    spans.conversion_id,
    coalesce(paths.conversion_type, spans.conversion_type) as conversion_type,
    case
        when spans.journey_id is not null then 'converted'
        when claimable.is_open then 'open'
        else 'lost'
    end as journey_status,
    paths.started_at,
    coalesce(spans.converted_at, paths.last_touched_at) as ended_at,
    spans.converted_at,
    spans.net_revenue,
    coalesce(paths.touch_count, 0) as touch_count,
    coalesce(paths.channel_path, {{ empty_array() }}) as channel_path,
    spans.journey_id is null and blocked.touchpoint_id is not null as is_blocked,
    case when spans.journey_id is null then blocked.blocked_reason end as blocked_reason
from paths
full outer join spans on paths.journey_id = spans.journey_id
left join claimable on paths.journey_id = claimable.journey_id
left join {{ ref('journey_touchpoints') }} as last_clicks
    on
        paths.journey_id = last_clicks.journey_id
        and paths.last_click_index = last_clicks.touch_index
left join {{ ref('blocked_touches') }} as blocked
    on
        last_clicks.touchpoint_id = blocked.touchpoint_id
        and last_clicks.conversion_type = blocked.conversion_type
