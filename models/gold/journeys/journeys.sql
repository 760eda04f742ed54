-- Journeys of people towards a kind of conversion: converted, lost, or still open. A conversion
-- without a touch has one too. A journey whose last visit met a wall is blocked: that it did not
-- convert says nothing about the marketing.
{{ config(
    materialized='incremental', incremental_strategy='repair', unique_key='person_id',
    meta={'stale': 'stale_people'}, on_schema_change='fail'
) }}

with paths as (
    select * from {{ ref('journey_paths') }}
    where {{ is_stale('person_id', 'stale_people') }}
),

open_journeys as (
    select distinct journey_id
    from {{ ref('unconverted_touches') }}
    where is_claimable and {{ is_stale('person_id', 'stale_people') }}
),

blocked as (
    select touches.journey_id, touches.touch_index, blocked_touches.blocked_reason
    from {{ ref('blocked_touches') }} as blocked_touches
    inner join {{ ref('journey_touchpoints') }} as touches
        on
            blocked_touches.touchpoint_id = touches.touchpoint_id
            and blocked_touches.conversion_type = touches.conversion_type
    where not touches.is_converted and {{ is_stale('touches.person_id', 'stale_people') }}
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
        when open_journeys.journey_id is not null then 'open'
        else 'lost'
    end as journey_status,
    paths.started_at,
    coalesce(spans.converted_at, paths.last_touched_at) as ended_at,
    spans.converted_at,
    spans.net_revenue,
    coalesce(paths.touch_count, 0) as touch_count,
    coalesce(paths.channel_path, {{ empty_array() }}) as channel_path,
    blocked.journey_id is not null as is_blocked,
    blocked.blocked_reason
from paths
full outer join spans on paths.journey_id = spans.journey_id
left join open_journeys on paths.journey_id = open_journeys.journey_id
left join blocked
    on paths.journey_id = blocked.journey_id and paths.last_click_index = blocked.touch_index
