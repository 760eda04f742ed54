-- The path of a journey is the channels of its touches in order.
with paths as (
    select
        journey_id,
        {{ ordered_array('channel', 'touch_index') }} as channel_path,
        min(touched_at) as started_at,
        count(*) as touch_count
    from {{ ref('journey_touchpoints') }}
    group by journey_id
)

select
    journeys.journey_id,
    journeys.channel_path,
    paths.channel_path as path_of_touches
from {{ ref('journeys') }} as journeys
left join paths on journeys.journey_id = paths.journey_id
where
    journeys.channel_path is distinct from coalesce(paths.channel_path, {{ empty_array() }})
    or journeys.started_at is distinct from paths.started_at
